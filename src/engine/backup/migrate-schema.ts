import {drain} from '../../drain.ts';
import {Failure} from '../../failure.ts';
import type {BackupManifest} from '../../stack/backup-manifest.ts';
import {upgradeScript} from '../../stack/backend-uri.ts';
import type {Progress, Stack} from '../../stack/model.ts';
import type {Engine} from '../engine.ts';
import {backup} from './backup.ts';
import {currentContainers, operate} from './containers.ts';
import type {Journal} from './journal.ts';
import {reporting, type Reporter} from './reporting.ts';
import {refuseUnfinished} from './restore.ts';

export interface MigrationOptions {
	/** Where the databases are saved first. Absolute; it must not exist. */
	readonly backupFile: string;
	/** mlstack's own version, for that backup's manifest. */
	readonly createdBy: string;
	readonly journal: Journal;
}

/** How long starting the server again may take, in ms, also after a cancellation. */
const startTimeout = 300_000;

/**
 * Brings the database's schema to the version of the stack's MLflow with `mlflow db upgrade`, in a container of its own;
 * the databases are saved first. The tracking server is stopped meanwhile, and started again whatever happens. MLflow
 * cannot go back: the backup can. Cancelled, or failed, PostgreSQL undoes the revision that was under way.
 */
export function migrateSchema(
	engine: Engine,
	stack: Stack,
	options: MigrationOptions,
	signal: AbortSignal,
): AsyncGenerator<Progress, BackupManifest> {
	return reporting(async (reporter) => {
		await refuseUnfinished(options.journal);
		const service = await trackingService(engine, stack, signal);
		const command = ['sh', '-c', await scriptFor(engine, stack, service, signal)];
		await operate(engine, 'stop', stack, [service], reporter, signal);
		try {
			return await saveAndMigrate({engine, stack, reporter, signal}, options, service, command);
		} finally {
			await operate(engine, 'start', stack, [service], reporter, AbortSignal.timeout(startTimeout));
		}
	});
}

interface Work {
	readonly engine: Engine;
	readonly stack: Stack;
	readonly reporter: Reporter;
	readonly signal: AbortSignal;
}

async function saveAndMigrate(
	{engine, stack, reporter, signal}: Work,
	{backupFile: file, createdBy}: MigrationOptions,
	service: string,
	command: readonly string[],
): Promise<BackupManifest> {
	const saving = backup(engine, stack, {file, createdBy, databasesOnly: true}, signal);
	const saved = await drain(saving, (progress) => reporter.pass(progress));
	reporter.step('schema', 'mlflow db upgrade', 'working', 'migrating');
	try {
		for await (const line of engine.runOnce(stack, service, command, signal)) {
			reporter.step('schema', 'mlflow db upgrade', 'working', line.trim());
		}
	} catch (error) {
		reporter.step('schema', 'mlflow db upgrade', 'failed', 'failed');
		throw error;
	}

	signal.throwIfAborted();
	reporter.step('schema', 'mlflow db upgrade', 'done', 'migrated');
	return saved;
}

async function trackingService(engine: Engine, stack: Stack, signal: AbortSignal): Promise<string> {
	const containers = await currentContainers(engine, stack, signal);
	const name = [...stack.services.map((each) => ({service: each.name, role: each.role})), ...containers].find(
		({role}) => role === 'tracking',
	)?.service;
	if (name === undefined) {
		throw new Failure('there is no MLflow server in this stack', {
			code: 'no-tracking-server',
			why: 'its command migrates the schema',
		});
	}

	return name;
}

/** Of a stack without files the server's environment has the URI. */
async function scriptFor(
	engine: Engine,
	stack: Stack,
	service: string,
	signal: AbortSignal,
): Promise<string> {
	return upgradeScript(
		stack.files.length === 0 ? undefined : await engine.composeConfig(stack, signal),
		service,
	);
}
