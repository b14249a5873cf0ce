import assert from 'node:assert/strict';
import {test} from 'node:test';
import {planItems, type PrunePlan} from '../../src/stack/prune.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {docker} from '../support/project.ts';
import {withBackupProject, type BackupProject} from './backup-project.ts';

const signal = new AbortController().signal;

async function held({engine, stack}: BackupProject): Promise<readonly (string | undefined)[]> {
	let last: PrunePlan | undefined;
	for await (const plan of engine.storage?.planPrune(stack, 'stack', signal) ?? []) {
		last = plan;
	}

	assert.deepEqual(last?.notes, []);
	return planItems(last)
		.filter(({kind}) => kind === 'volume')
		.sort((a, b) => a.name.localeCompare(b.name))
		.map(({holds}) => holds);
}

/** Every file of the database's volume with its size and times. */
async function fingerprint({name}: BackupProject): Promise<string> {
	const script = 'cd /d && find . | sort | while read -r f; do stat -c "%n %s %Y %Z" "$f"; done';
	return docker('run', '--rm', '-v', `${name}_pgdata:/d:ro`, 'busybox', 'sh', '-c', script);
}

test(
	'volumes say what would be lost, whether their server runs or not, and are not changed by it',
	{skip: skipWithoutEngine},
	async () => {
		await withBackupProject(async (project) => {
			await project.fill(3);
			const expected = ['3 files', 'PostgreSQL 18 data, database mlflow: 2 experiments, 3 runs'];
			assert.deepEqual(await held(project), expected);
			// Not shut down in order: the copy has to be recovered before it can be counted.
			await project.compose('kill');
			const before = await fingerprint(project);
			assert.deepEqual(await held(project), expected);
			assert.equal(await fingerprint(project), before);
			const users = await docker('ps', '-aq', '--filter', `volume=${project.name}_pgdata`);
			assert.equal(users.split('\n').length, 1, 'no helper is left');
		});
	},
);
