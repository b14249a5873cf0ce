import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseCounts, parseScan} from '../../src/engine/volume-scan.ts';
import {contentsText, type VolumeContents} from '../../src/stack/prune/contents.ts';

test('a scan tells data, artifacts, other files and nothing apart', () => {
	const scanned = parseScan(
		[
			'/mlstack/0 postgresql 18 999 48512 /mlstack/0/18/docker',
			'/mlstack/1 files 340 1204',
			'/mlstack/2 files 0 7',
			'/mlstack/3 files 0 0',
			'find: /mlstack/4: Permission denied',
			'',
		].join('\n'),
	);
	assert.deepEqual(
		[...scanned],
		[
			[
				'/mlstack/0',
				{
					kind: 'postgresql',
					version: '18',
					databases: [],
					data: {path: '/mlstack/0/18/docker', uid: '999', kilobytes: 48512},
				},
			],
			['/mlstack/1', {kind: 'artifacts', runs: 340}],
			['/mlstack/2', {kind: 'files', files: 7}],
			['/mlstack/3', {kind: 'empty'}],
		],
	);
});

/** Printed by PostgreSQL 17.12 in single-user mode. */
const singleUser = `

database postgres

PostgreSQL stand-alone backend 17.12 (Debian 17.12-0+deb13u1)
backend> backend>
database other
backend> backend>
database mlflow

PostgreSQL stand-alone backend 17.12 (Debian 17.12-0+deb13u1)
backend> \t 1: experiments\t(typeid = 20, len = 8, typmod = -1, byval = t)
\t 2: runs\t(typeid = 20, len = 8, typmod = -1, byval = t)
\t----
\t 1: experiments = "12"\t(typeid = 20, len = 8, typmod = -1, byval = t)
\t 2: runs = "340"\t(typeid = 20, len = 8, typmod = -1, byval = t)
\t----
backend>`;

test('counts are read from what single-user mode prints', () => {
	assert.deepEqual(parseCounts(singleUser), [
		{name: 'other'},
		{name: 'mlflow', counts: {experiments: 12, runs: 340}},
	]);
});

const texts: ReadonlyArray<readonly [VolumeContents, string]> = [
	[{kind: 'empty'}, 'empty'],
	[{kind: 'artifacts', runs: 1}, 'artifacts of 1 run'],
	[{kind: 'files', files: 12}, '12 files'],
	[{kind: 'files', files: 100_000}, '100000 files or more'],
	[{kind: 'postgresql', version: '17', databases: []}, 'PostgreSQL 17 data'],
	[
		{
			kind: 'postgresql',
			version: '18',
			databases: [{name: 'mlflow', counts: {experiments: 12, runs: 1}}, {name: 'shop'}],
		},
		'PostgreSQL 18 data, database mlflow: 12 experiments, 1 run, database shop',
	],
];
for (const [contents, text] of texts) {
	test(`a volume is said to hold: ${text}`, () => {
		assert.equal(contentsText(contents), text);
	});
}
