import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {linkSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import fc from 'fast-check';
import {TarCounter} from '../../src/engine/backup/tar-counter.ts';
import {temporaryFolder} from './backup-fixtures.ts';

test('files are counted however the archive is cut into chunks', (t) => {
	const folder = temporaryFolder(t);
	mkdirSync(join(folder, 'a', 'x'.repeat(120)), {recursive: true});
	writeFileSync(join(folder, 'a', 'empty'), '');
	writeFileSync(join(folder, 'a', 'x'.repeat(120), 'long-name'), 'y'.repeat(513));
	writeFileSync(join(folder, 'b'), 'z'.repeat(1024));
	linkSync(join(folder, 'b'), join(folder, 'c'));
	symlinkSync('b', join(folder, 'd'));
	const archive = execFileSync('tar', ['-C', folder, '-cf', '-', '.']);
	fc.assert(
		fc.property(fc.array(fc.integer({min: 1, max: 3000}), {maxLength: 20}), (lengths) => {
			const counter = new TarCounter();
			let position = 0;
			for (const length of [...lengths, archive.length]) {
				counter.push(archive.subarray(position, position + length));
				position += length;
			}

			assert.deepEqual([counter.files, counter.bytes, counter.ended], [4, 1537, true]);
		}),
	);
});

test('an archive that was cut has no end', (t) => {
	const folder = temporaryFolder(t);
	writeFileSync(join(folder, 'b'), 'z'.repeat(1024));
	const archive = execFileSync('tar', ['-C', folder, '-cf', '-', 'b']);
	const counter = new TarCounter();
	counter.push(archive.subarray(0, 1500));
	assert.equal(counter.ended, false);
});

test('any bytes are survived', () => {
	fc.assert(
		fc.property(fc.uint8Array({maxLength: 3000}), (bytes) => {
			const counter = new TarCounter();
			counter.push(bytes);
			assert.ok(counter.files >= 0);
		}),
	);
});
