import assert from 'node:assert/strict';
import {readFileSync, utimesSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {isHolder, lockHolder, takeLock} from '../../../src/engine/native/lock.ts';
import {identify, processSpace} from '../../../src/engine/native/process-table.ts';
import {skipElsewhere, temporaryData} from './support.ts';

const skip = skipElsewhere;

test('a lock that is held is refused, and says by whom', {skip}, (t) => {
	const path = join(temporaryData(t), 'lock');
	const lock = takeLock(path);
	assert.ok(!isHolder(lock));
	const second = takeLock(path);
	assert.ok(isHolder(second));
	assert.equal(second.pid, process.pid);
	lock.release();
	assert.equal(lockHolder(path), undefined);
	assert.ok(!isHolder(takeLock(path)));
});

const me = {...identify(process.pid), space: processSpace(), host: hostname()};
const holders = [
	{what: 'a process that has ended', holder: {...me, pid: 2 ** 22 + 1}, taken: true},
	{what: 'a process whose number another one has now', holder: {...me, started: 'earlier'}, taken: true},
	{what: 'this host before its last boot', holder: {...me, space: 'earlier'}, taken: true},
	{what: 'another host', holder: {...me, space: 'other', host: 'other'}, taken: false},
	{what: 'nobody, as the file is damaged', holder: {}, taken: true},
];
for (const {what, holder, taken} of holders) {
	test(`the lock of ${what} is ${taken ? 'taken over' : 'respected'}`, {skip}, (t) => {
		const path = join(temporaryData(t), 'lock');
		writeFileSync(path, JSON.stringify(holder));
		assert.equal(isHolder(takeLock(path)), !taken);
	});
}

test("another host's lock is taken over when it was not touched for long", {skip}, (t) => {
	const path = join(temporaryData(t), 'lock');
	writeFileSync(path, JSON.stringify({...me, space: 'other', host: 'other'}));
	const longAgo = new Date(Date.now() - 600_000);
	utimesSync(path, longAgo, longAgo);
	const lock = takeLock(path);
	assert.ok(!isHolder(lock));
	utimesSync(path, longAgo, longAgo);
	assert.equal(lock.touch(), true);
	assert.equal(lockHolder(path)?.pid, process.pid);
});

test('releasing leaves a lock alone that somebody else has taken over', {skip}, (t) => {
	const path = join(temporaryData(t), 'lock');
	const lock = takeLock(path);
	assert.ok(!isHolder(lock));
	writeFileSync(path, 'somebody else');
	assert.equal(lock.touch(), false);
	lock.release();
	assert.equal(readFileSync(path, 'utf8'), 'somebody else');
});
