import assert from 'node:assert/strict';
import {test} from 'node:test';
import {environmentChecks, environmentLines} from '../../../src/stack/environment/checks.ts';
import {examine} from '../../../src/stack/environment/environment.ts';
import {aStack} from '../../support/stack.ts';
import {environmentExamples, wellFacts} from './examples.ts';

test('where all is well, nothing is found', () => {
	assert.deepEqual(examine(wellFacts), []);
});

test('where nothing is known, nothing is claimed', () => {
	assert.deepEqual(examine({kind: 'docker', disks: [], ports: [], images: []}), []);
});

for (const check of environmentChecks) {
	test(`the check ${check.id} finds its example, and says what to do in full sentences`, () => {
		const [differs, what] = environmentExamples[check.id] ?? assert.fail('it has no example');
		const findings = examine({...wellFacts, ...differs});
		assert.deepEqual(
			findings.map((finding) => [finding.check, finding.severity, finding.what]),
			[[check.id, check.severity, what]],
		);
		for (const {reason, fix} of findings) {
			assert.doesNotMatch(reason + fix, /\{\w+\}/);
			assert.notEqual(fix, '');
		}
	});
}

test('the worst comes first', () => {
	const findings = examine({
		...wellFacts,
		tools: {docker: true, compose: '2.17.3', buildx: '0.12'},
		ports: [{service: 'mlflow', port: 5000, state: 'taken'}],
	});
	assert.deepEqual(
		findings.map(({severity}) => severity),
		['error', 'warning'],
	);
});

test('mlstack’s own stack wants less memory than MLflow with its four workers', () => {
	const memory = 2 * 1024 ** 3;
	assert.ok(wellFacts.engine);
	const engine = {...wellFacts.engine, memory};
	assert.deepEqual(examine({...wellFacts, engine, stack: aStack({origin: 'own'})}), []);
});

test('a clock is not said to be wrong by less than asking took', () => {
	assert.deepEqual(examine({...wellFacts, clock: {ahead: 4000, uncertainty: 3000}}), []);
});

test('each part of the environment has a line; what is not known has none', () => {
	const lines = Object.entries(environmentLines).flatMap(([name, describe]) => {
		const text = describe(wellFacts);
		return text === undefined ? [] : [`${name} ${text}`];
	});
	assert.deepEqual(lines, [
		'engine docker 28.5.2, API 1.51, linux/x86_64 (default, unix:///var/run/docker.sock)',
		'machine 2 cpus, 8.00 GiB of memory, amd64',
		'compose 2.40.3',
		'buildx 0.29.1',
		'disk 40.0 GiB free for the engine (/var/lib/docker), 40.0 GiB free for the project (/home/ana/kws)',
		'ports 5432 free, 5000 ours',
		'clock the same as here',
		'images postgres amd64',
	]);
	const empty = {kind: 'native', disks: [], ports: [], images: []} as const;
	assert.deepEqual(
		Object.values(environmentLines).map((describe) => describe(empty)),
		Object.values(environmentLines).map(() => undefined),
	);
});
