import {parseStamp} from './stamps.ts';

/**
 * Log files are in Kubernetes' format of container logs: `STAMP stdout|stderr F|P TEXT`, where P is a part of a line
 * whose end was not seen yet (kubernetes/design-proposals-archive, node/kubelet-cri-logging.md).
 */
export interface LogRecord {
	readonly stamp: string;
	readonly stream: 'stdout' | 'stderr';
	/** The text ends its line. */
	readonly full: boolean;
	readonly text: string;
}

/** Bytes of a log file before it is set aside, and how many files are kept in all: as in mlstack's compose file. */
export const logSize = 10 * 1024 * 1024;
export const logFiles = 3;

/** The files of a log, the newest first, whether they exist or not: NAME.log, NAME.log.1, NAME.log.2. */
export function logPaths(folder: string, service: string): readonly string[] {
	return Array.from({length: logFiles}, (_, age) => `${folder}/${service}.log${age === 0 ? '' : `.${age}`}`);
}

const stampLength = '2026-11-24T05:41:12.123456789Z'.length;
/** Characters before a record's text, all of them ASCII. */
export const headLength = stampLength + ' stdout F '.length;

/** A line of a log file; `undefined` for one that is torn. */
export function parseRecord(line: string): LogRecord | undefined {
	const stream = line.slice(stampLength + 1, stampLength + 7);
	const tag = line.slice(stampLength + 7, headLength);
	return line.length >= headLength &&
		(stream === 'stdout' || stream === 'stderr') &&
		(tag === ' F ' || tag === ' P ')
		? {stamp: line.slice(0, stampLength), stream, full: tag === ' F ', text: line.slice(headLength)}
		: undefined;
}

export function recordHead(stamp: string, stream: 'stdout' | 'stderr', full: boolean): string {
	return `${stamp} ${stream} ${full ? 'F' : 'P'} `;
}

/** Microseconds since 1970, with the nanoseconds as far as a double holds them. */
export function stampTime(stamp: string): number {
	const nanoseconds = parseStamp(stamp) ?? 0n;
	return Number(nanoseconds / 1000n) + Number(nanoseconds % 1000n) / 1000;
}
