import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setImmediate} from 'node:timers/promises';
import type {LogBook} from '../logs/book.ts';
import type {LogQuery} from '../logs/query.ts';
import {savedLine, textOf} from './log-text.ts';

/**
 * Writes the range, or the lines that are shown, filter applied, to a new file in a folder: the engine's stamp, the service and the
 * text without colours. Gives the file's name. Throws what the file system says.
 */
export async function saveLog(
	book: LogBook,
	query: LogQuery,
	{folder, project, at}: {readonly folder: string; readonly project: string; readonly at: Date},
): Promise<string> {
	while (!book.update(query)) {
		await setImmediate();
	}

	const name = `${project}-${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}.log`;
	// Taken now: lines that come while the file is written are not the ones that were shown.
	await writeFile(join(folder, name), textOf(book.entries(query), savedLine), {flag: 'wx'});
	return name;
}
