// `npm test`: lint, format, types, then every test that this machine allows.
//   npm test                          everything; tests of a real engine are skipped where none answers
//   npm test -- --engine              the same, but a missing engine is a failure (CI)
//   npm test -- --only test/logs      only the test files whose path holds this (repeatable), without lint and types
import {spawnSync} from 'node:child_process';
import {globSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {run} from 'node:test';
import {spec} from 'node:test/reporters';
import {parseArgs} from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const {values} = parseArgs({
	options: {engine: {type: 'boolean', default: false}, only: {type: 'string', multiple: true, default: []}},
});
if (values.engine) {
	process.env.MLSTACK_TEST_ENGINE = 'required';
}

// The tests decide about colours, time zones and terminals themselves.
for (const name of ['CI', 'NO_COLOR', 'COMPOSE_FILE', 'COMPOSE_PROJECT_NAME']) {
	delete process.env[name];
}

// What the tests make mlstack remember of a project must not be what it remembers for whoever develops it.
const state = mkdtempSync(join(tmpdir(), 'mlstack-test-state-'));
process.on('exit', () => rmSync(state, {recursive: true, force: true}));
process.env.XDG_STATE_HOME = state;

process.env.FORCE_COLOR = '3';
process.env.TZ = 'UTC';

let failedChecks = 0;
if (values.only.length === 0) {
	const checks = {
		lint: ['oxlint', '--type-aware', '--deny-warnings'],
		format: ['oxfmt', '--check'],
		types: ['tsc'],
	};
	for (const [name, [tool = '', ...options]] of Object.entries(checks)) {
		const {status} = spawnSync(`node_modules/.bin/${tool}`, options, {stdio: 'inherit'});
		process.stdout.write(`${status === 0 ? '✔' : '✖'} ${name}\n`);
		failedChecks += status === 0 ? 0 : 1;
	}
}

const files = globSync('test/**/*.test.{ts,tsx}')
	.filter((file) => values.only.length === 0 || values.only.some((part) => file.includes(part)))
	.sort((a, b) => Number(a.includes('end-to-end')) - Number(b.includes('end-to-end')) || a.localeCompare(b));
const counts = {passed: 0, failed: failedChecks, skipped: 0};
const skipped = new Map();
const tests = run({files, isolation: 'none', concurrency: false});
const isTest = (data) => data.details?.type !== 'suite' && data.name !== undefined;
tests.on('test:pass', (data) => {
	if (!isTest(data)) {
		return;
	}

	if (data.skip === undefined) {
		counts.passed++;
		return;
	}

	counts.skipped++;
	const reason = typeof data.skip === 'string' && data.skip !== '' ? data.skip : 'no reason given';
	skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
});
tests.on('test:fail', (data) => {
	counts.failed += isTest(data) ? 1 : 0;
});
await new Promise((resolve) => {
	tests.compose(spec).on('end', resolve).pipe(process.stdout, {end: false});
});
for (const [reason, count] of skipped) {
	process.stdout.write(`skipped ${count}: ${reason}\n`);
}

process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
// A test that leaves a handle open must not hold the run.
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
