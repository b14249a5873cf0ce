import {tmpdir} from 'node:os';
import {executable, type Project} from '../support/project.ts';
import {Recorder} from './recorder.ts';

/** One measured value; `undefined` when what was waited for never came. */
export interface Figure {
	readonly name: string;
	readonly value: number | undefined;
	readonly unit: string;
	/** It must not be more than this. */
	readonly bound?: number;
}

export type Measure = (project: Project) => Promise<readonly Figure[]>;

/** The program as it is installed, on the project; closed by the caller. */
export function open({name}: Pick<Project, 'name'>, ...more: readonly string[]): Recorder {
	return new Recorder([process.execPath, executable, 'tui', '-p', name, ...more], {cwd: tmpdir()});
}

/** The value below which `share` of all lie; undefined when there is none. */
export function quantile(values: readonly number[], share: number): number | undefined {
	return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
}

export function median(values: readonly number[]): number | undefined {
	return quantile(values, 0.5);
}

export function difference(later: number | undefined, earlier: number): number | undefined {
	return later === undefined ? undefined : later - earlier;
}
