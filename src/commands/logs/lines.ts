import {cleanLine, plainText} from '../../logs/clean.ts';
import {isAtLeast, type Level} from '../../logs/levels.ts';
import {classify, type LineClass} from '../../logs/records.ts';
import {mask} from '../../stack/mask.ts';
import type {Container, LogLine} from '../../stack/model.ts';
import {jsonVersion} from '../../stack/status-json.ts';

/** A line of a container's log, with what must be known to merge, filter and print it. */
export interface ContainerLine extends LogLine {
	readonly container: Container;
	/**
	 * Microseconds since 1970: the line's time, or that of the first line of its record, so that a traceback is not torn
	 * apart by another service's lines. It never falls within a container's log.
	 */
	readonly order: number;
	readonly level: Level | undefined;
	/** Masked, clean, with its colours. */
	readonly clean: string;
	/** The same without colours: what is searched. */
	readonly plain: string;
}

/** Prepares the lines of one container, in their order. */
export class ContainerLines {
	readonly #container: Container;
	readonly #last = new Map<LogLine['stream'], LineClass>();
	#order = Number.NEGATIVE_INFINITY;

	constructor(container: Container) {
		this.#container = container;
	}

	prepare(line: LogLine): ContainerLine {
		const text = mask(line.text);
		const clean = cleanLine(text);
		const plain = plainText(clean);
		const lineClass = classify(this.#last.get(line.stream), plain);
		this.#last.set(line.stream, lineClass);
		if (lineClass.start || this.#order === Number.NEGATIVE_INFINITY) {
			this.#order = Math.max(this.#order, line.time);
		}

		const {level} = lineClass;
		return {...line, text, container: this.#container, order: this.#order, level, clean, plain};
	}
}

/** Which lines are wanted; what is absent lets every line through. */
export interface LineFilter {
	readonly level?: Level | undefined;
	readonly pattern?: RegExp | undefined;
}

/** Whether a line passes the filter; a line that goes on with a record has the record's level. */
export function passes({level, plain}: ContainerLine, filter: LineFilter): boolean {
	return (
		(filter.level === undefined || isAtLeast(level, filter.level)) &&
		(filter.pattern === undefined || filter.pattern.test(plain))
	);
}

/** What `mlstack logs --json` prints for a line. */
export interface LogLineJson {
	readonly version: typeof jsonVersion;
	/** The engine's stamp: RFC 3339, UTC, with nanoseconds. */
	readonly time: string;
	readonly service: string;
	/** The container's name. */
	readonly container: string;
	readonly stream: LogLine['stream'];
	/** Absent where the line does not say it. */
	readonly level?: Level;
	/** As the program wrote it, secrets masked. */
	readonly text: string;
}

/** A line as `--json` prints it. */
export function lineJson({stamp, container, stream, level, text}: ContainerLine): LogLineJson {
	return {
		version: jsonVersion,
		time: stamp,
		service: container.service,
		container: container.name,
		stream,
		...(level !== undefined && {level}),
		text,
	};
}
