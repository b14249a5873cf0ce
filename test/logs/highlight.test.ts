import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {plainText} from '../../src/narrow-text.ts';
import {highlighted} from '../../src/logs/highlight.ts';

const on = '\u001B[7m';
const off = '\u001B[27m';

test('ranges of a plain text are inverse', () => {
	assert.equal(
		highlighted('a tick and a tick', [
			{start: 2, end: 6},
			{start: 13, end: 17},
		]),
		`a ${on}tick${off} and a ${on}tick${off}`,
	);
});

test('a text without a range is left as it is', () => {
	assert.equal(highlighted('\u001B[31mred\u001B[0m', []), '\u001B[31mred\u001B[0m');
});

test('colours do not count, stay, and do not take the inverse back', () => {
	assert.equal(
		highlighted('\u001B[32mIN\u001B[0mFO: x', [{start: 0, end: 4}]),
		`${on}\u001B[32m${on}IN\u001B[0m${on}FO${off}: x`,
	);
});

test('whatever is highlighted, the text is the same, and ends without inverse', () => {
	const piece = fc.oneof(
		fc.constantFrom('\u001B[31m', '\u001B[0m', '\u001B[1;38;5;9m'),
		fc.stringMatching(/^[a-c漢]{0,4}$/u),
	);
	fc.assert(
		fc.property(fc.array(piece), fc.nat(9), fc.nat(9), (pieces, start, length) => {
			const text = pieces.join('');
			const plain = plainText(text);
			const end = Math.min(plain.length, start + length);
			const result = highlighted(text, start < end ? [{start, end}] : []);
			assert.equal(plainText(result), plain);
			if (start < end) {
				const inside = result.slice(result.indexOf(on), result.lastIndexOf(off));
				assert.equal(plainText(inside), plain.slice(start, end));
			}
		}),
	);
});
