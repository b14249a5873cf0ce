import type {Progress} from '../model.ts';
import {closed, failStep, finishStep, noteStep, startStep, type Steps} from './lane.ts';
import {hear, phaseOf, type Heard} from './phases.ts';

/** What an operation of mlstack's own has reported: enough to say what pulls and builds are doing. */
export interface Work {
	/** Images that are pulled; `true` once they are there. */
	readonly pulls: Readonly<Record<string, boolean>>;
	/** Layers, in bytes; a layer's size is unknown until it is downloaded. */
	readonly layers: Readonly<Record<string, Layer>>;
	/** Images that are built, in build steps. */
	readonly builds: Readonly<
		Record<string, {readonly current: number; readonly total: number; readonly done: boolean}>
	>;
	/** What the lines of the build said: those of pip or uv. */
	readonly heard: Heard;
	/** When pip or uv began and ended within the build; milliseconds since 1970. */
	readonly install?: {readonly by: string; readonly start: number; readonly end: number};
	/** Where the download stood when its speed was last taken, and that speed in bytes a second. */
	readonly speed?: {readonly at: number; readonly bytes: number; readonly rate: number};
}

interface Layer {
	readonly current: number;
	readonly total: number;
	readonly done: boolean;
}

export const noWork: Work = {pulls: {}, layers: {}, builds: {}, heard: {}};

/** The steps of the stack (pull, build, create) after one report. Returns what it was given when nothing is new. */
export function workOn(steps: Steps, work: Work, progress: Progress): {steps: Steps; work: Work} {
	if (progress.type === 'output') {
		return buildOutput(steps, work, progress.text.trimEnd(), progress.at);
	}

	if (progress.state === 'failed') {
		return {steps: failed(steps, work, progress), work};
	}

	switch (stepOf(work, progress)) {
		case 'pull': {
			return pulled(steps, work, progress);
		}

		case 'build': {
			return progress.kind === 'build' ? built(steps, work, progress) : {steps, work};
		}

		case 'create': {
			return {steps: create(steps, progress), work};
		}

		case undefined: {
			return {steps, work};
		}
	}
}

type StepProgress = Extract<Progress, {type: 'step'}>;

/** Pulls and builds run side by side: one that begins does not end the other. */
function open(steps: Steps, id: 'pull' | 'build', at: number): Steps {
	const created = steps.some((step) => step.id === 'create' && step.state !== 'waiting');
	return created ? steps : startStep(steps, '', id, at, true).map((step) => keptOpen(steps, step));
}

function keptOpen(before: Steps, step: Steps[number]): Steps[number] {
	const was = before.find(({id}) => id === step.id);
	return was?.state === 'working' ? was : step;
}

/** The step that a report belongs to. A build's own steps and layers are reported as parts of it. */
function stepOf(work: Work, {kind, parent}: StepProgress): 'pull' | 'build' | 'create' | undefined {
	if (kind === 'build' || (parent !== undefined && parent in work.builds)) {
		return 'build';
	}

	if (kind === 'pull' || kind === 'layer') {
		return 'pull';
	}

	return kind === 'other' ? undefined : 'create';
}

/** Fails the step that the report belongs to, whatever else is at work. */
function failed(steps: Steps, work: Work, progress: StepProgress): Steps {
	const id = stepOf(work, progress);
	if (id === undefined) {
		return steps;
	}

	const begun = id === 'create' ? startStep(steps, '', id, progress.at) : open(steps, id, progress.at);
	return begun.map((step) =>
		step.id === id && step.state === 'working'
			? (failStep([step], progress.at, progress.status)[0] ?? step)
			: step,
	);
}

/** Ends one of the two, without a word on the other. */
function close(steps: Steps, id: 'pull' | 'build', at: number): Steps {
	return steps.map((step) => (step.id === id ? closed(step, at) : step));
}

function pulled(steps: Steps, work: Work, progress: StepProgress): {steps: Steps; work: Work} {
	const done = progress.state === 'done';
	let next = work;
	if (progress.kind === 'pull') {
		next = {...work, pulls: {...work.pulls, [progress.id]: done}};
	} else {
		const before = work.layers[progress.id] ?? {current: 0, total: 0, done: false};
		// A layer is downloaded, then unpacked; both are counted from nothing, and only the first is the network's.
		const counts = /^Downloading\b/i.test(progress.status);
		const total = counts ? (progress.total ?? before.total) : before.total;
		const arrived =
			done || /^(?:Download complete|Extracting|Verifying|Pull complete)/i.test(progress.status);
		const current = arrived ? total : counts ? (progress.current ?? before.current) : before.current;
		next = {...work, layers: {...work.layers, [progress.id]: {current, total, done}}};
	}

	next = {...next, speed: measured(next, progress.at)};
	const pulls = Object.values(next.pulls);
	const allDone = pulls.length > 0 && pulls.every(Boolean);
	const noted = noteStep(open(steps, 'pull', progress.at), 'pull', pullDetail(next));
	return {steps: allDone ? close(noted, 'pull', progress.at) : noted, work: next};
}

/** The speed over the last two seconds or so, milliseconds apart being too little to tell. */
function measured(work: Work, at: number): NonNullable<Work['speed']> {
	const bytes = arrivedBytes(work);
	const {speed} = work;
	if (!speed) {
		return {at, bytes, rate: 0};
	}

	return at - speed.at < 1000 ? speed : {at, bytes, rate: ((bytes - speed.bytes) / (at - speed.at)) * 1000};
}

function arrivedBytes(work: Work): number {
	return Object.values(work.layers).reduce((sum, layer) => sum + layer.current, 0);
}

function pullDetail(work: Work): string {
	const layers = Object.values(work.layers);
	if (layers.length === 0) {
		return '';
	}

	const total = layers.reduce((sum, layer) => sum + layer.total, 0);
	const done = layers.filter((layer) => layer.done).length;
	const rate = work.speed?.rate ?? 0;
	const parts = [
		total > 0 ? `${megabytes(arrivedBytes(work))} of ${megabytes(total)} MB` : '',
		`${done} of ${layers.length} layers`,
		rate > 0 && done < layers.length ? `${megabytes(rate)} MB/s` : '',
	];
	return parts.filter(Boolean).join(', ');
}

/** Docker counts in powers of ten. */
function megabytes(bytes: number): string {
	const value = bytes / 1e6;
	return value.toFixed(value < 100 ? 1 : 0);
}

function built(steps: Steps, work: Work, progress: StepProgress): {steps: Steps; work: Work} {
	const before = work.builds[progress.id] ?? {current: 0, total: 0, done: false};
	const build = {
		current: progress.current ?? before.current,
		total: progress.total ?? before.total,
		done: progress.state === 'done',
	};
	const next = {...work, builds: {...work.builds, [progress.id]: build}};
	const begun = noteStep(open(steps, 'build', progress.at), 'build', buildDetail(next));
	const allDone = Object.values(next.builds).every(({done}) => done);
	return {steps: allDone ? close(begun, 'build', progress.at) : begun, work: next};
}

function buildOutput(steps: Steps, work: Work, text: string, at: number): {steps: Steps; work: Work} {
	const line = phaseOf('build', text);
	if (!line) {
		return {steps, work};
	}

	const next: Work = {
		...work,
		heard: hear(work.heard, line.phase, line.found),
		install: {by: line.phase.id.split('.', 1)[0] ?? '', start: work.install?.start ?? at, end: at},
	};
	return {
		steps: noteStep(open(steps, 'build', at), 'build', buildDetail(next, line.phase.detail)),
		work: next,
	};
}

function buildDetail(work: Work, install?: (heard: Heard) => string): string {
	let current = 0;
	let total = 0;
	for (const build of Object.values(work.builds)) {
		current += build.current;
		total += build.total;
	}

	return [total > 0 ? `step ${current} of ${total}` : '', install?.(work.heard) ?? '']
		.filter(Boolean)
		.join(', ');
}

/** compose creates every container before it starts the first. */
function create(steps: Steps, {kind, name, status, state, at}: StepProgress): Steps {
	const isCreation =
		kind === 'container' ? /^(?:Creating|Created|Recreat)/i.test(status) : state === 'working';
	if (isCreation) {
		return noteStep(startStep(steps, '', 'create', at), 'create', name);
	}

	return kind === 'container' && /^(?:Start|Running|Waiting|Healthy|Restart)/i.test(status)
		? createdAll(steps, at)
		: steps;
}

/** A container runs: whatever was to be created is. Without a word of creation there was nothing to create. */
export function createdAll(steps: Steps, at: number): Steps {
	const create = steps.find((step) => step.id === 'create');
	if (create?.state === 'working') {
		return finishStep(steps, '', 'create', at);
	}

	return create?.state === 'waiting' ? steps.map((step) => closed(step, at)) : steps;
}
