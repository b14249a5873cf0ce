import {Document, isCollection, isNode, isScalar, isSeq, Scalar, visit, type Node} from 'yaml';
import {mapAt, nodeAt, pairAt, parseSource, type Path, type Source} from './source.ts';

/**
 * Edits of a compose file's text. Only what is changed is written anew: comments, order, quotes and blank lines of all
 * else stay as they are, byte for byte. Each returns the new text, or the old one where the file has no place for it.
 */

/** Sets the value of a key, or of an item that exists; maps on the way to it are made. */
export function setIn(text: string, path: Path, value: unknown): string {
	const source = parseSource(text);
	const pair = pairAt(source, path);
	if (pair && isNode(pair.key) && pair.key.range) {
		return replacePair(source, pair.key, isNode(pair.value) ? pair.value : undefined, value);
	}

	const last = path.at(-1);
	if (typeof last === 'number') {
		const item = nodeAt(source, path);
		return item?.range ? splice(text, item.range[0], item.range[1], flow(value)) : text;
	}

	// The nearest map that exists takes the key, with a map for each key between.
	for (let length = path.length - 1; length >= 0; length--) {
		const parent = path.slice(0, length);
		if (!mapAt(source, parent)) {
			continue;
		}

		const nested = path.slice(length + 1).reduceRight<unknown>((inner, key) => ({[key]: inner}), value);
		const empty = pairAt(source, path.slice(0, length + 1));
		if (!empty) {
			return insertPair(source, parent, String(path[length]), nested);
		}

		// `key:` without a value is taken for an empty map; anything else is not written over.
		const before = isNode(empty.value) ? empty.value : undefined;
		const isEmpty = before === undefined || (isScalar(before) && before.value === null);
		return isEmpty && isNode(empty.key) ? replacePair(source, empty.key, before, nested) : text;
	}

	return text;
}

/** Adds an item to the end of a list; the list is made where there is none. */
export function addItem(text: string, path: Path, value: unknown): string {
	const source = parseSource(text);
	const list = nodeAt(source, path);
	if (!isSeq(list) || !list.range) {
		return list ? text : setIn(text, path, [value]);
	}

	const items = list.items.filter(isNode);
	const last = items.at(-1);
	if (!last?.range) {
		return setIn(text, path, [value]);
	}

	if (list.flow) {
		return splice(text, last.range[1], last.range[1], `, ${flow(value)}`);
	}

	const column = indentOf(text, last.range[0]);
	const end = lineEnd(text, contentEnd(text, last.range[0], last.range[1]));
	return splice(text, end, end, `\n${' '.repeat(column)}- ${indented(block(value), column + 2).trimStart()}`);
}

/** Removes a key with its value, and the lines that they fill; comments before it stay. */
export function removeIn(text: string, path: Path): string {
	const source = parseSource(text);
	const pair = pairAt(source, path);
	const parent = mapAt(source, path.slice(0, -1));
	if (!pair || !parent || !isNode(pair.key) || !pair.key.range) {
		return text;
	}

	const value = isNode(pair.value) ? pair.value : undefined;
	const [from] = pair.key.range;
	const to = value?.range ? contentEnd(text, value.range[0], value.range[1]) : pair.key.range[1] + 1;
	if (parent.flow) {
		const after = /^\s*,\s*/.exec(text.slice(to))?.[0].length ?? 0;
		const before = after === 0 ? (/,\s*$/.exec(text.slice(0, from))?.[0].length ?? 0) : 0;
		return splice(text, from - before, to + after, '');
	}

	const start = lineStart(text, from);
	let end = Math.min(text.length, lineEnd(text, to) + 1);
	if (start === 0 || text[start - 2] === '\n') {
		// A blank line before it and one after it would be left.
		end += /^(?:[ \t]*\n)*/.exec(text.slice(end))?.[0].length ?? 0;
	}

	return splice(text, start, end, '');
}

/** Gives a key another name; its value stays. */
export function renameKey(text: string, path: Path, name: string): string {
	const key = pairAt(parseSource(text), path)?.key;
	return isNode(key) && key.range ? splice(text, key.range[0], key.range[1], name) : text;
}

/** A text that is written in double quotes even where YAML needs none. */
export function quoted(value: string): Scalar {
	const scalar = new Scalar(value);
	scalar.type = Scalar.QUOTE_DOUBLE;
	return scalar;
}

/** A list that is written on one line. */
export function onOneLine(values: readonly string[]): Node {
	const node = new Document(values).contents;
	if (isCollection(node)) {
		node.flow = true;
	}

	return node ?? new Scalar(null);
}

function replacePair(source: Source, key: Node, before: Node | undefined, value: unknown): string {
	const {text} = source;
	const keyEnd = key.range?.[1] ?? 0;
	const colon = text.indexOf(':', keyEnd) + 1;
	const start = before?.range?.[0] ?? colon;
	const end = before?.range ? contentEnd(text, start, before.range[1]) : colon;
	const isInFlow = inFlow(source, key);
	const fresh = isInFlow ? ` ${flow(value)}` : valueText(value, columnOf(text, key.range?.[0] ?? 0));
	if (!fresh.includes('\n')) {
		return splice(text, colon, Math.max(colon, end), withComment(fresh, commentAfter(text, colon, start)));
	}

	// A comment on the line of the old value, or behind a block's header, stays on the line of the key.
	const header = /^[>|][^\n#]*(#[^\n]*)/.exec(text.slice(start, end))?.[1];
	const behind = /^[ \t]*(#[^\n]*)/.exec(text.slice(end));
	const comment = commentAfter(text, colon, start) ?? header ?? behind?.[1];
	const taken = comment !== undefined && comment === behind?.[1] ? behind[0].length : 0;
	const [first = '', ...rest] = fresh.split('\n');
	return splice(text, colon, Math.max(colon, end) + taken, [withComment(first, comment), ...rest].join('\n'));
}

const withComment = (line: string, comment: string | undefined): string =>
	comment === undefined ? line : `${line} ${comment}`;

/** The comment between a key and its value: `key: # comment` before a block. */
const commentAfter = (text: string, colon: number, value: number): string | undefined =>
	/^[ \t]*(#[^\n]*)/.exec(text.slice(colon, value))?.[1];

function insertPair(source: Source, parent: Path, key: string, value: unknown): string {
	const {text} = source;
	const map = mapAt(source, parent);
	const last = map?.items.at(-1);
	if (!map?.range || !last || !isNode(last.key) || !last.key.range) {
		return text;
	}

	const lastValue = isNode(last.value) ? last.value : undefined;
	const valueEnd = lastValue?.range
		? contentEnd(text, lastValue.range[0], lastValue.range[1])
		: text.indexOf(':', last.key.range[1]) + 1;
	if (map.flow) {
		return splice(text, valueEnd, valueEnd, `, ${key}: ${flow(value)}`);
	}

	const column = columnOf(text, last.key.range[0]);
	const end = lineEnd(text, valueEnd);
	return splice(text, end, end, `\n${' '.repeat(column)}${key}:${valueText(value, column)}`);
}

/** The value of a key at that column, with what separates it from the colon. */
function valueText(value: unknown, column: number): string {
	const node = new Document(value).contents;
	const isBlock = isCollection(node) && node.flow !== true && node.items.length > 0;
	const written = block(value);
	if (isBlock) {
		return `\n${indented(written, column + 2)}`;
	}

	// The header of a literal block stands behind the colon, its lines below.
	const [first = '', ...rest] = written.split('\n');
	return ` ${[first, ...indentLines(rest, column + 2)].join('\n')}`;
}

function block(value: unknown): string {
	const document = new Document(value);
	visit(document, {
		Scalar(_key, node) {
			if (typeof node.value === 'string' && node.value.includes('\n')) {
				node.type = Scalar.BLOCK_LITERAL;
			}
		},
	});
	return document.toString({lineWidth: 0, flowCollectionPadding: false}).trimEnd();
}

function flow(value: unknown): string {
	const document = new Document(value);
	visit(document, {
		Collection(_key, node) {
			node.flow = true;
		},
	});
	return document.toString({lineWidth: 0, flowCollectionPadding: false}).trimEnd();
}

function indented(text: string, column: number): string {
	return indentLines(text.split('\n'), column).join('\n');
}

function indentLines(lines: readonly string[], column: number): readonly string[] {
	return lines.map((line) => (line === '' ? line : ' '.repeat(column) + line));
}

function inFlow(source: Source, key: Node): boolean {
	let found = false;
	visit(source.document, {
		Map(_key, map) {
			if (map.flow === true && map.items.some((pair) => pair.key === key)) {
				found = true;
				return visit.BREAK;
			}

			return undefined;
		},
	});
	return found;
}

/** Where a node's text ends, without the white space and comments that the parser counts to it. */
function contentEnd(text: string, start: number, end: number): number {
	return start + text.slice(start, end).trimEnd().length;
}

const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

function lineEnd(text: string, offset: number): number {
	const end = text.indexOf('\n', offset);
	return end === -1 ? text.length : end;
}

const columnOf = (text: string, offset: number): number => offset - lineStart(text, offset);

/** How far the line is indented in which something stands. */
const indentOf = (text: string, offset: number): number =>
	/^ */.exec(text.slice(lineStart(text, offset)))?.[0].length ?? 0;

function splice(text: string, start: number, end: number, insert: string): string {
	return text.slice(0, start) + insert + text.slice(end);
}
