import type {Failure} from '../failure.ts';
import type {OperationKind, Progress} from './model.ts';

export type Step = Extract<Progress, {type: 'step'}> & {readonly startedAt: number};
export type Output = Extract<Progress, {type: 'output'}>;

/** An `up`, `down`, ... under way or just ended. */
export interface Operation {
	readonly kind: OperationKind;
	/** All when empty. */
	readonly services: readonly string[];
	readonly startedAt: number;
	readonly endedAt?: number;
	readonly failure?: Failure;
	readonly cancelled?: boolean;
	/** In the order in which they began. */
	readonly steps: ReadonlyMap<string, Step>;
	/** The last lines of output, the newest last. */
	readonly output: readonly Output[];
}

const outputKept = 200;

export function beginOperation(kind: OperationKind, services: readonly string[], at: number): Operation {
	return {kind, services, startedAt: at, steps: new Map(), output: []};
}

export function withProgress(operation: Operation, progress: Progress): Operation {
	if (progress.type === 'output') {
		return {...operation, output: [...operation.output.slice(1 - outputKept), progress]};
	}

	const startedAt = operation.steps.get(progress.id)?.startedAt ?? progress.at;
	return {...operation, steps: new Map(operation.steps).set(progress.id, {...progress, startedAt})};
}

export function isUnderWay(operation: Operation | undefined): operation is Operation {
	return operation !== undefined && operation.endedAt === undefined;
}

/** How an operation is called while it works, and once it is done. */
export const operationWords: Readonly<Record<OperationKind, {doing: string; done: string}>> = {
	up: {doing: 'starting', done: 'started'},
	down: {doing: 'taking down', done: 'taken down'},
	restart: {doing: 'restarting', done: 'restarted'},
	stop: {doing: 'stopping', done: 'stopped'},
	start: {doing: 'starting', done: 'started'},
};

/** Bytes pulled so far and in all, over the layers of one image or of all. */
export function pullProgress(
	operation: Operation,
	image?: string,
): {readonly current: number; readonly total: number} {
	let current = 0;
	let total = 0;
	for (const step of operation.steps.values()) {
		if (step.kind === 'layer' && (image === undefined || step.parent === image)) {
			current += step.current ?? 0;
			total += step.total ?? 0;
		}
	}

	return {current, total};
}
