import assert from 'node:assert/strict';
import {PassThrough} from 'node:stream';
import {test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {Mouse} from '../../components/mouse.ts';

/** What a reader like Ink, which reads until nothing is left, gets of what a terminal sends. */
function opened(on: boolean): {readonly send: (text: string) => void; readonly read: () => string} {
	const terminal = new PassThrough();
	terminal.setEncoding('utf8');
	const output = {write: () => true} as unknown as NodeJS.WriteStream;
	const mouse = new Mouse(terminal as unknown as NodeJS.ReadStream, output, () => {});
	mouse.switch(on);
	let text = '';
	mouse.stdin.on('readable', () => {
		for (let chunk: string | null = mouse.stdin.read(); chunk !== null; chunk = mouse.stdin.read()) {
			text += chunk;
		}
	});
	return {send: (sent) => terminal.write(sent), read: () => text};
}

test('Escape alone arrives while the mouse is on, before the key that comes next', async () => {
	const {send, read} = opened(true);
	send('\u001B');
	await delay(20);
	assert.equal(read(), '', 'it may be the beginning of a report');
	await delay(200);
	assert.equal(read(), '\u001B');
	send('q');
	await delay(20);
	assert.equal(read(), '\u001Bq');
});

test('Escape does not wait while the mouse is off', async () => {
	const {send, read} = opened(false);
	send('\u001B');
	await delay(20);
	assert.equal(read(), '\u001B');
});
