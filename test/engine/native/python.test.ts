import assert from 'node:assert/strict';
import {chmodSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {findPython} from '../../../src/engine/native/python.ts';
import {skipElsewhere, temporaryData} from './support.ts';

test("on macOS, Apple's python3 is not touched as long as it is a stub", {skip: skipElsewhere}, async (t) => {
	const folder = temporaryData(t);
	const python = await findPython({PATH: '/usr/bin'}, undefined, 'linux');
	for (const [exitCode, found] of [
		[2, undefined],
		[0, python],
	] as const) {
		const select = join(folder, 'xcode-select');
		writeFileSync(select, `#!/bin/sh\nexit ${exitCode}\n`);
		chmodSync(select, 0o755);
		assert.deepEqual(await findPython({PATH: `${folder}:/usr/bin`}, undefined, 'darwin'), found);
	}
});

test('a Python elsewhere on the PATH is found without them', {skip: skipElsewhere}, async (t) => {
	const folder = temporaryData(t);
	const path = join(folder, 'python3.13');
	writeFileSync(path, `#!/bin/sh\necho '{"executable": "${path}", "major": 3, "minor": 13, "pip": true}'\n`);
	chmodSync(path, 0o755);
	const found = await findPython({PATH: `${folder}:/usr/bin`}, undefined, 'darwin');
	assert.deepEqual(found, {executable: path, minor: 13, hasPip: true});
});
