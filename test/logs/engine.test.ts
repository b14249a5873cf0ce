import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {test} from 'node:test';
import Docker from 'dockerode';
import {leftOutMark, longestLine} from '../../src/logs/lines.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {digest, readLog} from './support.ts';

/** Shell functions and what they print, run in a container that is started twice. */
const script = `
	x() { head -c $1 /dev/zero | tr '\\0' $2; }
	echo short; echo; printf 'crlf\\r\\n'
	x 40000 a; echo; x 16384 b; echo; x 16383 c; printf 'é\\n'; x 100000 d; echo
	printf '\\303'; sleep 0.1; printf '\\251\\n'; printf 'bad\\377\\n'
	printf 'last'`;

const printed = [
	'short',
	'',
	'crlf',
	'a'.repeat(40_000),
	'b'.repeat(16_384),
	`${'c'.repeat(16_383)}é`,
	`${'d'.repeat(longestLine)}${leftOutMark(100_000 - longestLine)}`,
	'é',
	'bad\uFFFD',
	'last',
];

for (const driver of ['json-file', 'local']) {
	for (const tty of [false, true]) {
		test(
			`lines of a real container are whole: ${driver}${tty ? ', TTY' : ''}`,
			{skip: skipWithoutEngine},
			async () => {
				const id = docker('create', `--tty=${tty}`, `--log-driver=${driver}`, 'busybox', 'sh', '-c', script);
				try {
					for (let start = 0; start < 2; start++) {
						docker('start', id);
						docker('wait', id);
					}

					const log = await new Docker()
						.getContainer(id)
						.logs({stdout: true, stderr: true, timestamps: true});
					// json-file is JSON: it makes U+FFFD of each half of a character that the engine cut.
					const expected = [...printed, ...printed].map((text) =>
						driver === 'json-file' ? text.replace(/cé$/, 'c\uFFFD\uFFFD') : text,
					);
					assert.deepEqual(
						readLog(log, [4099], tty).map(({text}) => digest(text)),
						expected.map((text) => digest(text)),
					);
				} finally {
					docker('rm', '--force', id);
				}
			},
		);
	}
}

function docker(...arguments_: string[]): string {
	return execFileSync('docker', arguments_, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']}).trim();
}
