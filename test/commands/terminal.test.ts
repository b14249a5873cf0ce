import assert from 'node:assert/strict';
import {PassThrough} from 'node:stream';
import {test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {ask} from '../../src/commands/ask.ts';
import {streamOutput, type OutputStream} from '../../src/commands/output.ts';
import {table} from '../../src/commands/table.ts';
import {Terminal} from '../support/terminal.ts';

const answers: ReadonlyArray<readonly [typed: string, expected: boolean]> = [
	['y\n', true],
	['YES\n', true],
	[' yes \n', true],
	['n\n', false],
	['\n', false],
	['yy\n', false],
	['down\n', false],
];
for (const [typed, expected] of answers) {
	test(`${JSON.stringify(typed)} is ${expected ? 'yes' : 'no'}`, async () => {
		const input = new PassThrough();
		const output = new PassThrough();
		const asked = ask('Take kws down?', input, output, new AbortController().signal);
		input.write(typed);
		assert.equal(await asked, expected);
		assert.match(String(output.read()), /Take kws down\? \[y\/N\] /);
	});
}

test('the end of input is no', async () => {
	const input = new PassThrough();
	const asked = ask('Sure?', input, new PassThrough(), new AbortController().signal);
	input.end();
	assert.equal(await asked, false);
});

test('an interruption ends the question with its reason', async () => {
	const stop = new AbortController();
	const asked = ask('Sure?', new PassThrough(), new PassThrough(), stop.signal);
	const reason = new Error('stopped by SIGTERM');
	stop.abort(reason);
	await assert.rejects(asked, reason);
});

/** A stream that says of itself what a terminal's does. */
function terminal(depth: number): OutputStream {
	return Object.assign(new PassThrough(), {isTTY: true, columns: 80, getColorDepth: () => depth});
}

const pipe = (): OutputStream => new PassThrough();

const colors: ReadonlyArray<
	readonly [name: string, stream: OutputStream, environment: Record<string, string>, shown: boolean]
> = [
	['a terminal', terminal(8), {}, true],
	['a terminal without colours', terminal(1), {}, false],
	['NO_COLOR', terminal(24), {NO_COLOR: '1'}, false],
	['an empty NO_COLOR', terminal(24), {NO_COLOR: ''}, true],
	['a pipe', pipe(), {}, false],
	['FORCE_COLOR on a pipe', pipe(), {FORCE_COLOR: '1'}, true],
	['FORCE_COLOR=0 on a terminal', terminal(24), {FORCE_COLOR: '0'}, false],
	['NO_COLOR before FORCE_COLOR', pipe(), {NO_COLOR: '1', FORCE_COLOR: '1'}, false],
];
for (const [name, stream, environment, shown] of colors) {
	test(`colours with ${name}: ${shown}`, () => {
		assert.equal(streamOutput(stream, environment).colors, shown);
	});
}

test('a pipe has no columns, and is no terminal', () => {
	const output = streamOutput(pipe(), {});
	assert.deepEqual([output.isTTY, output.columns], [false, undefined]);
	assert.deepEqual([streamOutput(terminal(8), {}).isTTY, streamOutput(terminal(8), {}).columns], [true, 80]);
});

test('a write settles when the reader has taken it, and also when there is no reader any more', async () => {
	const stream = new PassThrough({highWaterMark: 1});
	const output = streamOutput(stream, {});
	const written = output.write('hello');
	assert.equal(String(stream.read()), 'hello');
	await written;
	stream.on('error', () => {});
	stream.destroy(new Error('write EPIPE'));
	await output.write('nobody');
});

test('a table is as wide as its cells, whatever colours and wide characters they hold', () => {
	assert.deepEqual(
		table([
			['SERVICE', 'STATE', ''],
			['\u001B[32m●\u001B[39m a', '健康', 'x'],
			['long-name', 'up', 'y'],
		]),
		['SERVICE    STATE', '\u001B[32m●\u001B[39m a        健康   x', 'long-name  up     y'],
	);
});

test('what was typed before a question does not answer it, whole lines and half ones', async () => {
	const script = `
		const {ask} = await import(${JSON.stringify(new URL('../../src/commands/ask.ts', import.meta.url).href)});
		process.stdout.write('at work\\n');
		await new Promise((resolve) => setTimeout(resolve, 700));
		const answer = await ask('Remove it?', process.stdin, process.stdout, new AbortController().signal);
		console.log('answered', answer);
		process.exit();
	`;
	const asked = async (ahead: string, after: string) => {
		const terminal = new Terminal(process.execPath, ['--input-type=module', '-e', script]);
		try {
			await terminal.shows('at work');
			terminal.press(ahead);
			if (after !== '') {
				await terminal.shows('Remove it?');
				await delay(300);
				assert.doesNotMatch(terminal.screen(), /answered/);
				terminal.press(after);
			}

			return /answered (\w+)/.exec(await terminal.shows(/answered/))?.[1];
		} finally {
			await terminal.close();
		}
	};
	assert.equal(await asked('y\r', 'n\r'), 'false');
	assert.equal(await asked('ye', 's\r'), 'false');
	assert.equal(await asked('nothing\r\rn', 'y\r'), 'true');
});
