import assert from 'node:assert/strict';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {Failure} from '../../src/failure.ts';
import {LogBook} from '../../src/logs/book.ts';
import {pagedLine, savedLine, textOf} from '../../src/screen/log-text.ts';
import {pagerCommand, runPager} from '../../src/screen/pager.ts';
import {initialView} from '../../src/screen/view.ts';
import {now, someLines} from '../support/stack.ts';

for (const [environment, expected] of [
	[{}, ['less', '-R']],
	[{PAGER: ''}, ['less', '-R']],
	[{PAGER: 'more'}, ['more']],
	[{PAGER: ' less  -S -R '}, ['less', '-S', '-R']],
	[{PAGER: 'more', MLSTACK_PAGER: 'bat -p'}, ['bat', '-p']],
	[{PAGER: 'grep -v "a b" | less'}, ['sh', '-c', 'grep -v "a b" | less']],
] as const) {
	test(`the pager of ${JSON.stringify(environment)} is ${expected.join(' ')}`, () => {
		assert.deepEqual(pagerCommand(environment), expected);
	});
}

async function paged(text: Iterable<string>, command: (file: string) => string): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'mlstack-pager-'));
	try {
		const file = join(folder, 'seen');
		const {PATH} = process.env;
		await runPager(text, {PATH, MLSTACK_PAGER: command(file)}, new AbortController().signal);
		return await readFile(file, 'utf8');
	} finally {
		await rm(folder, {recursive: true});
	}
}

test('the pager gets the whole text, however long', async () => {
	const line = `${'x'.repeat(99)}\n`;
	const text = Array.from({length: 300}, () => line.repeat(100));
	assert.equal((await paged(text, (file) => `cat > ${file}`)).length, 3_000_000);
});

test('a pager that is left before it has read everything is no failure', async () => {
	const text = Array.from({length: 1000}, () => 'a line\n'.repeat(1000));
	assert.equal(await paged(text, (file) => `head -1 > ${file}`), 'a line\n');
});

for (const [pager, why] of [
	['no-such-pager-anywhere -R', /ENOENT/],
	['exit 3;', /it ended with 3/],
	['kill -9 $$', /it was ended by SIGKILL/],
] as const) {
	test(`the pager \`${pager}\` is a failure that says so`, async () => {
		const {PATH} = process.env;
		const listeners = process.listenerCount('SIGINT');
		await assert.rejects(
			runPager(['a\n'], {PATH, PAGER: pager}, new AbortController().signal),
			(error) => error instanceof Failure && why.test(error.why) && error.message.includes(pager),
		);
		assert.equal(process.listenerCount('SIGINT'), listeners);
	});
}

test("Ctrl-C is the pager's while it runs, and means what it meant afterwards", async () => {
	let interrupts = 0;
	const count = () => {
		interrupts++;
	};
	process.on('SIGINT', count);
	try {
		await paged(['a\n'], (file) => `kill -INT ${process.pid}; sleep 0.2; cat > ${file}`);
		assert.equal(interrupts, 0);
		assert.ok(process.listeners('SIGINT').includes(count));
	} finally {
		process.off('SIGINT', count);
	}
});

test('whoever leaves takes the pager along', async () => {
	const {PATH} = process.env;
	const abort = new AbortController();
	const running = runPager(['a\n'], {PATH, PAGER: 'sleep 60'}, abort.signal);
	abort.abort();
	await running;
});

test('a line is paged as it is shown, with its own colours and nothing else that acts on a terminal', () => {
	const book = new LogBook();
	book.append('mlflow', someLines(1, '\u001B[31mred\u001B[0m \u001B]52;c;AAAA\u0007\u001B[2Jend'));
	const entries = book.entries(initialView);
	const frame = () => ({now});
	const write = (isOneLog: boolean, mode: 'utc' | 'off') =>
		[...textOf(entries, (entry) => pagedLine(entry, mode, frame, isOneLog))].join('');
	assert.equal(write(true, 'off'), '\u001B[31mred\u001B[0m end 1\n');
	assert.equal(write(false, 'utc'), '12:00:00.000 mlflow | \u001B[31mred\u001B[0m end 1\n');
	assert.equal([...textOf(entries, savedLine)].join(''), '2026-11-24T12:00:00.000Z mlflow | red end 1\n');
});
