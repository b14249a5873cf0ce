import {
	isAlias,
	isMap,
	isNode,
	isPair,
	isScalar,
	LineCounter,
	parseDocument,
	type Document,
	type Node,
	type YAMLMap,
} from 'yaml';

/** A key, or the number of an item, for each step down from the top of a file. */
export type Path = readonly (string | number)[];

/** Where something stands in a file; lines and columns count from 1. */
export interface Place {
	readonly file: string;
	readonly line: number;
	readonly column: number;
}

/** A compose file as text and as a tree that knows where its nodes stand in the text. */
export interface Source {
	readonly file: string;
	readonly text: string;
	readonly document: Document;
	readonly lines: LineCounter;
}

export function parseSource(text: string, file = 'compose.yaml'): Source {
	const lines = new LineCounter();
	// Compose merges `<<` (YAML 1.1), and has tags of its own (`!reset`), of which the parser only warns.
	const document = parseDocument(text, {lineCounter: lines, merge: true, logLevel: 'silent'});
	return {file, text, document, lines};
}

/** The node at a path; what an alias stands for, if one stands there. Undefined where the file has none. */
export function nodeAt({document}: Source, path: Path): Node | undefined {
	const found = document.getIn(path, true);
	if (isAlias(found)) {
		return found.resolve(document);
	}

	return isNode(found) ? found : undefined;
}

export function mapAt(source: Source, path: Path): YAMLMap | undefined {
	const node = path.length === 0 ? source.document.contents : nodeAt(source, path);
	return isMap(node) ? node : undefined;
}

/** The pair whose value stands at a path. */
export function pairAt(source: Source, path: Path) {
	const key = path.at(-1);
	const pair = mapAt(source, path.slice(0, -1))?.items.find(
		(item) => isScalar(item.key) && item.key.value === key,
	);
	return isPair(pair) ? pair : undefined;
}

/** A plain text, or a number as it is written; undefined for anything else. */
export function textAt(source: Source, path: Path): string | undefined {
	const node = nodeAt(source, path);
	if (!isScalar(node) || node.value === null) {
		return undefined;
	}

	return typeof node.value === 'string' ? node.value : node.source;
}

/** The keys of a map in their order; none where there is no map. */
export function keysAt(source: Source, path: Path): readonly string[] {
	return (mapAt(source, path)?.items ?? []).flatMap(({key}) =>
		isScalar(key) && typeof key.value === 'string' ? [key.value] : [],
	);
}

/** Where a key stands, or an item, or the nearest thing above it that the file has. */
export function placeOf(source: Source, path: Path): Place {
	for (let length = path.length; length > 0; length--) {
		const part = path.slice(0, length);
		const key = pairAt(source, part)?.key;
		const node = isNode(key) ? key : nodeAt(source, part);
		if (node?.range) {
			const {line, col} = source.lines.linePos(node.range[0]);
			return {file: source.file, line, column: col};
		}
	}

	return {file: source.file, line: 1, column: 1};
}
