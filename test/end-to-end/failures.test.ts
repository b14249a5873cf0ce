import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {lineRules} from '../../src/stack/diagnosis/rules.ts';
import {stateRules} from '../../src/stack/diagnosis/state-rules.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {mlflowImage} from '../support/mlflow-image.ts';
import {freePort, withProject} from '../support/project.ts';
import {coveredRows} from './failures/covered-rows.ts';
import {databaseRows} from './failures/database-rows.ts';
import {operationRows} from './failures/operation-rows.ts';
import type {FailureRow} from './failures/row.ts';
import {failWhileRunning} from './failures/running.ts';
import {runningRows} from './failures/running-rows.ts';
import {trackingRows} from './failures/tracking-rows.ts';
import {Witness} from './failures/witness.ts';

const rows: readonly FailureRow[] = [...operationRows, ...databaseRows, ...trackingRows];

test('every rule is reproduced on a real engine, or says why not and what tests it instead', () => {
	const reproduced = new Set([...rows, ...runningRows].flatMap(({cards}) => cards));
	const covered = new Set(coveredRows.map(({rule}) => rule));
	const rules = [...lineRules, ...stateRules].map(({id}) => id);
	assert.deepEqual(
		rules.filter((rule) => !reproduced.has(rule) && !covered.has(rule)),
		[],
	);
	assert.deepEqual(
		[...covered].filter((rule) => !rules.includes(rule)),
		[],
	);
	for (const {by} of coveredRows) {
		assert.ok(existsSync(new URL(`../${by}`, import.meta.url)), by);
	}
});

describe('failures on a real engine', {concurrency: 2, skip: skipWithoutEngine}, () => {
	// The longest first: it goes on beside the others.
	test(
		'a stack that starts well, is stopped and started from elsewhere raises no card; what then fails does',
		{timeout: 480_000},
		failWhileRunning,
	);
	for (const row of rows) {
		test(row.what, {timeout: 600_000}, async () => reproduce(row));
	}
});

async function reproduce(row: FailureRow): Promise<void> {
	const place = {mlflow: await mlflowImage(), port: await freePort(), otherPort: await freePort()};
	const ends: Array<() => Promise<unknown>> = [];
	try {
		await withProject(JSON.stringify(row.stack(place)), async (project) => {
			for (const [name, text] of Object.entries(row.files ?? {})) {
				await writeFile(join(project.folder, name), text, {mode: 0o755});
			}

			const scene = {...place, project, defer: (end: () => Promise<unknown>) => ends.push(end)};
			await row.before?.(scene);
			const witness = await Witness.of(project, row);
			ends.push(async () => witness.close());
			await witness.up();
			await row.after?.({...scene, witness});
			const cards = await witness.shows(row.cards);
			const expected = new Set([...row.cards, ...(row.passing ?? [])]);
			assert.deepEqual(
				[...witness.seen.keys()].filter((rule) => !expected.has(rule)),
				[],
				'cards that were shown for a while',
			);
			assert.match(cards[0]?.title ?? '', row.title);
			for (const card of cards) {
				assert.doesNotMatch(
					JSON.stringify(card),
					/\{(?:\d|service|database|tracking|compose|container|owner|url|host|why|exitCode|meaning|example)\}/,
					'a name without its value',
				);
			}

			if (row.mend) {
				await row.mend({...scene, witness}, cards);
				await witness.shows([]);
			}
		});
	} finally {
		for (const end of ends.toReversed()) {
			await end();
		}
	}
}
