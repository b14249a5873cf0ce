import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {jsonMarkdown, jsonShapes} from '../../src/commands/markdown.ts';
import {runCli} from '../support/cli.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {FakeMlflow} from '../support/fake-mlflow.ts';
import {aContainer, aStack, someLines} from '../support/stack.ts';

/** A call whose output holds the shape of each row. */
const calls: Readonly<Record<string, readonly string[]>> = {
	status: ['status', '--json'],
	'up, down, start, stop, restart': ['restart', '--json'],
	logs: ['logs', '--json'],
	open: ['open', '--json'],
	doctor: ['doctor', '--json'],
	init: ['init', '--json'],
	verify: ['verify', '--json'],
	version: ['version', '--json'],
	'every command': ['status', '--json', '--nonsense'],
};

for (const {of, fields} of jsonShapes) {
	test(`--json of ${of} has the fields that the README names, and no others`, async (t) => {
		await using server = await FakeMlflow.start();
		const engine = new FakeEngine(
			aContainer('postgres'),
			aContainer('mlflow', {startedAt: Date.now() - 5000, ports: server.ports}),
		);
		// Its file is on no disk, which only `doctor` would mind.
		engine.stack = aStack({files: []});
		engine.log('id-postgres', ...someLines(1, 'ERROR:  no'));
		engine.onOperate = () => [{type: 'output', at: 0, level: 'info', text: 'restarting'}];
		const argv = calls[of];
		assert.ok(argv, 'a new row needs a call here');
		// `init` writes into it.
		const directory = mkdtempSync(join(tmpdir(), 'mlstack-json-'));
		t.after(() => rmSync(directory, {recursive: true, force: true}));
		const {stdout} = await runCli(argv, {engine, directory, environment: {PATH: process.env['PATH']}});
		const isOneDocument = stdout.startsWith('{\n');
		const first: unknown = JSON.parse(isOneDocument ? stdout : (stdout.split('\n')[0] ?? ''));
		assert.ok(typeof first === 'object' && first !== null);
		const printed = Object.keys(first);
		// compose is told only where it is installed.
		const expected = fields.filter((field) => field !== 'compose' || printed.includes('compose'));
		assert.deepEqual(printed, expected);
		assert.equal('version' in first && first.version, 1);
	});
}

test('the README’s table has a row for each shape', () => {
	assert.equal(jsonMarkdown().split('\n').length, jsonShapes.length + 2);
});
