import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, copyFileSync, existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {identify, type ProcessIdentity} from '../../../src/engine/native/process-table.ts';
import {removeStaleClusterLock} from '../../../src/engine/native/supervisor/cluster-lock.ts';
import {skipElsewhere, temporaryData} from './support.ts';

const skip = skipElsewhere;

/** Whether a lock file with this process number stays. */
function stays(cluster: string, pid: number, last?: ProcessIdentity): boolean {
	const path = join(cluster, 'postmaster.pid');
	writeFileSync(path, `${pid}\n${cluster}\n`);
	removeStaleClusterLock(cluster, last);
	return existsSync(path);
}

test("a database's lock of before the reboot goes when its number is another program's now", {skip}, (t) => {
	assert.equal(stays(temporaryData(t), process.pid), false);
});

test('the lock of a process that has ended, or of a damaged file, is left to PostgreSQL', {skip}, (t) => {
	const cluster = temporaryData(t);
	assert.equal(stays(cluster, 2 ** 22 + 1), true);
	assert.equal(stays(cluster, Number.NaN), true);
	removeStaleClusterLock(join(cluster, 'nowhere'), undefined);
});

test('the lock of a postgres goes only when that is known not to be ours', {skip}, async (t) => {
	const cluster = temporaryData(t);
	const program = join(cluster, 'postgres');
	copyFileSync('/bin/sleep', program);
	chmodSync(program, 0o755);
	const postgres = spawn(program, ['60']);
	t.after(() => postgres.kill('SIGKILL'));
	await once(postgres, 'spawn');
	const identity = identify(postgres.pid ?? 0);
	assert.ok(identity);
	assert.equal(stays(cluster, identity.pid), true, "may be another user's");
	assert.equal(stays(cluster, identity.pid, identity), true, 'it lives');
	assert.equal(stays(cluster, identity.pid, {...identity, started: 'earlier'}), false);
});
