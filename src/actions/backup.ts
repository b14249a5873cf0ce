import packageJson from '../../package.json' with {type: 'json'};
import {drain} from '../drain.ts';
import type {Engine} from '../engine/engine.ts';
import {manifestText, type BackupManifest} from '../stack/backup-manifest.ts';
import {formatDuration} from '../stack/format.ts';
import type {Progress, Stack} from '../stack/model.ts';
import type {Desk} from './desk.ts';
import {carryOut} from './work.ts';

/** Backs the stack up to the default place, and says where that is. */
export async function backup(desk: Desk): Promise<void> {
	const {store, say, show} = desk;
	const {stack} = store.getState();
	const engine = desk.engine();
	if (!stack || !engine) {
		say('warning', 'there is nothing to back up yet: the stack is still being looked for');
		return;
	}

	const began = Date.now();
	let made: Backup | undefined;
	const end = await carryOut(desk, {task: 'backup', project: stack.project}, async (report, signal) => {
		made = await backUp(desk, {engine, stack, purpose: ''}, report, signal);
	});
	if (!end) {
		return;
	}

	const {dialog, ...view} = store.getState().view;
	show(view);
	const [what = '', ...more] = end.failure;
	if (made) {
		const took = formatDuration(Date.now() - began);
		say('info', `backed up to ${made.file}`, [`${manifestText(made.manifest)}; in ${took}`]);
	} else if (end.cancelled) {
		say('warning', 'the backup was cancelled; it left no file');
	} else {
		say('error', what, more);
	}
}

interface Backup {
	readonly file: string;
	readonly manifest: BackupManifest;
}

/** Makes a backup in the default place. Throws a Failure when it cannot be made, the signal's reason when aborted. */
export async function backUp(
	{options: {request}}: Desk,
	{engine, stack, purpose}: {readonly engine: Engine; readonly stack: Stack; readonly purpose: string},
	report: (progress: Progress) => void,
	signal: AbortSignal,
): Promise<Backup> {
	// Loaded when it is wanted: a start should not wait for it.
	const [{backup: begin}, {newBackupFile}, {Journal}, {refuseUnfinished}] = await Promise.all([
		import('../engine/backup/backup.ts'),
		import('../engine/backup/backup-files.ts'),
		import('../engine/backup/journal.ts'),
		import('../engine/backup/restore.ts'),
	]);
	await refuseUnfinished(new Journal(stack.project, request.environment));
	const file = newBackupFile(stack.project, request.environment, new Date(), purpose);
	const work = begin(engine, stack, {file, createdBy: packageJson.version}, signal);
	return {file, manifest: await drain(work, report)};
}
