import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {test} from 'node:test';
import {
	identify,
	isAlive,
	signalGroup,
	signalProcess,
	startByPs,
	statFields,
} from '../../../src/engine/native/process-table.ts';
import {cpuPercent, parsePs, usageOfTree} from '../../../src/engine/native/usage.ts';
import {endOf, skipElsewhere} from './support.ts';

test('a process is alive until it has ended', {skip: skipElsewhere}, async () => {
	const child = spawn('sleep', ['60']);
	const identity = identify(child.pid ?? 0);
	assert.ok(identity);
	assert.equal(isAlive(identity), true);
	child.kill('SIGKILL');
	await once(child, 'exit');
	assert.equal(isAlive(identity), false);
	assert.equal(identify(child.pid ?? 0), undefined);
});

test(
	'a number that was given to another process is not the process that had it',
	{skip: skipElsewhere},
	async (t) => {
		const child = spawn('sleep', ['60'], {detached: true});
		t.after(() => child.kill('SIGKILL'));
		const identity = identify(child.pid ?? 0);
		assert.ok(identity);
		const earlier = {...identity, started: 'at another time'};
		assert.equal(isAlive(earlier), false);
		assert.equal(signalProcess(earlier, 'SIGKILL'), false);
		assert.equal(signalGroup(earlier, 'SIGKILL'), false);
		assert.equal(isAlive(identity), true);
	},
);

test(
	'a process is the same to whoever asks, in another time zone, too, where ps tells its start',
	{skip: skipElsewhere},
	(t) => {
		const {TZ} = process.env;
		t.after(() => {
			process.env['TZ'] = TZ;
		});
		const starts = ['UTC', 'Asia/Tokyo'].map((zone) => {
			process.env['TZ'] = zone;
			return startByPs(process.pid);
		});
		assert.match(starts[0] ?? '', /^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/);
		assert.equal(starts[0], starts[1]);
		assert.equal(startByPs(2 ** 22 + 1), undefined);
	},
);

test('a group is signalled after its leader has ended', {skip: skipElsewhere}, async () => {
	// The orphan keeps none of the pipes, so that the leader's end is seen.
	const script = 'sleep 60 >/dev/null 2>&1 & echo $!; read wait';
	const child = spawn('sh', ['-c', script], {detached: true, stdio: ['pipe', 'pipe', 'ignore']});
	const leader = identify(child.pid ?? 0);
	const [chunk] = await once(child.stdout, 'data');
	const orphan = identify(Number(String(chunk)));
	child.stdin.end();
	await once(child, 'exit');
	assert.ok(leader && orphan);
	assert.equal(isAlive(orphan), true);
	assert.equal(signalGroup(leader, 'SIGKILL'), true);
	await endOf(orphan);
});

test("a command's name in /proc/PID/stat may hold brackets and spaces", () => {
	assert.deepEqual(statFields('12 (a) b (c) S 1 2'), ['S', '1', '2']);
});

test(
	'the use of a tree is that of the process and of all that it started',
	{skip: skipElsewhere},
	async (t) => {
		const busy = `node -e 'for (;;);' & wait`.replace('node', process.execPath);
		const child = spawn('sh', ['-c', busy], {detached: true});
		t.after(() => {
			process.kill(-(child.pid ?? 0), 'SIGKILL');
		});
		await new Promise((resolve) => setTimeout(resolve, 600));
		const usage = await usageOfTree(child.pid ?? 0);
		assert.ok(usage);
		assert.equal(usage.cpu.size, 2);
		assert.ok(cpuPercent({cpu: new Map(), memory: 0}, usage, 1) > 5, 'a busy child uses the CPU');
		assert.ok(usage.memory > 1_000_000, 'Node takes more than a megabyte');
		assert.equal(await usageOfTree(2 ** 22 + 1), undefined);
	},
);

const ps = `
    1     0   9120   0:05.10
  400     1  10240   1:02.50
  401   400  20480 01:00:00
  402   401   1024 1-00:00:01
  500     1  99999   0:01.00
`;

test('ps is read on systems without /proc', () => {
	const usage = parsePs(ps, 400);
	assert.deepEqual(
		[...(usage?.cpu ?? [])],
		[
			[400, 62.5],
			[401, 3600],
			[402, 86_401],
		],
	);
	assert.equal(usage?.memory, (10_240 + 20_480 + 1024) * 1024);
	assert.equal(parsePs(ps, 9), undefined);
});
