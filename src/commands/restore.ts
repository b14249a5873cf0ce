import {isAbsolute, join} from 'node:path';
import packageJson from '../../package.json' with {type: 'json'};
import {newBackupFile} from '../engine/backup/backup-files.ts';
import {Journal} from '../engine/backup/journal.ts';
import {recover} from '../engine/backup/recover.ts';
import {restore, type RestoreResult} from '../engine/backup/restore.ts';
import {Failure, type ExitReason} from '../failure.ts';
import {manifestText} from '../stack/backup-manifest.ts';
import {jsonVersion} from '../stack/status-json.ts';
import {ByteReport} from './byte-report.ts';
import type {CommandContext} from './context.ts';
import {openStack, type OpenStack} from './stack.ts';

/** `mlstack restore FILE`; without a file it settles a restore or an upgrade that was interrupted. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, positionals, request, stdout, stderr} = context;
	const opened = await openStack(context);
	const [named] = positionals;
	if (named === undefined) {
		return settle(context, opened);
	}

	const file = isAbsolute(named) ? named : join(request.directory, named);
	const result = await restoreOrAsk(context, opened, file);
	if (result === undefined) {
		await stderr.write('Nothing was changed.\n');
		return 'fine';
	}

	const {manifest, safety} = result;
	if (values.json) {
		await stdout.write(`${JSON.stringify({version: jsonVersion, manifest, safety})}\n`);
		return 'fine';
	}

	await stderr.write(`Restored: ${manifestText(manifest)}\n`);
	if (safety !== undefined) {
		await stderr.write(`What was there before is kept in ${safety}\n`);
	}

	return 'fine';
}

/** Undefined when the user did not confirm. */
async function restoreOrAsk(
	context: CommandContext,
	{engine, stack}: OpenStack,
	file: string,
): Promise<RestoreResult | undefined> {
	const {values, isTTY, read, request, stderr, signal} = context;
	const attempt = async (confirmation: string | undefined): Promise<RestoreResult> => {
		const options = {
			file,
			...(confirmation !== undefined && {confirmation}),
			safetyFile: newBackupFile(stack.project, request.environment, new Date(), '-before-restore'),
			createdBy: packageJson.version,
			journal: new Journal(stack.project, request.environment),
		};
		return new ByteReport(context).follow(restore(engine, stack, options, signal));
	};
	try {
		return await attempt(values.confirm);
	} catch (error) {
		if (!(error instanceof Failure) || error.code !== 'confirmation-needed' || !isTTY || values.json) {
			throw error;
		}

		await stderr.write(`${error.message}\nThey are backed up first.\n`);
		const typed = await read(`Type the project's name, ${stack.project}, to replace them:`);
		return typed.trim() === stack.project ? attempt(stack.project) : undefined;
	}
}

async function settle(context: CommandContext, {engine, stack}: OpenStack): Promise<ExitReason> {
	const {values, request, stdout, stderr, signal} = context;
	const journal = new Journal(stack.project, request.environment);
	const recovery = await new ByteReport(context).follow(recover(engine, stack, journal, signal));
	if (recovery === undefined) {
		throw new Failure('`mlstack restore` needs the file of a backup', {
			code: 'wrong-call',
			reason: 'wrongCall',
			why: `no restore and no upgrade of ${stack.project} was interrupted, so there is nothing else to do`,
			next: ['mlstack backups', 'mlstack help restore'],
		});
	}

	const {entry, holds} = recovery;
	if (values.json) {
		await stdout.write(`${JSON.stringify({version: jsonVersion, settled: entry.operation, holds})}\n`);
	} else {
		const state =
			holds === 'old' ? 'The data are as they were before it.' : 'The restored data are in place.';
		await stderr.write(`The interrupted ${entry.operation} is settled. ${state}\n`);
	}

	return 'fine';
}
