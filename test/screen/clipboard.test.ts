import assert from 'node:assert/strict';
import {test} from 'node:test';
import {copyToClipboard} from '../../src/screen/clipboard.ts';

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
