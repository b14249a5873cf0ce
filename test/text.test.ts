import assert from 'node:assert/strict';
import {test} from 'node:test';
import {stripVTControlCharacters, styleText} from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {FastSegmenter} from '../src/fast-segmenter.ts';
import {narrowText, styledNarrowText, styledWidth} from '../src/narrow-text.ts';
import {cut, cutMiddle, fit, spread, width, wrapWords} from '../src/text.ts';

test('text that the build calls narrow is as wide as it is long', () => {
	const narrow = Array.from({length: 0x1_00_00}, (_, code) => String.fromCharCode(code)).filter((character) =>
		narrowText.test(character),
	);
	assert.ok(narrow.length > 500);
	for (const character of narrow) {
		assert.equal(stringWidth(character), 1, `U+${character.charCodeAt(0).toString(16)}`);
	}

	fc.assert(
		fc.property(fc.array(fc.constantFrom(...narrow)), (characters) => {
			assert.equal(stringWidth(characters.join('')), characters.length);
		}),
	);
	for (const wide of ['中', '👍', 'e\u0301', '☔', '▪\uFE0F', '\u00AD', '\u200B']) {
		assert.equal(narrowText.test(wide), false, wide);
	}
});

test('styles take no columns', () => {
	fc.assert(
		fc.property(
			fc.string({unit: fc.constantFrom('m', 'é', '─', '3', '[', '\u001B[m', '\u001B[1;38;5;7m')}),
			(text) => {
				assert.match(text, styledNarrowText);
				assert.equal(styledWidth(text), stringWidth(text));
				assert.equal(styledWidth(text), stripVTControlCharacters(text).length);
			},
		),
	);
});

test('the segmenter of the build gives the segments of Intl.Segmenter', () => {
	const fast = new FastSegmenter();
	const real = new Intl.Segmenter();
	const segments = (segmenter: Pick<Intl.Segmenter, 'segment'> | FastSegmenter, text: string) =>
		Array.from(segmenter.segment(text), ({segment, index}) => [segment, index]);
	const text = fc.oneof(
		fc.string({unit: 'grapheme'}),
		fc.string({unit: fc.constantFrom('a', 'é', '─', '●', '✓', '\u001B[31m', ' ', '→', '…')}),
	);
	fc.assert(
		fc.property(text, (input) => {
			assert.deepEqual(segments(fast, input), segments(real, input));
			for (let index = -1; index <= input.length; index++) {
				const [one, other] = [fast.segment(input).containing(index), real.segment(input).containing(index)];
				assert.deepEqual([one?.segment, one?.index], [other?.segment, other?.index]);
			}
		}),
	);
});

test('whatever the text, a fitted cell is exactly as wide as its column', () => {
	fc.assert(
		fc.property(fc.string({unit: 'grapheme'}), fc.integer({min: 1, max: 40}), (text, columns) => {
			const clean = text.replaceAll(/\p{C}/gu, '');
			assert.equal(width(fit(clean, columns)), columns);
			assert.ok(width(cut(clean, columns)) <= columns);
			assert.ok(width(cutMiddle(clean, columns)) <= columns);
		}),
	);
});

test('a text with colours is cut as it is without them, and none goes on', () => {
	const coloured = fc
		.array(
			fc.tuple(
				fc.string({unit: fc.constantFrom('a', 'é', '─', ' ', '中')}),
				fc.constantFrom('bold' as const, 'red' as const, 'cyanBright' as const),
			),
		)
		.map((parts) => parts.map(([text, style]) => styleText(style, text, {validateStream: false})).join('-'));
	fc.assert(
		fc.property(coloured, fc.integer({min: 1, max: 40}), (text, columns) => {
			const plain = stripVTControlCharacters(text);
			const shown = cut(text, columns);
			assert.equal(width(text), stringWidth(plain));
			assert.equal(stripVTControlCharacters(shown), cut(plain, columns));
			const sequences = [...shown.matchAll(/\u001B\[(\d+)m/g)].map(([, code]) => code);
			assert.ok(sequences.length % 2 === 0, 'each colour ends');
			assert.equal(shown.endsWith('…') && sequences.length > 0 && sequences.at(-1)?.endsWith('1'), false);
		}),
	);
});

test('a cut is shown, in the middle for paths', () => {
	assert.equal(cut('abcdef', 4), 'abc…');
	assert.equal(cutMiddle('/home/ana/projects/kws/compose.yaml', 20), '/home/…/compose.yaml');
	assert.equal(fit('ab', 4, 'right'), '  ab');
});

test('of a left and a right part the left one gives way', () => {
	assert.equal(spread('left', 'right', 12), 'left   right');
	assert.equal(spread('a long left part', 'right', 12), 'a long…right');
});

test('words are wrapped, and one that is too long is broken', () => {
	assert.deepEqual(wrapWords('one two three', 7), ['one two', 'three']);
	assert.deepEqual(wrapWords('abcdefghij', 4), ['abcd', 'efgh', 'ij']);
	fc.assert(
		fc.property(fc.string({unit: 'grapheme-ascii'}), fc.integer({min: 2, max: 30}), (text, columns) => {
			assert.ok(wrapWords(text, columns).every((line) => width(line) <= columns));
		}),
	);
});
