import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {bindingOf, keyBindings} from '../../src/keys.ts';
import {
	cursorIndex,
	isPruneDialog,
	openedPrune,
	pruneAfter,
	unboundInPrune,
	withPlan,
	type PruneAction,
	type PruneDialog,
} from '../../src/screen/prune-dialog.ts';
import {pruneRows} from '../../src/screen/prune-rows.ts';
import type {Task, WorkDialog} from '../../src/screen/work-dialog.ts';
import {planItems, type PruneFacts, type PruneScope} from '../../src/stack/prune.ts';
import {makePlan} from '../../src/stack/prune/plan.ts';
import {
	cacheRecord,
	container,
	facts,
	image,
	network,
	now,
	ownContainer,
	stack,
	volume,
} from '../stack/prune-facts.ts';

const someFacts = facts({
	containers: [
		ownContainer('postgres', {status: 'running', volumes: ['kws_used'], imageId: 'sha256:postgres:18'}),
		ownContainer('mlflow', {volumes: ['kws_artifacts']}),
		container('churn-db-1', {project: 'churn', volumes: ['churn_data']}),
	],
	images: [
		image('postgres:18', {layers: [{id: 'p', size: 500_000_000}]}),
		image('kws-mlflow:latest', {layers: [{id: 'l', size: 612_000_000}]}),
		image('', {id: 'sha256:dangling', project: 'kws', layers: [{id: 'm', size: 5_000_000}]}),
		image('redis:8', {layers: [{id: 'r', size: 1_000_000}]}),
	],
	volumes: [
		volume('kws_used', {project: 'kws', size: 1}),
		volume('kws_old', {project: 'kws', size: 47_000_000, holds: 'PostgreSQL 17 data'}),
		volume('kws_artifacts', {project: 'kws', size: 2}),
		volume('churn_data', {project: 'churn', size: 3}),
	],
	networks: [network('kws_default', {project: 'kws'})],
	buildCache: [cacheRecord('a'), cacheRecord('b'), cacheRecord('used', {inUse: true})],
});

const planOf = (some: PruneFacts = someFacts, scope: PruneScope = 'stack') => makePlan(some, scope, stack);

type PruneTask = Extract<Task, {task: 'prune'}>;

/** The dialog, and time: a test presses keys as the controller does. */
class Hands {
	dialog: PruneDialog | WorkDialog | undefined;
	now = now;

	constructor(scope: PruneScope = 'stack', some: PruneFacts = someFacts) {
		this.dialog = withPlan(openedPrune('kws', scope), planOf(some, scope));
	}

	/** One key after another, `apart` ms apart; the first comes after as long a pause. */
	press(keys: readonly string[], apart = 1000): this {
		for (const key of keys) {
			this.now += apart;
			if (!isPruneDialog(this.dialog)) {
				return this;
			}

			const binding = bindingOf(key, this.dialog.kind);
			this.dialog = binding
				? pruneAfter(this.dialog, binding.action as PruneAction, {now: this.now, page: 5})
				: unboundInPrune(this.dialog, key, this.now);
		}

		return this;
	}

	/** Moves the cursor to a row. */
	goTo(id: string): this {
		const {selection} = this.choosing();
		const rows = selection.plan ? pruneRows(selection.plan) : [];
		const index = rows.findIndex((row) => row.id === id);
		assert.notEqual(index, -1, `${id} is no row`);
		return this.press(['home', ...Array.from({length: index}, () => 'down')]);
	}

	choosing(): Extract<PruneDialog, {kind: 'prune'}> {
		assert.ok(this.dialog?.kind === 'prune');
		return this.dialog;
	}

	get chosen(): readonly string[] {
		return isPruneDialog(this.dialog) && this.dialog.kind !== 'prune-done'
			? [...this.dialog.selection.chosen].sort()
			: [];
	}

	get hint(): string {
		return this.dialog && 'hint' in this.dialog ? (this.dialog.hint ?? '') : '';
	}

	/** What is carried out now. */
	get job(): PruneTask {
		const job = this.dialog?.kind === 'work' ? this.dialog.job : undefined;
		assert.ok(job?.task === 'prune');
		return job;
	}

	get kind(): string | undefined {
		return this.dialog?.kind;
	}
}

const name = ['k', 'w', 's'];

test('at first what nobody misses is chosen, and no volume', () => {
	assert.deepEqual(new Hands().chosen, ['image sha256:dangling', 'network id-kws_default']);
	const engine = new Hands('engine').chosen;
	assert.deepEqual(
		engine.filter((key) => key.startsWith('volume')),
		[],
	);
	assert.ok(engine.includes('buildCache a'));
});

test('space chooses a row and what has to go with it, and once more takes both out', () => {
	const hands = new Hands().press(['n']).goTo('volume kws_artifacts').press(['space']);
	assert.deepEqual(hands.chosen, ['container id-kws-mlflow-1', 'volume kws_artifacts']);
	hands.goTo('container id-kws-mlflow-1').press(['space']);
	assert.deepEqual(hands.chosen, []);
});

test('space on a title chooses all below it, but not what is in use', () => {
	const hands = new Hands().press(['n']).goTo('stack-volumes').press(['space']);
	assert.deepEqual(hands.chosen, ['container id-kws-mlflow-1', 'volume kws_artifacts', 'volume kws_old']);
	assert.deepEqual(hands.press(['space']).chosen, ['container id-kws-mlflow-1']);
});

test('the build cache is one row; a record that a build uses stays', () => {
	const hands = new Hands().press(['n']).goTo('build-cache').press(['space']);
	assert.deepEqual(hands.chosen, ['buildCache a', 'buildCache b']);
});

test('space on what is in use chooses nothing, and says why', () => {
	const hands = new Hands().press(['n']).goTo('volume kws_used').press(['space']);
	assert.deepEqual(hands.chosen, []);
	assert.equal(hands.hint, 'kws_used stays: used by kws-postgres-1, which is running');
});

test('a chooses everything but volumes, n nothing', () => {
	const hands = new Hands().press(['a']);
	assert.deepEqual(hands.chosen, [
		'buildCache a',
		'buildCache b',
		'container id-kws-mlflow-1',
		'image sha256:dangling',
		'image sha256:kws-mlflow:latest',
		'network id-kws_default',
	]);
	assert.deepEqual(hands.press(['n']).chosen, []);
});

const moves: ReadonlyArray<readonly [keys: readonly string[], row: number]> = [
	[['down'], 1],
	[['j', 'j', 'up'], 1],
	[['down', 'k', 'k'], 0],
	[['pagedown'], 5],
	[['pagedown', 'pageup', 'down'], 1],
	[['end', 'home'], 0],
	[['G'], pruneRows(planOf()).length - 1],
	[['G', 'down', 'pagedown'], pruneRows(planOf()).length - 1],
	[['G', 'g'], 0],
];
for (const [keys, row] of moves) {
	test(`${keys.join(' ')} leads to row ${row}`, () => {
		assert.equal(cursorIndex(new Hands().press(keys).choosing().selection), row);
	});
}

test('s and tab change the scope, with nothing chosen by hand any more', () => {
	const hands = new Hands().press(['a', 's']);
	assert.deepEqual(hands.choosing().selection, {
		project: 'kws',
		scope: 'engine',
		chosen: new Set(),
		touched: false,
	});
	assert.equal(hands.press(['tab']).choosing().selection.scope, 'stack');
});

for (const key of ['escape', 'q', 'ctrl+c']) {
	test(`${key} closes it`, () => {
		assert.equal(new Hands().press([key]).dialog, undefined);
	});
}

test('before the plan is there only scope and close do something', () => {
	const hands = new Hands();
	hands.dialog = openedPrune('kws');
	hands.press(['space', 'a', 'enter', 'down', 'end', 'n']);
	assert.deepEqual(hands.dialog, openedPrune('kws'));
	assert.equal(hands.press(['s']).choosing().selection.scope, 'engine');
});

test('with nothing chosen enter says how one chooses', () => {
	const hands = new Hands().press(['n', 'enter']);
	assert.equal(hands.kind, 'prune');
	assert.match(hands.hint, /Nothing is chosen: space/);
});

test('what can be made again goes after y, exactly as it was chosen', () => {
	const hands = new Hands().press(['enter']);
	assert.equal(hands.kind, 'prune-confirm');
	const {chosen} = hands;
	hands.press(['y']);
	assert.deepEqual([...hands.job.chosen].sort(), chosen);
	assert.equal(hands.job.backup, false);
});

for (const key of ['n', 'escape', 'q', 'ctrl+c']) {
	test(`${key} on the question leads back to the choice`, () => {
		const hands = new Hands().press(['enter', key]);
		assert.equal(hands.kind, 'prune');
		assert.deepEqual(hands.chosen, ['image sha256:dangling', 'network id-kws_default']);
	});
}

test('enter does not answer the question', () => {
	assert.equal(new Hands().press(['enter', 'enter', 'enter']).kind, 'prune-confirm');
});

test('y typed ahead of the question does nothing, and it says so', () => {
	const hands = new Hands().press(['enter', 'y', 'y', 'y'], 10);
	assert.ok(hands.dialog?.kind === 'prune-confirm' && hands.dialog.question.early);
	assert.equal(hands.press(['y'], 1000).kind, 'work');
});

for (const delay of [250, 500, 660]) {
	test(`y held down does nothing for as long as it is held (repeated after ${delay} ms)`, () => {
		const hands = new Hands().press(['enter']).press(['y'], 100).press(['y'], delay);
		hands.press(
			Array.from({length: 200}, () => 'y'),
			33,
		);
		assert.equal(hands.kind, 'prune-confirm');
	});
}

test('volumes want the name of their project typed, after what is lost was said and a backup offered', () => {
	const hands = new Hands().press(['n']).goTo('volume kws_old').press(['space', 'enter']);
	assert.ok(hands.dialog?.kind === 'prune-type');
	assert.deepEqual(
		hands.dialog.lost.map(({holds}) => holds),
		['PostgreSQL 17 data'],
	);
	assert.equal(hands.dialog.backup, true);
	hands.press([...name, 'enter']);
	assert.deepEqual([...hands.job.chosen], ['volume kws_old']);
	assert.equal(hands.job.backup, true);
});

test('tab declines the backup', () => {
	const hands = new Hands().goTo('volume kws_old').press(['space', 'enter', 'tab', ...name, 'enter']);
	assert.equal(hands.job.backup, false);
});

test('a volume of another project wants that project’s name, and no backup of this stack is offered', () => {
	const hands = new Hands('engine').press(['n']).goTo('volume churn_data').press(['space', 'enter']);
	assert.ok(hands.dialog?.kind === 'prune-type');
	assert.equal(hands.dialog.word, 'churn');
	assert.equal(hands.dialog.backup, undefined);
	assert.equal(hands.press([...name, 'enter']).kind, 'prune-type');
	assert.equal(hands.press(['ctrl+u', ...Array.from('churn'), 'enter']).kind, 'work');
});

const typing = () => new Hands().goTo('volume kws_old').press(['space', 'enter']);

test('another word than the name does nothing, and can be corrected', () => {
	const hands = typing().press(['K', 'w', 's', 'enter']);
	assert.equal(hands.hint, 'That is not kws; nothing was done.');
	hands.press(['backspace', 'delete', 'backspace', ...name, 'space', 'enter']);
	assert.equal(hands.kind, 'prune-type');
	assert.equal(hands.press(['backspace', 'enter']).kind, 'work');
});

test('the name typed ahead of the question does nothing', () => {
	assert.equal(typing().press(['enter', ...name, 'enter'], 20).kind, 'prune-type');
	const hands = new Hands().goTo('volume kws_old').press(['space', 'enter', ...name, 'enter'], 150);
	assert.ok(hands.dialog?.kind === 'prune-type');
	assert.equal(hands.dialog.text, '');
});

test('a paste of the name does nothing, also on a terminal that does not tell pastes from keys', () => {
	const hands = typing()
		.press(['up'])
		.press([...name, 'enter'], 0);
	assert.equal(hands.kind, 'prune-type');
	assert.equal(hands.hint, 'A paste does not count: type it.');
	assert.equal(hands.press([...name, 'enter']).kind, 'work');
});

test('volumes do not go while it is not known what they hold', () => {
	const hands = new Hands('stack', {...someFacts, complete: false})
		.goTo('volume kws_artifacts')
		.press(['space', 'enter', ...name, 'enter']);
	assert.match(hands.hint, /still being read/);
	assert.ok(isPruneDialog(hands.dialog));
	hands.dialog = withPlan(hands.dialog, planOf());
	assert.equal(hands.press(['enter']).kind, 'work');
});

test('what comes later is chosen by itself only while nobody has chosen and no question is asked', () => {
	const {buildCache, ...early} = someFacts;
	const later = planOf(someFacts, 'engine');
	const begun = (...keys: readonly string[]) => {
		const hands = new Hands('engine', early).press(keys);
		assert.ok(isPruneDialog(hands.dialog));
		hands.dialog = withPlan(hands.dialog, later);
		return hands.chosen.includes('buildCache a');
	};
	assert.equal(begun(), true);
	assert.equal(begun('n'), false);
	assert.equal(begun('space'), false);
	assert.equal(begun('enter'), false);
});

test('the cursor stays on its row when sizes change the order', () => {
	const hands = new Hands('stack', {...someFacts, volumes: someFacts.volumes.map(({size, ...one}) => one)});
	hands.goTo('volume kws_artifacts');
	const before = cursorIndex(hands.choosing().selection);
	hands.dialog = withPlan(hands.choosing(), planOf());
	const {selection} = hands.choosing();
	assert.equal(selection.cursor, 'volume kws_artifacts');
	assert.notEqual(cursorIndex(selection), before);
});

const bound = [
	...new Set(keyBindings.filter(({scope}) => scope.startsWith('prune')).flatMap(({keys}) => keys)),
];
const someKeys = fc.array(
	fc.tuple(
		fc.oneof(
			fc.constantFrom(...bound).map((key) => [key]),
			fc.constantFrom(
				['end', 'space', 'enter'],
				[...name, 'enter'],
				[...Array.from('churn'), 'enter'],
				['y'],
			),
		),
		fc.integer({min: 0, max: 2000}),
	),
	{maxLength: 100},
);

test('whatever is pressed: nothing in use is chosen, and no volume goes whose name was not typed', () => {
	let ended = 0;
	const blocked = new Set(
		(['stack', 'engine'] as const).flatMap((scope) =>
			planItems(planOf(someFacts, scope)).flatMap((item) => (item.blocked === undefined ? [] : [item.key])),
		),
	);
	fc.assert(
		fc.property(someKeys, (keys) => {
			const hands = new Hands();
			for (const [key, apart] of keys.flatMap(([several, apart]) =>
				several.map((key) => [key, apart] as const),
			)) {
				const before: PruneDialog | WorkDialog | undefined = hands.dialog;
				hands.press([key], apart);
				assert.ok(hands.chosen.every((one) => !blocked.has(one)));
				if (hands.dialog?.kind === 'prune' && !hands.dialog.selection.plan) {
					hands.dialog = withPlan(hands.dialog, planOf(someFacts, hands.dialog.selection.scope));
				}

				if (hands.kind === 'work') {
					ended++;
					assert.ok(isPruneDialog(before));
					const volumes = [...hands.job.chosen].filter((one) => one.startsWith('volume'));
					assert.equal(before.kind, volumes.length > 0 ? 'prune-type' : 'prune-confirm');
					assert.ok(before.kind !== 'prune-type' || before.text === before.word);
					return;
				}
			}
		}),
		{numRuns: 500},
	);
	assert.ok(ended > 50, 'enough of the runs come to an end');
});

test('keys faster than a person’s remove nothing at all', () => {
	fc.assert(
		fc.property(fc.array(fc.constantFrom(...bound, 'k', 'w', 's'), {maxLength: 300}), (keys) => {
			assert.notEqual(new Hands().press(keys, 5).kind, 'work');
		}),
	);
});
