import assert from 'node:assert/strict';
import {test} from 'node:test';
import headless from '@xterm/headless';
import fc from 'fast-check';
import {cleanLine} from '../../src/logs/clean.ts';
import {plainText} from '../../src/narrow-text.ts';

const reset = '\u001B[0m';

const cases: ReadonlyArray<readonly [name: string, text: string, clean: string]> = [
	['plain text stays', 'LOG:  ready', 'LOG:  ready'],
	['letters, wide characters and emoji stay', 'Größe 漢字 👩‍🔬 é', 'Größe 漢字 👩‍🔬 é'],
	['broken UTF-8 stays a mark', 'caf\uFFFD', 'caf\uFFFD'],
	['a colour that is closed stays', '\u001B[31mred\u001B[39m x', '\u001B[31mred\u001B[39m x'],
	['a colour that is left open is reset', '\u001B[1;31mred', `\u001B[1;31mred${reset}`],
	['an empty SGR is a reset', '\u001B[31mred\u001B[m', `\u001B[31mred${reset}`],
	['palette and true colours stay', '\u001B[38;5;208;48;2;1;2;3mx', `\u001B[38;5;208;48;2;1;2;3mx${reset}`],
	[
		'colours with colons are written with semicolons',
		'\u001B[38:2::1:2:3;48:5:7mx',
		`\u001B[38;2;1;2;3;48;5;7mx${reset}`,
	],
	['a colour out of range ends the sequence', '\u001B[1;38;5;256;3mx', `\u001B[1mx${reset}`],
	[
		'an underline colour is dropped with its numbers',
		'\u001B[58;5;8;4mx\u001B[58:2::1:1:1m',
		`\u001B[4mx${reset}`,
	],
	['blinking and concealing are dropped', '\u001B[5;8mx\u001B[8my', 'xy'],
	['xterm key settings only look like SGR', '\u001B[>4;2mx\u001B[?4m', 'x'],
	['a colour from the C1 introducer is dropped', '\u009B31mx', 'x'],
	['cursor moves and erasures are dropped', '\u001B[2J\u001B[1;1Ha\u001B[Kb\u001B[10Ac', 'abc'],
	['a title is dropped', '\u001B]0;owned\u0007x', 'x'],
	['the clipboard is not written', 'x\u001B]52;c;ZXZpbA==\u001B\\y', 'xy'],
	['a hyperlink is only its text', '\u001B]8;;https://evil\u001B\\text\u001B]8;;\u001B\\', 'text'],
	['a C1 string is dropped', '\u009D0;owned\u009Cx\u0090q\u009C', 'x'],
	['a string without an end hides nothing', '\u001B]0;text', '␛]0;text'],
	['a sequence without an end is shown', 'x\u001B[31', 'x␛[31'],
	['a reset of the terminal is dropped', '\u001Bc\u001B(0x\u001B7', 'x'],
	['bells and other controls are marks', 'a\u0007b\u0000c\u007Fd\u0085', 'a␇b␀c␡d\uFFFD'],
	['bidirectional controls are dropped', 'a\u202Eb\u2066c\u200Fd', 'abcd'],
	['a progress bar shows its last state', ' 10%\r 20%\r100% done', '100% done'],
	['a carriage return at the end is dropped', ' 10%\r100%\r', '100%'],
	['a bar that is wiped at the end shows what it was', '100% done\r\u001B[K', '100% done'],
	['a bar may go back by a cursor move', '10%\u001B[2K\u001B[1G20%\u001B[2K\u001B[Gdone', 'done'],
	['nothing but carriage returns is nothing', '\r\r', ''],
	['a backspace takes a character away', 'abc\b\bd', 'ad'],
	['a backspace takes a whole character', 'a😀\bb', 'ab'],
	['a backspace at the start does nothing', '\b\bx', 'x'],
	['a backspace leaves colours alone', '\u001B[31ma\u001B[39m\bb', '\u001B[31m\u001B[39mb'],
	['bold of manual pages is the letter', 'N\bNA\bA', 'NA'],
	['tabs go to stops of 8', 'a\tb\t12345678\tc', 'a       b       12345678        c'],
	['tabs know wide characters and colours', '漢\tb\u001B[31m\tc', `漢      b\u001B[31m       c${reset}`],
];

for (const [name, text, clean] of cases) {
	test(`cleaning: ${name}`, () => {
		assert.equal(cleanLine(text), clean);
	});
}

test('many colours, many tabs and long parameters do not make a line longer than it may be', () => {
	assert.ok(cleanLine('\u001B[31mx'.repeat(10_000)).length < 10_000 + 500 * 5 + 10);
	assert.ok(cleanLine('\t'.repeat(60_000)).length < 70_000);
	assert.equal(cleanLine(`\u001B[${'1;'.repeat(1000)}mx`), 'x');
});

test('what hurts a slow parser is cleaned at once', () => {
	for (const text of [
		'\u001B[1',
		'\u001B]',
		'\u009D',
		'\u001BP',
		'\b',
		'\r',
		'x\b\t',
		'漢\t',
		'\u001B[31m\b',
	]) {
		const started = Date.now();
		cleanLine(text.repeat(1_000_000 / text.length));
		assert.ok(Date.now() - started < 5000, JSON.stringify(text));
	}
});

const hostile = fc
	.array(
		fc.oneof(
			fc.constantFrom(
				'\u001B',
				'\u001B[',
				'\u001B]',
				'\u001BP',
				'\u009B',
				'\u009D',
				'\u0090',
				'\u0007',
				'\u001B\\',
			),
			fc.constantFrom('\r', '\n', '\t', '\b', '\u202E', '\u200F', '\u2028', '\uFEFF', '\uFFFD'),
			fc.constantFrom('m', '31m', '[1m', '38;5;1m', '>4m', '?1049h', '6n', 'c', '52;c;', '0;', 'H', '2J'),
			fc.string({unit: 'binary', maxLength: 4}),
			fc.string({maxLength: 6}),
		),
		{maxLength: 25},
	)
	.map((parts) => parts.join(''));
const bytes = fc.uint8Array({maxLength: 200}).map((bytes) => new TextDecoder().decode(bytes));

test('whatever the bytes, only SGR is left of the escapes, and no control character', () => {
	fc.assert(
		fc.property(fc.oneof(hostile, bytes), (text) => {
			const clean = cleanLine(text);
			const plain = plainText(clean);
			assert.doesNotMatch(plain, /[\p{Cc}\u00AD\u061C\u200E\u200F\u2028-\u202E\u2066-\u206F\uFEFF]/u);
			assert.equal(cleanLine(clean), clean, 'cleaning twice changes nothing');
		}),
		{numRuns: 2000},
	);
});

test('on a terminal a clean line is its text, and leaves the terminal as it was', async () => {
	await fc.assert(
		fc.asyncProperty(hostile, async (text) => {
			const terminal = new headless.Terminal({cols: 2000, rows: 3, allowProposedApi: true});
			const answers: string[] = [];
			terminal.onData((data) => answers.push(data));
			terminal.onTitleChange((title) => answers.push(title));
			terminal.onBell(() => answers.push('bell'));
			const clean = cleanLine(text);
			await new Promise<void>((resolve) => {
				terminal.write(`${clean}!`, resolve);
			});
			const {active} = terminal.buffer;
			const cell = active.getLine(0)?.getCell(active.cursorX - 1);
			assert.equal(active.getLine(0)?.translateToString(true), `${plainText(clean)}!`);
			assert.equal(active.type, 'normal');
			assert.equal(active.cursorY, 0);
			assert.equal(cell?.getChars(), '!');
			assert.ok(cell?.isAttributeDefault());
			assert.deepEqual(answers, []);
			terminal.dispose();
		}),
		{numRuns: 200},
	);
});
