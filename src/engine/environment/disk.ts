import {statfs} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {DiskFacts} from '../../stack/environment/facts.ts';
import {stringIn} from '../json.ts';

/**
 * What is free at a place of this machine, or where it will be made; without a number where it cannot be looked at.
 * Never throws.
 */
export async function diskFacts(place: DiskFacts['place'], path: string): Promise<DiskFacts> {
	for (let folder = path; ; folder = dirname(folder)) {
		try {
			const {bavail, bsize} = await statfs(folder);
			return {place, path, free: bavail * bsize};
		} catch (error) {
			if (stringIn(error, 'code') !== 'ENOENT' || folder === dirname(folder)) {
				return {place, path};
			}
		}
	}
}
