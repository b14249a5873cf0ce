import packageJson from '../../package.json' with {type: 'json'};
import {newBackupFile} from '../engine/backup/backup-files.ts';
import {Journal} from '../engine/backup/journal.ts';
import {upgrade} from '../engine/backup/upgrade.ts';
import {Failure, type ExitReason} from '../failure.ts';
import {countsText} from '../stack/backup-manifest.ts';
import {jsonVersion} from '../stack/status-json.ts';
import {ByteReport} from './byte-report.ts';
import type {CommandContext} from './context.ts';
import {openStack} from './stack.ts';

/** `mlstack upgrade postgres VERSION`: a newer major version of PostgreSQL for the stack's database. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, positionals, request, stdout, stderr, signal} = context;
	const [what, version = ''] = positionals;
	if (what !== 'postgres' || !/^\d{1,3}$/.test(version)) {
		throw new Failure('`mlstack upgrade` needs `postgres` and a major version', {
			code: 'wrong-call',
			reason: 'wrongCall',
			next: ['mlstack upgrade postgres 18'],
		});
	}

	const {engine, stack} = await openStack(context);
	const options = {
		major: Number(version),
		backupFile: newBackupFile(stack.project, request.environment, new Date(), `-before-postgres-${version}`),
		createdBy: packageJson.version,
		journal: new Journal(stack.project, request.environment),
		environment: request.environment,
	};
	const result = await new ByteReport(context).follow(upgrade(engine, stack, options, signal));
	if (values.json) {
		await stdout.write(`${JSON.stringify({version: jsonVersion, backup: options.backupFile, ...result})}\n`);
		return 'fine';
	}

	const {manifest, from, to, keptVolume, keptFiles} = result;
	const lines = [
		`The database moved from PostgreSQL ${from} to ${to}: ${countsText(manifest.counts)}, checked row by row.`,
		`Kept until you remove them: the backup ${options.backupFile}`,
		...keptFiles.map((file) => `  ${file}`),
		...(keptVolume === undefined
			? []
			: [`  the volume ${keptVolume}: \`mlstack prune --volumes=${keptVolume}\``]),
	];
	await stderr.write(`${lines.join('\n')}\n`);
	return 'fine';
}
