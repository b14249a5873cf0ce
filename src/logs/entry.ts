import type {LogLine} from '../stack/model.ts';
import type {LineClass} from './records.ts';

/** The name of a container's log: the service's, and the container's number within it from the second on. */
export function logName(service: string, number: number): string {
	return number === 1 ? service : `${service} ${number}`;
}

/** A line of a container's log, clean and classified, as a buffer holds it. */
export interface LogEntry extends LogLine, LineClass {
	/** Clean (clean.ts). The line as it came is not kept, so that nothing else can reach the screen. */
	readonly text: string;
	/** The text without its colours: what is searched. */
	readonly plain: string;
	readonly service: string;
	/** The name of the log it is a line of (`logName`). */
	readonly log: string;
	/** Its number in that log. */
	readonly index: number;
	/**
	 * Microseconds since 1970, never less than that of the line before it in the log: its place among the lines of other
	 * logs. The lines of a record stand together at the place of the first.
	 */
	readonly order: number;
	/** A line of mlstack's own: the container stopped, or started again. */
	readonly rule: boolean;
	/** Whether it is this line, as it was classified: one that was dropped and read again is another. */
	isSame(other: LogEntry | undefined): boolean;
}
