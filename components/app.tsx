import {Box, useInput, usePaste} from 'ink';
import {useSyncExternalStore} from 'react';
import {scopeOf} from '../src/screen/scope.ts';
import {activityLines, dashboardLayout, selectStarts, selectStatuses} from '../src/screen/dashboard.ts';
import {selectPage} from '../src/screen/pages.ts';
import {isPruneDialog, type PruneDialog} from '../src/screen/prune-dialog.ts';
import {confirmWords, resultWords, typingWords, workWords} from '../src/screen/prune-question-lines.ts';
import {isUnderWay} from '../src/stack/operation.ts';
import {selectKeyFacts, selectServices, type AppState, type Store} from '../src/store.ts';
import {Activity} from './activity.tsx';
import {Confirm} from './confirm.tsx';
import {Footer} from './footer.tsx';
import {Header} from './header.tsx';
import {Help} from './help.tsx';
import {keyNames} from './keyboard.ts';
import {Logs} from './logs.tsx';
import {NoEngine} from './no-engine.tsx';
import {Page} from './page.tsx';
import {Prune} from './prune.tsx';
import {Services} from './services.tsx';
import {useTheme} from './theme.ts';
import {Verify} from './verify.tsx';
import {Words} from './words.tsx';

interface AppProperties {
	readonly store: Store;
	/** What a key does: the controller's business. */
	readonly onKey: (key: string) => void;
	/** The user's home folder, which paths are shown without. */
	readonly home: string;
}

/** The whole screen, drawn from the store's state; exactly as large as the terminal. */
export function App({store, onKey, home}: AppProperties) {
	const state = useSyncExternalStore(store.subscribe, store.getState);
	useInput((input, key) => {
		for (const name of keyNames(input, key)) {
			onKey(name);
		}
	});
	// Bracketed paste is asked for and swallowed: what is pasted by mistake must never press a key.
	usePaste(() => {});
	const {columns, rows, dialog} = state.view;
	const page = selectPage(state);
	return (
		<Box flexDirection="column" width={columns} height={rows}>
			{isPruneDialog(dialog) && dialog.kind !== 'prune-done' ? (
				<PruneScreen dialog={dialog} state={state} />
			) : state.noEngine ? (
				<Machine state={state} home={home} />
			) : (
				<Dashboard state={state} store={store} home={home} />
			)}
			{dialog?.kind === 'help' && <Help columns={columns} rows={rows} scroll={dialog.scroll} />}
			{page && dialog && 'scroll' in dialog && <Page page={page} view={state.view} scroll={dialog.scroll} />}
			{dialog?.kind === 'verify' && <Verify dialog={dialog} columns={columns} rows={rows} />}
			{dialog?.kind === 'confirm' && <Confirm asked={dialog} columns={columns} rows={rows} />}
			{dialog?.kind === 'work' && (
				<Words words={(room) => workWords(dialog, room)} columns={columns} rows={rows} />
			)}
			{dialog?.kind === 'prune-done' && (
				<Words words={(room) => resultWords(dialog, room)} columns={columns} rows={rows} />
			)}
		</Box>
	);
}

function PruneScreen({
	dialog,
	state,
}: {
	readonly dialog: Exclude<PruneDialog, {kind: 'prune-done'}>;
	readonly state: AppState;
}) {
	const {columns, rows} = state.view;
	return (
		<>
			<Prune
				selection={dialog.selection}
				hint={dialog.kind === 'prune' ? dialog.hint : undefined}
				columns={columns}
				rows={rows}
			/>
			<Footer scope={dialog.kind} facts={selectKeyFacts(state)} columns={columns} />
			{dialog.kind === 'prune-confirm' && (
				<Words words={(room) => confirmWords(dialog, room)} columns={columns} rows={rows} />
			)}
			{dialog.kind === 'prune-type' && (
				<Words words={(room) => typingWords(dialog, room)} columns={columns} rows={rows} />
			)}
		</>
	);
}

function Dashboard({
	state,
	store,
	home,
}: {
	readonly state: AppState;
	readonly store: Store;
	readonly home: string;
}) {
	const {glyphs} = useTheme();
	const {view, stack, engine, choice, containers, samples} = state;
	const layout = dashboardLayout(state);
	const statuses = selectStatuses(state);
	const facts = selectKeyFacts(state);
	return (
		<>
			<Header
				stack={stack}
				engine={engine}
				why={choice?.isFallback && choice.why}
				away={containers.away?.why}
				running={
					statuses.filter(({containers}) => containers.some(({status}) => status === 'running')).length
				}
				total={statuses.length}
				home={home}
				columns={view.columns}
			/>
			<Services
				statuses={statuses}
				now={state.now}
				stats={view.stats}
				samples={samples}
				selected={view.selected}
				columns={view.columns}
				rows={layout.services}
				borders={layout.borders}
				focused={view.pane === 'services'}
				message={emptyMessage(state)}
			/>
			<Activity lines={activityLines(state, glyphs.ascii)} rows={layout.activity} columns={view.columns} />
			<Logs
				book={store.book}
				view={view}
				services={selectServices(state)}
				now={state.now}
				startedAt={selectStarts(state)}
				rows={layout.log}
				borders={layout.borders}
				messages={logMessages(state)}
			/>
			{layout.footer > 0 && <Footer scope={scopeOf(view, false)} facts={facts} columns={view.columns} />}
		</>
	);
}

function Machine({state, home}: {readonly state: AppState; readonly home: string}) {
	const {view, noEngine} = state;
	if (!noEngine) {
		return null;
	}

	return (
		<>
			<Header
				stack={state.stack}
				engine={undefined}
				away={noEngine.failure.message}
				running={0}
				total={0}
				home={home}
				columns={view.columns}
			/>
			<NoEngine
				failure={noEngine.failure}
				tries={noEngine.tries}
				columns={view.columns}
				rows={view.rows - 2}
			/>
			<Footer scope={scopeOf(view, true)} facts={selectKeyFacts(state)} columns={view.columns} />
		</>
	);
}

/** In the log's place while there is none: what a build writes, or what would bring one. */
function logMessages({containers, operation}: AppState): readonly string[] {
	if (isUnderWay(operation)) {
		return operation.output.map(({text}) => text);
	}

	return containers.known && containers.containers.size === 0
		? ['no container, so no log; u starts the stack']
		: [];
}

function emptyMessage({stack, stackFailure, containers}: AppState): string {
	if (stackFailure) {
		return stackFailure.message;
	}

	if (!stack) {
		return 'reading the compose file';
	}

	return containers.known ? `the project ${stack.project} has no containers` : 'asking the engine';
}
