import type {Desk} from './desk.ts';
import {switchEngine} from './engine.ts';
import {migrate} from './migrate.ts';
import {isUnderWay} from '../stack/operation.ts';
import {selectAddress, selectKeyFacts, selectServices} from '../store.ts';

/** Restarts the selected service. */
export function restart(desk: Desk): void {
	const {selected} = selectKeyFacts(desk.store.getState());
	void desk.operate('restart', selected ? [selected.name] : []);
}

/** Stops the selected service when it runs, starts it when it does not. */
export function stopOrStart(desk: Desk): void {
	const {selected} = selectKeyFacts(desk.store.getState());
	void desk.operate(selected?.running ? 'stop' : 'start', selected ? [selected.name] : []);
}

/** Asks before the project's containers are removed. */
export function down(desk: Desk): void {
	const state = desk.store.getState();
	desk.ask('down', `Take ${state.stack?.project ?? 'the project'} down?`, [
		'The containers are stopped and removed:',
		`  ${selectServices(state)
			.flatMap(({containers}) => containers.map(({name}) => name))
			.join(', ')}`,
		'Volumes are kept: every run, metric and artifact is there again after the next `up`.',
	]);
}

/** Leaves; asks first when that would cancel an operation. */
export function quit(desk: Desk): void {
	const {operation} = desk.store.getState();
	if (isUnderWay(operation)) {
		desk.ask('quit', `Leave while \`${operation.kind}\` is at work?`, [
			`\`${operation.kind}\` is cancelled; what it made so far stays.`,
		]);
	} else {
		desk.leave();
	}
}

/** What `y` means: the question closes, and what it asked about is done. */
export function confirm(desk: Desk): void {
	const {dialog, ...view} = desk.store.getState().view;
	desk.show(view);
	if (dialog?.kind === 'confirm' && dialog.action === 'quit') {
		desk.leave();
	} else if (dialog?.kind === 'confirm' && dialog.action === 'switch-engine') {
		switchEngine(desk);
	} else if (dialog?.kind === 'confirm' && dialog.action === 'migrate') {
		void migrate(desk);
	} else if (dialog?.kind === 'confirm') {
		void desk.operate('down', []);
	}
}

/** Opens MLflow in a browser, if it answers. */
export async function open({store, options, signal, say}: Desk): Promise<void> {
	const url = selectAddress(store.getState());
	if (url === undefined) {
		return;
	}

	const health = await options.probe(url, signal);
	if (!health.answers) {
		say('warning', `${url}: nothing to open yet, ${health.word}`, health.why ? [health.why] : []);
		return;
	}

	const opened = await options.browse(url);
	say('info', opened ? `opened ${url}` : `open ${url} in a browser; there is none on this machine`);
}
