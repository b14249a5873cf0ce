import {actions} from './actions/actions.ts';
import {celebrate} from './actions/celebrate.ts';
import type {Desk} from './actions/desk.ts';
import {pointed} from './actions/pointer.ts';
import {Batch} from './batch.ts';
import {fallbackLine} from './engine/choice.ts';
import type {Engine} from './engine/engine.ts';
import {asFailure, failureLines, type Failure} from './failure.ts';
import {bindingOf, type Action} from './keys.ts';
import {tellPortOwners} from './port-owners.ts';
import {HeldWork} from './held-work.ts';
import {dashboardLayout, selectStatuses} from './screen/dashboard.ts';
import {logPane} from './screen/log-pane.ts';
import {ownPane} from './screen/log-readings.ts';
import {typed} from './screen/log-input.ts';
import type {MouseReport} from './screen/mouse-reports.ts';
import {lastScroll, pageRows} from './screen/page.ts';
import {selectPage} from './screen/pages.ts';
import {isPruneDialog, unboundInPrune} from './screen/prune-dialog.ts';
import {askedAt} from './screen/question.ts';
import {scopeOf} from './screen/scope.ts';
import {nextTimeChange} from './screen/service-table.ts';
import {
	afterEarlyAnswer,
	viewAfter,
	type ConfirmAction,
	type Dialog,
	type View,
	type ViewFacts,
} from './screen/view.ts';
import type {EngineKind, OperationKind, Progress, StackRequest} from './stack/model.ts';
import {isUnderWay, operationWords} from './stack/operation.ts';
import {nextChange} from './stack/diagnosis/cards.ts';
import type {History} from './stack/startup/history.ts';
import type {TimelinePhase} from './stack/startup/start.ts';
import {selectKeyFacts, selectServices, type Notice, type Store} from './store.ts';
import {Streams, type Probe} from './streams.ts';

export interface ControllerOptions {
	readonly store: Store;
	/** Opened while the screen is drawn for the first time. */
	readonly engine: Promise<Engine>;
	/** Opens an engine of another kind. */
	readonly openOther: (kind: EngineKind) => Promise<Engine>;
	readonly request: StackRequest;
	/** Opens a browser; `false` when there is none here. */
	readonly browse: (url: string) => Promise<boolean>;
	readonly probe: Probe;
	/** Puts a text into the clipboard, or as many of its first lines as fit; gives those. */
	readonly copy: (text: string) => Promise<string>;
	/**
	 * Shows a text in the user's pager, which has the terminal until it ends or the signal aborts. Throws a Failure when
	 * there is no such pager.
	 */
	readonly page: (text: Iterable<string>, signal: AbortSignal) => Promise<void>;
	/** Where logs are saved. */
	readonly folder: string;
	/** Draws everything again. */
	readonly redraw: () => void;
	/** What an interrupted restore or upgrade of a project means for its data, a sentence; undefined without one. */
	readonly interruption: (project: string) => Promise<string | undefined>;
	/** How long the starts of a project took. */
	readonly history: {
		readonly load: (project: string) => Promise<History>;
		readonly save: (project: string, history: History) => Promise<void>;
	};
}

/** What answers a question with yes. */
const answers: ReadonlySet<Action> = new Set(['confirm', 'write-fix']);

/** The shortest time between two frames that progress causes, in ms. */
const progressInterval = 100;

/** How long after a guess the compose file is asked after, in ms: the first frame comes first. */
const resolveDelay = 300;

/** Intent to engine, engine to store. It knows the engine's interface only, never which engine it is. */
export class Controller {
	/** Settles when the user leaves. */
	readonly ended: Promise<void>;
	readonly #options: ControllerOptions;
	readonly #store: Store;
	readonly #desk: Desk;
	readonly #abort = new AbortController();
	#opening: Promise<Engine>;
	#engine: Engine | undefined;
	#watching: {readonly project: string; readonly abort: AbortController} | undefined;
	#streams: Streams | undefined;
	#operation: AbortController | undefined;
	readonly #held = new HeldWork();
	#end: () => void = () => {};
	#clock: NodeJS.Timeout | undefined;
	readonly #describing = new Set<Engine>();
	#phase: TimelinePhase = 'idle';

	constructor(options: ControllerOptions) {
		this.#options = options;
		this.#opening = options.engine;
		this.#store = options.store;
		this.#desk = {
			store: options.store,
			options,
			signal: this.#abort.signal,
			engine: () => this.#engine,
			say: (...words) => this.#say(...words),
			ask: (...question) => this.#ask(...question),
			show: (view) => this.#show(view),
			hold: (work) => this.#held.add(work),
			operate: async (...operation) => this.#operate(...operation),
			cancel: () => this.#operation?.abort(),
			retry: () => this.#retry(),
			switchEngine: (kind) => this.#switchEngine(kind),
			leave: () => this.#end(),
			logPane: () => this.#logPane(),
		};
		this.#store.subscribe(() => this.#follow());
		this.ended = new Promise((resolve) => {
			this.#end = resolve;
		});
	}

	/** Finds the stack and watches it. Ends by itself when the stack is watched; what fails is shown. */
	async start(): Promise<void> {
		const {request} = this.#options;
		const {signal} = this.#abort;
		const opening = this.#opening;
		const isLeft = (): boolean => signal.aborted || opening !== this.#opening;
		try {
			const engine = await opening;
			if (isLeft()) {
				return;
			}

			this.#opened(engine);
			const guess = await engine.guess(request);
			if (guess && !isLeft()) {
				this.#store.dispatch({type: 'stack', stack: guess});
				this.#watch(guess.project);
				await new Promise((resolve) => setTimeout(resolve, resolveDelay));
			}

			if (!isLeft()) {
				await this.#resolve();
				await this.#tellInterruption();
			}
		} catch (error) {
			if (!isLeft()) {
				this.#failed(asFailure(error));
			}
		}
	}

	/** Asks what the files say now, and watches that project. What compose warns of is shown. */
	async #resolve(): Promise<void> {
		const {signal} = this.#abort;
		const engine = this.#engine;
		const stack = await engine?.resolve(this.#options.request, signal);
		if (!stack || signal.aborted || engine !== this.#engine) {
			return;
		}

		const {warnings = []} = this.#store.getState().stack ?? {};
		const ranBefore = await this.#ranBefore(stack.project);
		this.#store.dispatch({type: 'stack', stack, ...(ranBefore !== undefined && {ranBefore})});
		this.#watch(stack.project);
		const [first, ...more] = (stack.warnings ?? []).filter((warning) => !warnings.includes(warning));
		if (first !== undefined) {
			this.#say('warning', `compose warns: ${first}`, more);
		}
	}

	/** Now, if a start of the project is remembered; what was said of it before stands. */
	async #ranBefore(project: string): Promise<number | undefined> {
		const starts = await this.#options.history.load(project);
		const {ranBefore} = this.#store.getState().diagnosis;
		return ranBefore ?? (Object.keys(starts).length > 0 ? Date.now() : undefined);
	}

	/** Carries out what a key means where the user is. A key that is blocked now says why. */
	press(key: string): void {
		const state = this.#store.getState();
		const binding = bindingOf(key, scopeOf(state.view, state.noEngine !== undefined));
		const {dialog, input} = state.view;
		if (!binding && input && !dialog) {
			this.#show(typed(state.view, key));
			return;
		}

		if (!binding && isPruneDialog(dialog)) {
			this.#show({...state.view, dialog: unboundInPrune(dialog, key, Date.now())});
			return;
		}

		if (!binding) {
			return;
		}

		const put = dialog && answers.has(binding.action) ? afterEarlyAnswer(dialog, Date.now()) : undefined;
		if (put) {
			this.#show({...state.view, dialog: put});
			return;
		}

		const why = binding.blocked?.(selectKeyFacts(state));
		if (why !== undefined) {
			this.#say('warning', `${binding.shown} (${binding.label}) does nothing now: ${why}`);
			return;
		}

		if (state.notice) {
			this.#store.dispatch({type: 'notice', notice: undefined});
		}

		this.#perform(binding.action);
	}

	/** What the mouse did. */
	point(report: MouseReport): void {
		pointed(this.#desk, report, this.#viewFacts());
	}

	/** A new size of the terminal. */
	resize(columns: number, rows: number): void {
		this.#show({...this.#store.getState().view, columns, rows});
	}

	/** Settles when nothing needs the engine any more; after `close`. */
	async closed(): Promise<void> {
		await this.#held.settled();
	}

	/** Ends every stream, timer and child. What is held is told to end, and the engine closed after it. */
	close(): void {
		this.#abort.abort();
		this.#operation?.abort();
		this.#watching?.abort.abort();
		this.#streams?.stop();
		clearTimeout(this.#clock);
		this.#held.after(() => this.#engine?.close());
		this.#end();
	}

	#perform(action: Action): void {
		const act = actions[action];
		if (act) {
			void act(this.#desk);
		} else {
			this.#show(viewAfter(this.#store.getState().view, action, this.#viewFacts()));
		}
	}

	async #operate(kind: OperationKind, services: readonly string[]): Promise<void> {
		const {stack} = this.#store.getState();
		if (!this.#engine || !stack) {
			return;
		}

		const abort = new AbortController();
		this.#operation = abort;
		this.#store.dispatch({type: 'operation-began', kind, services, at: Date.now()});
		const batch = new Batch<Progress>(progressInterval, (progress) =>
			this.#store.dispatch({type: 'progress', progress}),
		);
		let failure: Failure | undefined;
		try {
			for await (const progress of this.#engine.operate(kind, stack, {services}, abort.signal)) {
				batch.add(progress);
			}
		} catch (error) {
			failure = abort.signal.aborted ? undefined : asFailure(error);
		}

		batch.flush();
		this.#operation = undefined;
		this.#store.dispatch({
			type: 'operation-ended',
			at: Date.now(),
			...(failure && {failure}),
			...(abort.signal.aborted && {cancelled: true}),
		});
		void tellPortOwners(this.#store, this.#engine, this.#abort.signal);
		if (kind === 'up' && stack.origin === 'own') {
			// The first one writes its files, and takes other ports where the usual ones are taken.
			await this.#resolve().catch(() => undefined);
		}

		if (failure) {
			const [text = '', ...more] = failureLines(failure);
			const notice: Notice = {level: 'error', text, more, ofOperation: true};
			this.#store.dispatch({type: 'notice', notice});
		} else if (abort.signal.aborted) {
			this.#say('warning', `\`${kind}\` was cancelled; what it made so far stays`);
		} else if (kind !== 'up') {
			const what = services.length > 0 ? services.join(', ') : stack.project;
			this.#say('info', `${what} ${operationWords[kind].done}`);
		}
	}

	/** From now on this engine is asked; nothing is known of what it runs. */
	#opened(engine: Engine): void {
		if (engine === this.#engine) {
			return;
		}

		this.#engine = engine;
		this.#streams = new Streams(this.#store, engine, this.#options.probe);
		const {choice} = engine;
		this.#store.dispatch({type: 'engine-opened', choice});
		if (choice?.isFallback) {
			this.#say('info', fallbackLine(choice), ['u starts it; E tells why, and what else there is']);
		}
	}

	/** Leaves the engine; what runs there goes on running. */
	#switchEngine(kind: EngineKind): void {
		const left = this.#engine;
		this.#watching?.abort.abort();
		this.#watching = undefined;
		this.#streams?.stop();
		this.#streams = undefined;
		this.#store.book.clear();
		this.#opening = this.#options.openOther(kind);
		left?.close();
		void this.start();
	}

	#retry(): void {
		if (this.#watching) {
			this.#watch(this.#watching.project, true);
		} else {
			void this.start();
		}
	}

	/** Watches a project from now on; the project that was watched before is left. */
	#watch(project: string, again = false): void {
		if (this.#watching?.project === project && !again) {
			return;
		}

		this.#watching?.abort.abort();
		const abort = new AbortController();
		this.#watching = {project, abort};
		void this.#watchLoop(project, abort.signal);
	}

	async #watchLoop(project: string, signal: AbortSignal): Promise<void> {
		if (!this.#engine) {
			return;
		}

		try {
			for await (const event of this.#engine.watch(project, signal)) {
				this.#store.dispatch({type: 'engine-event', event});
				const {containers, engine, noEngine} = this.#store.getState();
				if (event.type === 'disconnected') {
					if (!containers.known) {
						void this.#describe();
					}
				} else if (event.type === 'snapshot' && (!engine || noEngine)) {
					void this.#describe();
				}
			}
		} catch (error) {
			if (!signal.aborted) {
				this.#failed(asFailure(error));
			}
		}
	}

	/** Which data hold after a restore or an upgrade that was interrupted: the first thing to know. */
	async #tellInterruption(): Promise<void> {
		const {stack} = this.#store.getState();
		const text = stack && (await this.#options.interruption(stack.project));
		if (text !== undefined) {
			this.#say('warning', text);
		}
	}

	/** Asks the engine who it is, for the header; or why it does not answer, for the card. */
	async #describe(): Promise<void> {
		const engine = this.#engine;
		if (!engine || this.#describing.has(engine)) {
			return;
		}

		this.#describing.add(engine);
		try {
			const info = await engine.describe(this.#abort.signal);
			if (engine === this.#engine) {
				this.#store.dispatch({type: 'engine', info});
			}
		} catch (error) {
			if (!this.#abort.signal.aborted && engine === this.#engine) {
				this.#failed(asFailure(error));
			}
		} finally {
			this.#describing.delete(engine);
		}
	}

	#failed(failure: Failure): void {
		if (failure.reason === 'noEngine') {
			this.#store.dispatch({type: 'no-engine', failure});
		} else {
			this.#store.dispatch({type: 'stack-failed', failure});
		}
	}

	/** After every change of the state: what is read from the engine follows what is on the screen. */
	#follow(): void {
		const state = this.#store.getState();
		this.#streams?.sync();
		if (this.#phase === 'starting' && state.timeline.phase === 'ready') {
			void celebrate(this.#desk, state);
		}

		this.#phase = state.timeline.phase;
		clearTimeout(this.#clock);
		const now = Math.max(state.now, Date.now());
		const waits = [
			isUnderWay(state.operation) || state.timeline.phase === 'starting' ? 1000 : undefined,
			state.view.timestamps === 'relative' ? 1000 : undefined,
			nextTimeChange(selectStatuses(state), now),
			sinceNow(nextChange(state.diagnosis), now),
		].filter((wait) => wait !== undefined);
		const wait = waits.length === 0 ? undefined : Math.min(...waits);
		if (wait !== undefined && !this.#abort.signal.aborted) {
			this.#clock = setTimeout(() => this.#store.dispatch({type: 'tick', now: Date.now()}), wait + 5);
			this.#clock.unref();
		}
	}

	#ask(action: ConfirmAction, title: string, lines: readonly string[]): void {
		const dialog: Dialog = {kind: 'confirm', action, title, lines, question: askedAt(Date.now())};
		this.#show({...this.#store.getState().view, dialog});
	}

	#say(level: Notice['level'], text: string, more: readonly string[] = []): void {
		this.#store.dispatch({type: 'notice', notice: {level, text, more}});
	}

	#show(view: View): void {
		this.#store.dispatch({type: 'view', view});
	}

	#viewFacts(): ViewFacts {
		const {services, rows, pane} = this.#logPane();
		return {
			services,
			scrolled: (view, by) => this.#store.book.scrolled(view, pane(view), by),
			moved: (view, by) => this.#store.book.moved(view, pane(view), by),
			jumped: (view, to) => this.#store.book.jumped(view, pane(view), to),
			page: rows,
			dialog: this.#page(),
		};
	}

	/** How the page that a dialog shows is scrolled. */
	#page(): ViewFacts['dialog'] {
		const state = this.#store.getState();
		const page = selectPage(state);
		return page && {rows: pageRows(state.view, page), last: lastScroll(state.view, page)};
	}

	/** The log pane as it is on the screen now. */
	#logPane() {
		const state = this.#store.getState();
		const services = selectServices(state);
		const {log: rows, borders} = dashboardLayout(state);
		return {
			services: services.map(({name}) => name),
			rows,
			pane: (view: View) => logPane(ownPane(view), services, rows, borders),
		};
	}
}

/** Milliseconds until a moment; 0 when it has passed. */
function sinceNow(moment: number | undefined, now: number): number | undefined {
	return moment === undefined ? undefined : Math.max(0, moment - now);
}
