import {access} from 'node:fs/promises';
import packageJson from '../../package.json' with {type: 'json'};
import {drain} from '../drain.ts';
import {countsText, type BackupManifest} from '../stack/backup-manifest.ts';
import type {Desk} from './desk.ts';
import {carryOut} from './work.ts';

/** Asks before the schema is migrated: MLflow cannot go back. */
export function askMigrate({store, ask}: Desk): void {
	const project = store.getState().stack?.project ?? 'the project';
	ask('migrate', `Migrate the database of ${project} to this MLflow?`, [
		'The databases are saved into a file first, then `mlflow db upgrade` runs in a container of its own; the server is stopped meanwhile, and started again.',
		'Every run stays. An older MLflow cannot read the database afterwards; the saved file can be restored for it.',
	]);
}

/** Saves the databases, migrates the schema, and says what came of it. */
export async function migrate(desk: Desk): Promise<void> {
	const {store, options, say, show} = desk;
	const {stack} = store.getState();
	const engine = desk.engine();
	if (!stack || !engine) {
		return;
	}

	const {environment} = options.request;
	let file = '';
	let saved: BackupManifest | undefined;
	const end = await carryOut(desk, {task: 'migrate', project: stack.project}, async (report, signal) => {
		const [{migrateSchema}, {newBackupFile}, {Journal}] = await Promise.all([
			import('../engine/backup/migrate-schema.ts'),
			import('../engine/backup/backup-files.ts'),
			import('../engine/backup/journal.ts'),
		]);
		file = newBackupFile(stack.project, environment, new Date(), '-before-migration');
		const journal = new Journal(stack.project, environment);
		const work = migrateSchema(
			engine,
			stack,
			{backupFile: file, createdBy: packageJson.version, journal},
			signal,
		);
		saved = await drain(work, report);
	});
	if (!end) {
		return;
	}

	const {dialog, ...view} = store.getState().view;
	show(view);
	const [what = '', ...more] = end.failure;
	if (saved) {
		say('info', 'the schema is migrated, and MLflow starts again', [
			`as it was before: ${file} (${countsText(saved.counts)})`,
		]);
	} else if (end.cancelled) {
		const more = await access(file).then(
			() => [`the databases as they were before: ${file}`],
			() => ['the schema is as it was'],
		);
		say('warning', 'the migration was cancelled; the server starts again', more);
	} else {
		say('error', `the schema is not migrated: ${what}`, more);
	}
}
