import type {StackEvent} from '../../stack/model.ts';
import {arrayIn, isRecord, numberIn, stringIn} from '../json.ts';
import {parseContainer, parseSpec, type ServiceSpec} from './state-file.ts';

/**
 * What goes over the supervisor's unix socket: one JSON object a line. A client sends requests, each with a number that
 * the reply repeats; a client that asked to `watch` gets events, too.
 */
export type Request =
	| {readonly id: number; readonly do: 'watch'}
	/** Replied to at once; how it goes, the events tell. */
	| {readonly id: number; readonly do: 'start'; readonly specs: readonly ServiceSpec[]}
	/** Replied to when the processes have ended. `remove`: as if the services had never been started. */
	| {
			readonly id: number;
			readonly do: 'stop' | 'remove' | 'restart';
			readonly services: readonly string[];
	  };

export type Reply = {readonly id: number; readonly error?: string};

const actions = ['watch', 'start', 'stop', 'remove', 'restart'] as const;

export function parseRequest(line: string): Request | undefined {
	const value = parseLine(line);
	const id = numberIn(value, 'id');
	const action = actions.find((known) => known === stringIn(value, 'do'));
	if (id === undefined || action === undefined) {
		return undefined;
	}

	switch (action) {
		case 'watch': {
			return {id, do: action};
		}

		case 'start': {
			return {id, do: action, specs: arrayIn(value, 'specs').flatMap((spec) => parseSpec(spec) ?? [])};
		}

		case 'stop':
		case 'remove':
		case 'restart': {
			const services = arrayIn(value, 'services').filter((name) => typeof name === 'string');
			return {id, do: action, services};
		}
	}
}

/** What a client reads: a reply, or an event. */
export function parseAnswer(line: string): Reply | StackEvent | undefined {
	const value = parseLine(line);
	const id = numberIn(value, 'id');
	if (id !== undefined) {
		const error = stringIn(value, 'error');
		return error === undefined ? {id} : {id, error};
	}

	const at = numberIn(value, 'at') ?? 0;
	switch (stringIn(value, 'type')) {
		case 'snapshot': {
			const containers = arrayIn(value, 'containers').flatMap((one) => parseContainer(one) ?? []);
			return {type: 'snapshot', at, containers};
		}

		case 'container': {
			const container = isRecord(value) ? parseContainer(value['container']) : undefined;
			return container && {type: 'container', at, container};
		}

		case 'removed': {
			return {type: 'removed', at, id: stringIn(value, 'id') ?? ''};
		}

		default: {
			return undefined;
		}
	}
}

function parseLine(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
}

/** Splits what a socket brings into lines. */
export function lineSplitter(onLine: (line: string) => void): (chunk: string) => void {
	let rest = '';
	return (chunk) => {
		const lines = (rest + chunk).split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines) {
			onLine(line);
		}
	};
}
