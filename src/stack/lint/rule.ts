import type {ComposeConfig, ComposeService} from '../compose-config.ts';
import {textAt, keysAt, nodeAt, type Path, type Place, type Source} from './source.ts';
import {isSeq} from 'yaml';

/** `error`: the stack does not work, or not as the file says. `warning`: it can fail or be misused. `advice`: better so. */
export type LintSeverity = 'error' | 'warning' | 'advice';

/** Something in a compose file that is wrong, or could be better. */
export interface LintFinding {
	/** A stable word: `password-number`. */
	readonly rule: string;
	readonly severity: LintSeverity;
	readonly place: Place;
	/** The service that it is about; empty for the file. */
	readonly service: string;
	/** One sentence on what is wrong, without a full stop. No secrets. */
	readonly what: string;
	/** What comes of it, or why it is so. */
	readonly reason: string;
	/** What to do. */
	readonly fix: string;
	/** `fix` can do it. */
	readonly fixable: boolean;
	/** Where it stands in the tree of the file. */
	readonly path: Path;
}

/** What a file is checked with. */
export interface LintInput {
	/** How the file is called in places: a path. */
	readonly file: string;
	/** Its text. */
	readonly source: string;
	/** What `docker compose config --format json` says of it, parsed. */
	readonly config: unknown;
	/** The engine's version, if one answers: `28.5.2`. */
	readonly engineVersion?: string;
	/** Milliseconds since 1970, to tell which images are past their end of life. */
	readonly now: number;
}

/** What a rule looks at. */
export interface LintContext {
	readonly source: Source;
	readonly config: ComposeConfig;
	readonly databases: readonly ComposeService[];
	readonly trackings: readonly ComposeService[];
	readonly engineVersion: string | undefined;
	readonly now: number;
}

/** What a rule finds; the rest of a finding comes from the rule. */
export interface Hit {
	readonly path: Path;
	readonly service?: string;
	/** When it differs from the rule's. */
	readonly severity?: LintSeverity;
	readonly what?: string;
	readonly reason?: string;
	readonly fix?: string;
	/** `false` when the rule's mend is not safe here. */
	readonly fixable?: boolean;
}

export interface LintRule {
	readonly id: string;
	readonly severity: LintSeverity;
	readonly what: string;
	readonly reason: string;
	readonly fix: string;
	readonly check: (context: LintContext) => readonly Hit[];
	/**
	 * Mends one finding: the new text, and what there is to say about it. The text may have been mended before, the context
	 * is that of the file as it was. Undefined when it cannot be done any more.
	 */
	readonly mend?: (text: string, finding: LintFinding, context: LintContext) => Mended | undefined;
}

export interface Mended {
	readonly text: string;
	/** What was done, one sentence without a full stop; empty when another mend has done it. */
	readonly change: string;
	/** What it means for data that exists, or for people who use the stack; one sentence. */
	readonly caution?: string;
}

export const servicePath = (service: string, ...rest: Path): Path => ['services', service, ...rest];

/** Where a variable of a service stands: in a map, or in a list of `NAME=value`. */
export function environmentPath(source: Source, service: string, name: string): Path | undefined {
	const path = servicePath(service, 'environment');
	const list = nodeAt(source, path);
	if (isSeq(list)) {
		const index = list.items.findIndex((_item, at) => textAt(source, [...path, at])?.startsWith(`${name}=`));
		return index === -1 ? undefined : [...path, index];
	}

	return keysAt(source, path).includes(name) ? [...path, name] : undefined;
}

/** The paths of a list's items; none where there is no list. */
export function itemPaths(source: Source, path: Path): readonly Path[] {
	const list = nodeAt(source, path);
	return isSeq(list) ? list.items.map((_item, index) => path.concat(index)) : [];
}

/** The texts of a list of the file; none where there is no list. */
export function itemsAt(source: Source, path: Path): readonly string[] {
	return itemPaths(source, path).map((item) => textAt(source, item) ?? '');
}
