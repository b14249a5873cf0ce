import {sgrSequence} from '../narrow-text.ts';
import type {Range} from './matcher.ts';

/** Inverse and back (SGR 7 and 27, ECMA-48): it is seen on any background, and leaves colours as they are. */
const inverse = '\u001B[7m';
const positive = '\u001B[27m';

const sequence = new RegExp(sgrSequence.source, 'y');

/** Puts ranges of a text in inverse. They count the text without its colours, which stay. */
export function highlighted(text: string, ranges: readonly Range[]): string {
	if (ranges.length === 0) {
		return text;
	}

	let result = '';
	let at = 0;
	let plain = 0;
	for (const {start, end} of ranges) {
		const before = upTo(text, at, start - plain);
		const found = upTo(text, before.end, end - start);
		// A sequence within may take the inverse back.
		const inside = found.text.replaceAll(sgrSequence, (colours) => colours + inverse);
		result += before.text + inverse + inside + positive;
		at = found.end;
		plain = end;
	}

	return result + text.slice(at);
}

/** A piece of a text that has so many characters beside its colour sequences, as UTF-16 counts. */
function upTo(text: string, from: number, characters: number): {text: string; end: number} {
	let end = from;
	for (let left = characters; left > 0 && end < text.length;) {
		sequence.lastIndex = end;
		if (sequence.test(text)) {
			end = sequence.lastIndex;
		} else {
			end++;
			left--;
		}
	}

	return {text: text.slice(from, end), end};
}
