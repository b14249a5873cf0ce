import type {LogLine} from '../stack/model.ts';
import type {LineClass} from './records.ts';

/** A line of a service's log, clean and classified, as a buffer holds it. */
export interface LogEntry extends LogLine, LineClass {
	/** Clean (clean.ts). The line as it came is not kept, so that nothing else can reach the screen. */
	readonly text: string;
	/** The text without its colours: what is searched. */
	readonly plain: string;
	readonly service: string;
	/** Its number in its service's log. */
	readonly index: number;
	/**
	 * Microseconds since 1970, never less than that of the line before it in the service's log: its place among the lines
	 * of other services. The lines of a record stand together at the place of the first.
	 */
	readonly order: number;
	/** A line of mlstack's own: the container stopped, or started again. */
	readonly rule: boolean;
}
