/** So many unchanged lines stand around a change, as `diff -u` has it. */
const context = 3;

interface Line {
	readonly sign: ' ' | '-' | '+';
	readonly text: string;
}

/**
 * The difference of two texts in the unified format of `diff -u`; empty when they are the same. For files of some
 * thousand lines at most: it takes time and memory in proportion to the product of the lines that differ.
 */
export function diff(before: string, after: string, name = 'compose.yaml'): string {
	if (before === after) {
		return '';
	}

	const lines = compare(splitLines(before), splitLines(after));
	const hunks = hunksOf(lines);
	return [`--- ${name}`, `+++ ${name}`, ...hunks.flatMap((hunk) => hunkText(lines, hunk)), ''].join('\n');
}

/** Lines with a mark where the last one has no end, so that this, too, is a difference. */
function splitLines(text: string): readonly string[] {
	const lines = text.split('\n');
	const last = lines.pop();
	return last === '' || last === undefined ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

/** What is common at both ends is set aside; the longest common subsequence of the rest tells the changes. */
function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
	let head = 0;
	while (head < before.length && head < after.length && before[head] === after[head]) {
		head++;
	}

	let tail = 0;
	while (
		tail < before.length - head &&
		tail < after.length - head &&
		before[before.length - 1 - tail] === after[after.length - 1 - tail]
	) {
		tail++;
	}

	const kept = (text: string): Line => ({sign: ' ', text});
	return [
		...before.slice(0, head).map(kept),
		...changed(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
		...before.slice(before.length - tail).map(kept),
	];
}

function changed(before: readonly string[], after: readonly string[]): readonly Line[] {
	const width = after.length + 1;
	/** At row * width + column: how many lines the rest of both has in common. */
	const common = new Uint32Array((before.length + 1) * width);
	for (let row = before.length - 1; row >= 0; row--) {
		for (let column = after.length - 1; column >= 0; column--) {
			const at = row * width + column;
			common[at] =
				before[row] === after[column]
					? (common[at + width + 1] ?? 0) + 1
					: Math.max(common[at + width] ?? 0, common[at + 1] ?? 0);
		}
	}

	const lines: Line[] = [];
	let row = 0;
	let column = 0;
	while (row < before.length || column < after.length) {
		const at = row * width + column;
		if (row < before.length && column < after.length && before[row] === after[column]) {
			lines.push({sign: ' ', text: before[row++] ?? ''});
			column++;
		} else if (
			row < before.length &&
			(column === after.length || (common[at + width] ?? 0) >= (common[at + 1] ?? 0))
		) {
			lines.push({sign: '-', text: before[row++] ?? ''});
		} else {
			lines.push({sign: '+', text: after[column++] ?? ''});
		}
	}

	return lines;
}

interface Hunk {
	readonly start: number;
	readonly end: number;
}

function hunksOf(lines: readonly Line[]): readonly Hunk[] {
	const hunks: Hunk[] = [];
	for (const [index, {sign}] of lines.entries()) {
		if (sign === ' ') {
			continue;
		}

		const start = Math.max(0, index - context);
		const end = Math.min(lines.length, index + context + 1);
		const last = hunks.at(-1);
		if (last && start <= last.end) {
			hunks[hunks.length - 1] = {start: last.start, end};
		} else {
			hunks.push({start, end});
		}
	}

	return hunks;
}

function hunkText(lines: readonly Line[], {start, end}: Hunk): readonly string[] {
	const hunk = lines.slice(start, end);
	const range = (sign: '-' | '+'): string => {
		const has = ({sign: other}: Line): boolean => other === ' ' || other === sign;
		const before = lines.slice(0, start).filter(has).length;
		const count = hunk.filter(has).length;
		return `${count === 0 ? before : before + 1}${count === 1 ? '' : `,${count}`}`;
	};
	return [`@@ -${range('-')} +${range('+')} @@`, ...hunk.map(({sign, text}) => `${sign}${text}`)];
}
