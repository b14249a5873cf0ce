import {backupFolder, listBackups, type BackupFile} from '../engine/backup/backup-files.ts';
import type {ExitReason} from '../failure.ts';
import {manifestText} from '../stack/backup-manifest.ts';
import {formatAge, formatDiskSize} from '../stack/prune/units.ts';
import {jsonVersion} from '../stack/status-json.ts';
import type {CommandContext} from './context.ts';
import {table} from './table.ts';

/** `mlstack backups`: the backups in mlstack's own folder. */
export async function run({values, request, stdout, stderr}: CommandContext): Promise<ExitReason> {
	const folder = backupFolder(request.environment);
	const backups = await listBackups(folder);
	if (values.json) {
		await stdout.write(`${JSON.stringify({version: jsonVersion, folder, backups}, undefined, '\t')}\n`);
		return 'fine';
	}

	if (backups.length === 0) {
		await stderr.write(`There are no backups in ${folder}: \`mlstack backup\` makes one.\n`);
		return 'fine';
	}

	const rows = table([['project', 'size', 'age', 'holds', 'file'], ...backups.map((one) => rowOf(one))]);
	await stdout.write(`${rows.join('\n')}\n`);
	return 'fine';
}

function rowOf({file, size, modifiedAt, holds}: BackupFile): readonly string[] {
	const [project, text] =
		'damaged' in holds ? ['?', `not whole: ${holds.damaged}`] : [holds.project, manifestText(holds)];
	return [project, formatDiskSize(size), formatAge(Date.now() - modifiedAt), text, file];
}
