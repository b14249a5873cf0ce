import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
	columns,
	nextTimeChange,
	serviceTable,
	timeText,
	type TableFacts,
} from '../../src/screen/service-table.ts';
import {addSample, sparkline} from '../../src/stack/samples.ts';
import {serviceViews, update, initialState} from '../../src/stack/state.ts';
import {serviceStatus, type ServiceStatus} from '../../src/stack/status.ts';
import {aContainer, aStack, now} from '../support/stack.ts';

function statuses(...containers: ReturnType<typeof aContainer>[]): readonly ServiceStatus[] {
	const state = update(initialState, {type: 'snapshot', at: now, containers});
	return serviceViews(aStack(), state).map((view) => serviceStatus(view, {now}));
}

const sample = {at: now, cpu: 12.34, memory: 64 * 1024 * 1024, memoryLimit: 2 ** 30, received: 0, sent: 0};
const facts: TableFacts = {now, ascii: false, stats: true, history: () => addSample(undefined, sample)};
const two = statuses(aContainer('postgres'), aContainer('mlflow'));

test('wide enough, every column is there', () => {
	assert.deepEqual(
		serviceTable(two, facts, 250).ids,
		columns.map(({id}) => id),
	);
});

test('narrower, columns fall away in order of worth, and name and state stay', () => {
	let before = columns.length;
	for (let room = 200; room >= 1; room -= 1) {
		const {ids, widths} = serviceTable(two, facts, room);
		assert.ok(ids.length <= before);
		assert.deepEqual(ids.slice(0, 2), ['name', 'state']);
		if (ids.length > 2) {
			assert.ok(widths.reduce((sum, width) => sum + width + 2, -2) <= room);
		}

		before = ids.length;
	}

	assert.equal(before, 2);
});

test('no service and no room at all are a table without columns', () => {
	assert.deepEqual(serviceTable([], facts, -4).ids, []);
	assert.deepEqual(serviceTable([], facts, 80).ids, []);
});

test('without stats their columns are gone', () => {
	assert.deepEqual(serviceTable(two, {...facts, stats: false}, 250).ids, [
		'name',
		'state',
		'time',
		'image',
		'address',
	]);
});

test('what runs counts in minutes, what starts in seconds, what ended says ago', () => {
	const text = (more: Parameters<typeof aContainer>[1]) => {
		const [postgres] = statuses(aContainer('postgres', more));
		return postgres && timeText(postgres, now);
	};
	assert.equal(text({startedAt: now - 42_000}), '<1m');
	assert.equal(text({startedAt: now - 192_000}), '3m');
	assert.equal(text({startedAt: now - 7_500_000}), '2h 5m');
	assert.equal(text({startedAt: now - 42_000, health: 'starting'}), '42 s');
	assert.equal(text({status: 'exited', exitCode: 1, finishedAt: now - 192_000}), '3m ago');
	assert.equal(text({startedAt: now + 5000}), '<1m');
});

test('the screen is drawn again when a shown time changes, not before', () => {
	const wait = (more: Parameters<typeof aContainer>[1]) =>
		nextTimeChange(statuses(aContainer('postgres', more)), now);
	assert.equal(wait({startedAt: now - 42_000}), 18_000);
	assert.equal(wait({startedAt: now - 192_000}), 48_000);
	assert.equal(wait({startedAt: now - 42_400, health: 'starting'}), 600);
	assert.equal(nextTimeChange(statuses(), now), undefined);
});

test('a sparkline is as wide as asked, scaled from 0 to its ceiling or its largest value', () => {
	assert.equal(sparkline([0, 50, 100], 5, 100), '  ▁▅█');
	assert.equal(sparkline([1, 1, 1], 3, 100), '▁▁▁');
	assert.equal(sparkline([0, 200], 2, 100), '▁█');
	assert.equal(sparkline([0, 100], 2, 100, true), '_@');
	assert.equal(sparkline([], 3, 100), '   ');
});

test('network is a rate; a counter that fell is a container that was restarted', () => {
	let history = addSample(undefined, {...sample, received: 1000});
	history = addSample(history, {...sample, at: now + 2000, received: 5000});
	assert.equal(history.receiving, 2000);
	history = addSample(history, {...sample, at: now + 4000, received: 10});
	assert.equal(history.receiving, 0);
	const {received, sent, ...untold} = sample;
	assert.equal(addSample(addSample(undefined, untold), untold).receiving, undefined, 'not 0: nobody knows');
});
