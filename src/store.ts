import type {Failure} from './failure.ts';
import type {KeyFacts} from './keys.ts';
import type {LogBook} from './logs/book.ts';
import type {
	EngineChoice,
	EngineInfo,
	OperationKind,
	Progress,
	Sample,
	Stack,
	StackEvent,
	TrackingHealth,
} from './stack/model.ts';
import {beginOperation, isUnderWay, withProgress, type Operation} from './stack/operation.ts';
import {addSample, type History} from './stack/samples.ts';
import type {Card} from './stack/diagnosis/card.ts';
import {cards} from './stack/diagnosis/cards.ts';
import {cardOffers} from './stack/diagnosis/mends.ts';
import {update as updateDiagnosis} from './stack/diagnosis/diagnosis.ts';
import {endInput, probeInputs, servicesInput} from './stack/diagnosis/inputs.ts';
import {initialDiagnosis, type Diagnosis} from './stack/diagnosis/state.ts';
import type {Line, StackInput} from './stack/startup/input.ts';
import {initialTimeline, type Timeline} from './stack/startup/start.ts';
import {update as updateTimeline} from './stack/startup/timeline.ts';
import {initialState, serviceViews, update, type StackState} from './stack/state.ts';
import {trackingUrl} from './stack/status.ts';
import {initialView, type View} from './screen/view.ts';
import {selector} from './selector.ts';

/** A sentence that the user should read now; the next key press takes it away. */
export interface Notice {
	readonly level: 'info' | 'warning' | 'error';
	readonly text: string;
	/** Further lines: what to do. */
	readonly more: readonly string[];
	/** It is why an operation failed: a card on the same screen says more, and takes its place. */
	readonly ofOperation?: true;
}

/** Everything the screen is drawn from, but for the log lines, which the book holds. */
export interface AppState {
	readonly stack?: Stack;
	/** The stack cannot be known: the compose file is missing or broken. */
	readonly stackFailure?: Failure;
	readonly engine?: EngineInfo;
	/** Why that engine, and what else there is. */
	readonly choice?: EngineChoice;
	/** No engine answers, and none has since the start. */
	readonly noEngine?: {readonly failure: Failure; readonly tries: number};
	readonly containers: StackState;
	/** By container id. */
	readonly samples: ReadonlyMap<string, History>;
	readonly tracking?: TrackingHealth;
	readonly operation?: Operation;
	/** The start under way, or the last one, whoever began it. */
	readonly timeline: Timeline;
	/** What is wrong, as far as events, log lines and answers tell. */
	readonly diagnosis: Diagnosis;
	readonly notice?: Notice;
	readonly view: View;
	/** Moves when the log that is shown has changed. */
	readonly logVersion: number;
	/** Milliseconds since 1970 as the screen shows it: moves when a shown duration changes, not with the clock. */
	readonly now: number;
}

export type AppEvent =
	/** `ranBefore`: before this time, ms since 1970, a start of it was seen to succeed. */
	| {readonly type: 'stack'; readonly stack: Stack; readonly ranBefore?: number}
	| {readonly type: 'stack-failed'; readonly failure: Failure}
	/** An engine was opened: nothing is known of what it runs. */
	| {readonly type: 'engine-opened'; readonly choice: EngineChoice | undefined}
	| {readonly type: 'engine'; readonly info: EngineInfo}
	| {readonly type: 'no-engine'; readonly failure: Failure}
	| {readonly type: 'engine-event'; readonly event: StackEvent}
	| {readonly type: 'samples'; readonly samples: ReadonlyMap<string, Sample>}
	| {readonly type: 'samples-hidden'}
	| {readonly type: 'tracking'; readonly health: TrackingHealth | undefined}
	| {
			readonly type: 'operation-began';
			readonly kind: OperationKind;
			readonly services: readonly string[];
			readonly at: number;
	  }
	| {readonly type: 'progress'; readonly progress: readonly Progress[]}
	| {
			readonly type: 'operation-ended';
			readonly at: number;
			readonly failure?: Failure;
			readonly cancelled?: boolean;
	  }
	/** Who has a port that an operation was refused; see Engine.portOwner. */
	| {readonly type: 'port-owner'; readonly port: number; readonly owner: string; readonly free?: number}
	| {readonly type: 'notice'; readonly notice: Notice | undefined}
	| {readonly type: 'view'; readonly view: View}
	/** Log lines for timeline and diagnosis: all of the database and the tracking server, errors of other services. */
	| {readonly type: 'lines'; readonly lines: readonly Line[]}
	| {readonly type: 'logs'}
	| {readonly type: 'tick'; readonly now: number};

/** The state after an event; the same object when the event changes nothing that could be drawn. */
export function reduce(before: AppState, event: AppEvent): AppState {
	const inputs = inputsOf(before, event);
	const timeline = inputs.reduce(updateTimeline, before.timeline);
	const diagnosis = inputs.reduce(updateDiagnosis, before.diagnosis);
	const isTold = timeline === before.timeline && diagnosis === before.diagnosis;
	const state = isTold ? before : {...before, timeline, diagnosis};
	switch (event.type) {
		case 'stack': {
			const {stackFailure, ...rest} = state;
			return withSelection({...rest, stack: event.stack});
		}

		case 'stack-failed': {
			return {...state, stackFailure: event.failure};
		}

		case 'engine-opened': {
			const {view, logVersion, now} = state;
			return {...nothingKnown, view, logVersion, now, ...(event.choice && {choice: event.choice})};
		}

		case 'engine': {
			const {noEngine, ...rest} = state;
			return {...rest, engine: event.info};
		}

		case 'no-engine': {
			// What was seen once stays on the screen: the header says that the engine is away.
			return state.containers.known
				? state
				: {
						...state,
						noEngine: {failure: event.failure, tries: (state.noEngine?.tries ?? 0) + 1},
					};
		}

		case 'engine-event': {
			const containers = update(state.containers, event.event);
			if (containers === state.containers) {
				return state;
			}

			const {noEngine, ...rest} = state;
			const answered = event.event.type !== 'disconnected';
			return withSelection({
				...rest,
				...(noEngine && !answered && {noEngine}),
				containers,
				now: Math.max(state.now, event.event.at),
			});
		}

		case 'samples': {
			const samples = new Map(state.samples);
			for (const [id, sample] of event.samples) {
				samples.set(id, addSample(samples.get(id), sample));
			}

			return {...state, samples};
		}

		case 'samples-hidden': {
			return state.samples.size === 0 ? state : {...state, samples: new Map()};
		}

		case 'tracking': {
			const {tracking, ...rest} = state;
			if (!event.health) {
				return tracking ? rest : state;
			}

			return tracking && saysTheSame(tracking, event.health) ? state : {...rest, tracking: event.health};
		}

		case 'operation-began': {
			const {notice, ...rest} = state;
			return {...rest, operation: beginOperation(event.kind, event.services, event.at), now: event.at};
		}

		case 'progress': {
			if (!isUnderWay(state.operation)) {
				return state;
			}

			const operation = event.progress.reduce(withProgress, state.operation);
			return {...state, operation, now: event.progress.at(-1)?.at ?? state.now};
		}

		case 'operation-ended': {
			if (!isUnderWay(state.operation)) {
				return state;
			}

			const {failure, cancelled} = event;
			return {
				...state,
				operation: {
					...state.operation,
					endedAt: event.at,
					...(failure && {failure}),
					...(cancelled && {cancelled}),
				},
			};
		}

		case 'notice': {
			const {notice, ...rest} = state;
			if (!event.notice) {
				return notice ? rest : state;
			}

			return {...rest, notice: event.notice};
		}

		case 'view': {
			return event.view === state.view ? state : {...state, view: event.view};
		}

		case 'port-owner':
		case 'lines': {
			return state;
		}

		case 'logs': {
			return {...state, logVersion: state.logVersion + 1};
		}

		case 'tick': {
			return {...state, now: event.now};
		}
	}
}

/** What timeline and diagnosis learn from an event. */
function inputsOf({stack, containers, operation}: AppState, event: AppEvent): readonly StackInput[] {
	switch (event.type) {
		case 'stack': {
			return [servicesInput(event.stack, event.ranBefore)];
		}

		case 'engine-event': {
			return [{type: 'event', event: event.event}];
		}

		case 'operation-began': {
			return [{type: 'begin', at: event.at, operation: event.kind, services: event.services}];
		}

		case 'progress': {
			return event.progress.map((progress) => ({type: 'progress', progress}));
		}

		case 'operation-ended': {
			const failure = event.cancelled ? 'cancelled' : event.failure;
			return operation ? [endInput(operation.kind, event.at, failure)] : [];
		}

		case 'tracking': {
			return probeInputs(serviceViews(stack, containers), event.health);
		}

		case 'port-owner': {
			return [{...event, type: 'port'}];
		}

		case 'lines': {
			return event.lines.map((line) => ({type: 'line', line}));
		}

		case 'tick': {
			return [{type: 'time', at: event.now}];
		}

		default: {
			return [];
		}
	}
}

function saysTheSame(a: TrackingHealth, b: TrackingHealth): boolean {
	return a.url === b.url && a.answers === b.answers && a.works === b.works && a.word === b.word;
}

/** The first service is selected until the user selects another; a selection that vanished moves to the first, and a
 * log beside goes when one of the two vanished.
 */
function withSelection(state: AppState): AppState {
	const names = serviceViews(state.stack, state.containers).map(({name}) => name);
	const {selected, beside, ...view} = state.view;
	const isThere = (name = '') => names.includes(name);
	if (isThere(selected) && (!beside || isThere(beside.selected))) {
		return state;
	}

	const next = isThere(selected) ? selected : names[0];
	return {...state, view: next === undefined ? view : {...view, selected: next}};
}

/** What is known of a stack before its engine has said anything. */
const nothingKnown: Omit<AppState, 'view' | 'logVersion' | 'now'> = {
	containers: initialState,
	samples: new Map(),
	timeline: initialTimeline,
	diagnosis: initialDiagnosis,
};

/** The one observable store between the engine and the screen. */
export class Store {
	readonly book: LogBook;
	#state: AppState;
	readonly #listeners = new Set<() => void>();

	constructor(book: LogBook, view: Partial<View> = {}, now = Date.now()) {
		this.book = book;
		this.#state = {
			...nothingKnown,
			view: {...initialView, ...view},
			logVersion: 0,
			now,
		};
	}

	readonly getState = (): AppState => this.#state;

	readonly subscribe = (listener: () => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};

	/** Applies an event and tells the listeners, once, when it changed anything. */
	readonly dispatch = (event: AppEvent): void => {
		const state = reduce(this.#state, event);
		if (state === this.#state) {
			return;
		}

		this.#state = state;
		for (const listener of this.#listeners) {
			listener();
		}
	};
}

/** The service table's rows. */
export const selectServices = selector(({stack, containers}: AppState) => [stack, containers], serviceViews);

/** The address at which the tracking server is published, as a browser here opens it. */
export function selectAddress(state: AppState): string | undefined {
	const service = selectServices(state).find(({role}) => role === 'tracking');
	return service && trackingUrl(service, state.engine?.host);
}

/** What is wrong now, the most important first. */
export const selectCards = selector(({diagnosis}: AppState) => [diagnosis], cards);

/** The card that is explained, or else the first one on the screen. */
export function selectCard(state: AppState): Card | undefined {
	const {dialog} = state.view;
	const all = selectCards(state);
	return dialog?.kind === 'explain' ? all.find(({id}) => id === dialog.card) : all[0];
}

/** What the keys' availability depends on, read off the state. */
export const selectKeyFacts = selector(
	(state: AppState) => [
		selectServices(state),
		selectAddress(state),
		selectCard(state),
		!state.noEngine && !state.containers.away,
		state.stack !== undefined && state.stack.origin !== 'project',
		state.view.selected,
		state.view.columns,
		state.view.beside !== undefined,
		isUnderWay(state.operation) ? state.operation.kind : undefined,
		state.choice?.other,
	],
	(
		services,
		address,
		card,
		connected,
		hasFiles,
		selectedName,
		columns,
		isSplit,
		operation,
		otherEngine,
	): KeyFacts => {
		const containers = services.flatMap((service) => service.containers);
		const selected = services.find(({name}) => name === selectedName);
		return {
			connected,
			hasFiles,
			containers: containers.length,
			services: services.length,
			columns,
			isSplit,
			running: containers.filter(({status}) => status === 'running').length,
			tracks: containers.some(({role, status}) => role === 'tracking' && status === 'running'),
			...(operation && {operation}),
			...(selected && {
				selected: {
					name: selected.name,
					exists: selected.containers.length > 0,
					running: selected.containers.some(({status}) => status === 'running' || status === 'restarting'),
				},
			}),
			...(address !== undefined && {address}),
			...(card && {card: cardOffers(card)}),
			...(otherEngine && {otherEngine}),
		};
	},
);
