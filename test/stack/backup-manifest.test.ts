import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {
	manifestText,
	parseManifest,
	tableDifferences,
	type BackupManifest,
} from '../../src/stack/backup-manifest.ts';
import {Failure} from '../../src/failure.ts';

const entry = {file: 'globals.sql', bytes: 17, sha256: 'ab'};
const manifest: BackupManifest = {
	version: 1,
	createdAt: '2026-11-24T12:00:00.000Z',
	createdBy: '0.1.0',
	project: 'kws',
	postgresql: {version: '18.4', major: 18, user: 'ana'},
	mlflow: '3.17.2',
	counts: {experiments: 12, runs: 1},
	databases: [{...entry, name: 'mlflow', owner: 'ana', tables: {'public.runs': 1}, revision: 'dc11669786a5'}],
	globals: entry,
	stores: [{...entry, key: 'mlartifacts', role: 'artifacts', files: 1204, content: 900}],
	notes: ['Artifacts in s3://mlflow are not in it.'],
};

test('a manifest is read as it was written', () => {
	assert.deepEqual(parseManifest(JSON.stringify(manifest), 'kws.tar'), manifest);
});

test('a manifest is told in one line', () => {
	assert.equal(manifestText(manifest), '12 experiments, 1 run, 1204 files; PostgreSQL 18.4, MLflow 3.17.2');
	const {mlflow, ...rest} = manifest;
	assert.equal(mlflow, '3.17.2');
	assert.equal(manifestText({...rest, stores: []}), '12 experiments, 1 run; PostgreSQL 18.4');
});

for (const field of ['createdAt', 'project', 'postgresql', 'databases', 'globals', 'stores', 'notes']) {
	test(`a manifest without ${field} is refused`, () => {
		const {[field]: _, ...rest} = Object.fromEntries(Object.entries(manifest));
		assert.throws(() => parseManifest(JSON.stringify(rest), 'kws.tar'), {code: 'backup-damaged'});
	});
}

test('whatever a manifest holds, it is read or refused with a Failure', () => {
	fc.assert(
		fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
			try {
				assert.equal(parseManifest(text, 'x').version, 1);
			} catch (error) {
				assert.ok(error instanceof Failure);
			}
		}),
	);
});

test('tables that differ are named, with both counts', () => {
	const database = {name: 'mlflow', tables: {'public.runs': 340, 'public.tags': 2, 'public.params': 1}};
	assert.deepEqual(tableDifferences(database, {'public.runs': 340, 'public.tags': 1, 'public.new': 0}), [
		'public.new in mlflow has 0 rows, the backup does not know it',
		'public.params in mlflow has no rows, the backup has 1',
		'public.tags in mlflow has 1 rows, the backup has 2',
	]);
	assert.deepEqual(tableDifferences(database, database.tables), []);
});
