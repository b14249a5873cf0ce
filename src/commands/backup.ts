import {isAbsolute, join} from 'node:path';
import packageJson from '../../package.json' with {type: 'json'};
import {backup} from '../engine/backup/backup.ts';
import {newBackupFile} from '../engine/backup/backup-files.ts';
import {Journal} from '../engine/backup/journal.ts';
import {refuseUnfinished} from '../engine/backup/restore.ts';
import type {ExitReason} from '../failure.ts';
import {manifestText, type BackupManifest} from '../stack/backup-manifest.ts';
import {jsonVersion} from '../stack/status-json.ts';
import {ByteReport} from './byte-report.ts';
import type {CommandContext} from './context.ts';
import {openStack, type OpenStack} from './stack.ts';

/** `mlstack backup [FILE]`: everything that the experiments consist of, in one archive. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, positionals, request, stdout, stderr} = context;
	const opened = await openStack(context);
	const [named] = positionals;
	const file =
		named === undefined
			? newBackupFile(opened.stack.project, request.environment, new Date())
			: isAbsolute(named)
				? named
				: join(request.directory, named);
	const manifest = await backUp(context, opened, file);
	if (values.json) {
		await stdout.write(`${JSON.stringify({version: jsonVersion, file, manifest})}\n`);
	} else {
		await stderr.write(`${manifestText(manifest)}\n`);
		await stdout.write(`${file}\n`);
	}

	return 'fine';
}

/** Backs a stack up and tells the progress. Returns the backup's manifest. */
export async function backUp(
	context: CommandContext,
	{engine, stack}: Pick<OpenStack, 'engine' | 'stack'>,
	file: string,
): Promise<BackupManifest> {
	await refuseUnfinished(new Journal(stack.project, context.request.environment));
	const options = {file, createdBy: packageJson.version};
	return new ByteReport(context).follow(backup(engine, stack, options, context.signal));
}
