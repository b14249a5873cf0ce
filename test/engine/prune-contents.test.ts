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

/** Volumes of the project whose contents are elsewhere; the first one's where the artifacts are. */
async function withPlacedVolumes(
	{name}: BackupProject,
	body: (artifacts: string) => Promise<void>,
): Promise<void> {
	const artifacts = await docker('volume', 'inspect', '-f', '{{.Mountpoint}}', `${name}_mlartifacts`);
	const options: ReadonlyArray<readonly string[]> = [
		['type=none', 'o=bind', `device=${artifacts}`],
		['type=none', 'o=bind', 'device=/no/such/folder'],
		['type=tmpfs', 'device=tmpfs', 'o=size=1m'],
		['type=nfs', 'device=:/export', 'o=addr=192.0.2.1'],
	];
	const names = options.map((_, index) => `${name}_placed${index}`);
	try {
		for (const [index, words] of options.entries()) {
			await docker(
				'volume',
				'create',
				'--label',
				`com.docker.compose.project=${name}`,
				...words.flatMap((word) => ['--opt', word]),
				names[index] ?? '',
			);
		}

		await body(artifacts);
	} finally {
		await docker('volume', 'rm', '-f', ...names);
	}
}

test(
	'volumes say what would be lost, whether their server runs or not, and are not changed by it',
	{skip: skipWithoutEngine},
	async () => {
		await withBackupProject(async (project) => {
			await project.fill(3);
			const expected = ['3 files', 'PostgreSQL 18 data, database mlflow: 2 experiments, 3 runs'];
			assert.deepEqual(await held(project), expected);
			await withPlacedVolumes(project, async (artifacts) => {
				assert.deepEqual(await held(project), [
					...expected,
					`3 files, kept in the folder ${artifacts}, which stays`,
					'not looked into: it is kept in the folder /no/such/folder, which stays (it cannot be mounted)',
					'empty, kept in memory',
					'not looked into: it is kept on NFS at 192.0.2.1:/export, which stays',
				]);
			});
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
