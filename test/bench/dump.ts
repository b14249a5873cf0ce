import {readdir, readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {Recorder} from './recorder.ts';

/**
 * What Node tells of itself when it gets SIGUSR2, if it was started with a flag that asks for it: the JSON that it writes
 * into the folder, which is removed. Empty when none came within 20 s.
 */
export async function dumpOf(mlstack: Recorder, folder: string): Promise<string> {
	mlstack.kill('SIGUSR2');
	for (let tries = 0; tries < 200; tries++) {
		await delay(100);
		for (const name of await readdir(folder)) {
			const text = await readFile(join(folder, name), 'utf8');
			if (/\.(?:json|heapsnapshot)$/.test(name) && text.trimEnd().endsWith('}')) {
				await rm(join(folder, name));
				return text;
			}
		}
	}

	return '';
}
