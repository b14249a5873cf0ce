import assert from 'node:assert/strict';
import {test} from 'node:test';
import {App} from '../../components/app.tsx';
import {createTheme, ThemeContext} from '../../components/theme.ts';
import {LogBook} from '../../src/logs/book.ts';
import {
	donePrune,
	openedPrune,
	pruneAfter,
	withPlan,
	type PruneDialog,
} from '../../src/screen/prune-dialog.ts';
import {beginWork, cancelled, reported} from '../../src/screen/work-dialog.ts';
import type {Dialog} from '../../src/screen/view.ts';
import {selectWhere} from '../../src/stack/prune/choose.ts';
import {makePlan} from '../../src/stack/prune/plan.ts';
import {Store} from '../../src/store.ts';
import {
	cacheRecord,
	container,
	facts,
	image,
	now,
	ownContainer,
	stack,
	volume,
} from '../stack/prune-facts.ts';
import {draw} from '../support/screen.tsx';
import {aStack} from '../support/stack.ts';

const someFacts = facts({
	containers: [
		ownContainer('postgres', {status: 'running', volumes: ['kws_pgdata'], imageId: 'sha256:postgres:18'}),
		ownContainer('mlflow', {size: 0}),
		container('churn-db-1', {project: 'churn', size: 12_000}),
	],
	images: [
		image('postgres:18', {layers: [{id: 'p', size: 500_000_000}]}),
		image('kws-mlflow:latest', {layers: [{id: 'l', size: 612_000_000}]}),
	],
	volumes: [
		volume('kws_pgdata', {project: 'kws', size: 48_000_000, holds: 'PostgreSQL 18 data'}),
		volume('kws_old', {
			project: 'kws',
			size: 47_000_000,
			holds: 'PostgreSQL 17 data, database mlflow: 12 experiments, 340 runs',
		}),
		volume('f'.repeat(64), {anonymous: true, project: 'kws', size: 1000, holds: '3 files'}),
	],
	buildCache: [cacheRecord('a', {size: 1_200_000_000}), cacheRecord('b')],
});

const plan = makePlan(someFacts, 'stack', stack);

interface Look {
	readonly columns?: number;
	readonly rows?: number;
	readonly ascii?: boolean;
	readonly colours?: boolean;
}

async function drawn(dialog: Dialog, look: Look = {}): Promise<readonly string[]> {
	const {columns = 120, rows = 36, ascii = false, colours = true} = look;
	const store = new Store(new LogBook(), {columns, rows, dialog}, now);
	store.dispatch({type: 'stack', stack: aStack()});
	const theme = createTheme({name: 'dark', ascii, environment: {}, level: colours ? 1 : 0});
	const screen = draw(
		<ThemeContext value={theme}>
			<App store={store} onKey={() => {}} home="/home/ana" />
		</ThemeContext>,
		columns,
		rows,
	);
	try {
		return await screen.rows();
	} finally {
		screen.close();
	}
}

const opened = withPlan(openedPrune('kws'), plan);

/** The dialog after actions, a second apart. */
function after(...actions: ReadonlyArray<Parameters<typeof pruneAfter>[1]>): PruneDialog {
	let dialog = opened;
	for (const [index, action] of actions.entries()) {
		const next = pruneAfter(dialog, action, {now: now + index * 1000, page: 5});
		assert.ok(next && next.kind !== 'work');
		dialog = next;
	}

	return dialog;
}

test('before the engine has answered the dialog is there, and says what it waits for', async () => {
	const text = (await drawn(openedPrune('kws'))).join('\n');
	assert.match(text, /Prune {2}kws .* sizes and contents are being read/);
	assert.match(text, /\[this stack\] all unused on the engine/);
	assert.match(text, /Asking the engine what could go\./);
	assert.match(text, /space choose .*enter go on .*esc close/);
});

test('each row shows its box, name, size, age, user and what it holds; why something stays', async () => {
	const text = (await drawn(opened, {columns: 160})).join('\n');
	assert.match(text, /▸ +\[ \] Stopped containers \(1\)/);
	assert.match(text, / {4}\[ \] kws-mlflow:latest +612 MB {2}3 weeks/);
	assert.match(text, / {5}- {2}postgres:18 +500 MB {2}3 weeks +used by kws-postgres-1, which is running/);
	assert.match(text, /\[ \] Build cache \(2\) +1\.2 GB +of all projects/);
	assert.match(
		text,
		/\[ \] kws_old +47 MB {2}4 days +PostgreSQL 17 data, database mlflow: 12 experiments, 340 runs/,
	);
	assert.match(
		text,
		/ - {2}kws_pgdata +48 MB {2}4 days +used by kws-postgres-1, which is running; PostgreSQL 18 data/,
	);
	assert.match(text, /Nothing is chosen\./);
	assert.doesNotMatch(text, /churn/);
});

test('the other scope says of which projects there is something', async () => {
	const dialog = withPlan(openedPrune('kws', 'engine'), makePlan(someFacts, 'engine', stack));
	const text = (await drawn(dialog)).join('\n');
	assert.match(text, /\[all unused on the engine\] +of kws, churn/);
	assert.match(text, /churn-db-1 .*of project churn/);
	assert.match(text, /2 chosen, which frees 1\.2 GB\./);
});

test('sizes that are not there yet are shown as such', async () => {
	const early = facts({...someFacts, complete: false, volumes: [volume('kws_old', {project: 'kws'})]});
	const text = (await drawn(withPlan(openedPrune('kws'), makePlan(early, 'stack', stack)))).join('\n');
	assert.match(text, /\[ \] kws_old +… /);
});

test('the total is counted as one chooses, and volumes are marked as lost', async () => {
	const text = (await drawn(after('prune-all'))).join('\n');
	assert.match(text, /4 chosen, which frees 1\.81 GB\./);
	const lost = (await drawn(after('prune-none', 'prune-last', 'prune-previous', 'prune-toggle'))).join('\n');
	assert.match(lost, /▸ +\[x\] kws_old/);
	assert.match(lost, /\[-\] Volumes of this stack|\[x\] Volumes of this stack/);
	assert.match(lost, /1 chosen, which frees 47 MB\. 1 volume: lost for good\./);
	assert.match(
		lost,
		/kws_old; 47 MB; 4 days old; PostgreSQL 17 data, database mlflow: 12 experiments, 340 runs/,
	);
});

const sizes = [
	[200, 60],
	[120, 36],
	[80, 24],
	[60, 15],
	[40, 12],
	[20, 6],
] as const;

const lostVolumes = after('prune-none', 'prune-last', 'prune-previous', 'prune-toggle', 'prune-accept');
const chosen = selectWhere(plan, new Set(), ({kind}) => kind !== 'volume');
const work = reported(beginWork({task: 'prune', project: 'kws', plan, chosen, backup: true}, now), [
	{
		type: 'step',
		at: now + 10,
		id: 'd',
		kind: 'other',
		name: 'database mlflow',
		state: 'done',
		status: 'Saved',
		current: 12e6,
	},
	{
		type: 'step',
		at: now + 20,
		id: 'a',
		kind: 'other',
		name: 'volume mlartifacts',
		state: 'working',
		status: 'Saving',
		current: 0,
	},
	{
		type: 'step',
		at: now + 2020,
		id: 'a',
		kind: 'other',
		name: 'volume mlartifacts',
		state: 'working',
		status: 'Saving',
		current: 170e6,
	},
]);
const kept = Array.from({length: 30}, (_, index) => ({
	key: `image ${index}`,
	name: `image-${index}`,
	why: 'its names are other ones now: churn:latest',
}));
const done = donePrune(
	{
		outcome: {removed: ['a', 'b'], kept, bytes: 1.2e9},
		count: 40,
		cancelled: true,
		failure: [],
		backup: '/b/kws.tar',
	},
	now,
);
const dialogs: ReadonlyArray<readonly [name: string, dialog: Dialog, shown: RegExp]> = [
	['the choice', opened, /Nothing is chosen/],
	['the question', after('prune-all', 'prune-accept'), /Remove 4 objects\?[^]*y remove/],
	['the name that is typed', lostVolumes, /lost[^]*kws_old[^]*Type `kws`[^]*> /],
	['the work', work, /x cancel/],
	['the result', done, /Removed 2[^]*esc close/],
];
for (const [name, dialog, shown] of dialogs) {
	for (const [columns, rows] of sizes) {
		test(`at ${columns}x${rows} ${name} is whole`, async () => {
			const lines = await drawn(dialog, {columns, rows});
			assert.equal(lines.length, rows);
			assert.ok(lines.every((line) => line.length <= columns));
			if (columns >= 60) {
				assert.match(lines.join('\n'), shown);
			}
		});
	}
}

test('without colours and in ASCII every box, cursor and border is still there', async () => {
	for (const [name, dialog, shown] of dialogs) {
		const lines = await drawn(dialog, {ascii: true, colours: false, columns: 80, rows: 24});
		const text = lines.join('\n');
		assert.match(text, shown, name);
		// The arrows of the footer are the names of keys.
		assert.match(text.replaceAll(/[↑↓]/g, ''), /^[\n -~]*$/, name);
	}
});

test('the question lists what would go, by group', async () => {
	const text = (await drawn(after('prune-all', 'prune-accept'))).join('\n');
	assert.match(text, /Stopped containers: kws-mlflow-1 \(their logs go with them/);
	assert.match(text, /Images of this stack: kws-mlflow:latest/);
	assert.match(text, /Build cache: 2 records \(of all projects/);
	assert.match(text, /Frees 1\.81 GB\./);
});

test('what is lost is said with experiments, runs and bytes, and a backup is offered', async () => {
	const text = (await drawn(lostVolumes)).join('\n');
	assert.match(text, /kws_old; 47 MB; 4 days old; PostgreSQL 17 data, database mlflow: 12/);
	assert.match(text, /\[x\] back kws up first/);
	assert.match(text, /Type `kws` to remove 1 volume:/);
});

test('work shows bytes and rate, and that it is being cancelled', async () => {
	const text = (await drawn(work)).join('\n');
	assert.match(text, /Removing, 0 of 4 objects, 2 s/);
	assert.match(text, /✓ database mlflow saved: 12 MB/);
	assert.match(text, /◐ volume mlartifacts saving: 170 MB {2}85 MB\/s/);
	assert.match((await drawn(cancelled(work))).join('\n'), /Cancelling/);
});

test('the result tells what was freed, what was not touched, the backup, and each thing that stayed and why', async () => {
	const text = (await drawn(done, {rows: 60})).join('\n');
	assert.match(text, /! Removed 2 objects, which freed 1\.2 GB\. 30 objects stayed\./);
	assert.match(text, /Cancelled: 8 chosen objects not touched\./);
	assert.match(text, /Backed up before to \/b\/kws\.tar/);
	assert.match(text, /image-29 stays: its names are other ones now: churn:latest/);
	const small = (await drawn(done)).join('\n');
	assert.match(small, /from 1 of 30; the arrows move/);
	const end = pruneAfter(done, 'prune-last', {now, page: 5});
	assert.ok(end);
	assert.match((await drawn(end)).join('\n'), /image-29 stays/);
});
