import assert from 'node:assert/strict';
import {test} from 'node:test';
import {copyToClipboard, mostCopied} from '../../src/screen/clipboard.ts';

/** What is written and run to copy a text; `tmux`: how its command ends, absent outside of it. */
async function copied(tmux?: 'works' | 'fails'): Promise<{written: string; ran: string[]}> {
	let written = '';
	const ran: string[] = [];
	await copyToClipboard('é', {
		environment: tmux ? {TMUX: '/tmp/tmux-0/default,1,0'} : {},
		write(text) {
			written += text;
		},
		async run(file, arguments_, input) {
			ran.push([file, ...arguments_, input].join(' '));
			return tmux === 'works' ? Promise.resolve() : Promise.reject(new Error('unknown option -w'));
		},
	});
	return {written, ran};
}

test('a terminal is asked by OSC 52, in UTF-8', async () => {
	assert.deepEqual(await copied(), {written: '\u001B]52;c;w6k=\u0007', ran: []});
});

test('tmux is asked itself, as it ignores the sequence by default', async () => {
	assert.deepEqual(await copied('works'), {written: '', ran: ['tmux load-buffer -w - é']});
});

test('an older tmux passes the sequence on', async () => {
	const {written} = await copied('fails');
	assert.equal(written, '\u001BPtmux;\u001B\u001B]52;c;w6k=\u0007\u001B\\');
});

test('of a text that is too long for a terminal the first lines are copied, and given', async () => {
	let written = '';
	const options = {
		environment: {},
		write(text: string) {
			written += text;
		},
		run: async () => Promise.reject(new Error('nothing is run')),
	};
	const lines = Array.from({length: 30_000}, (_, index) => `line ${index}`).join('\n');
	const copied = await copyToClipboard(lines, options);
	assert.ok(copied.length <= mostCopied && copied.length > mostCopied - 20);
	assert.ok(lines.startsWith(`${copied}\n`));
	assert.equal(Buffer.from(written.slice(7, -1), 'base64').toString(), copied);
	assert.ok(written.length <= 100_000);
});

test('a single line that is too long is cut between characters', async () => {
	const options = {environment: {}, write() {}, run: async () => Promise.resolve()};
	const copied = await copyToClipboard('漢'.repeat(30_000), options);
	assert.match(copied, /^漢+$/);
	assert.equal(Buffer.byteLength(copied), mostCopied);
});
