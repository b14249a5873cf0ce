import type {ExitReason} from '../failure.ts';
import {formatDuration} from '../stack/format.ts';
import type {OperationKind} from '../stack/model.ts';
import {diagnose} from './diagnose.ts';
import type {StackInput} from '../stack/startup/input.ts';
import {beginOperation, operationWords, withProgress} from '../stack/operation.ts';
import {statusJson} from '../stack/status-json.ts';
import type {CommandContext} from './context.ts';
import {currentStatus} from './observe.ts';
import {jsonReport, LineReport} from './progress.ts';
import {namedServices, openStack, type OpenStack} from './stack.ts';

/** `mlstack start`, `stop` and `restart`: an operation on the services that are named, or on all. */
export async function runOperation(context: CommandContext, kind: OperationKind): Promise<ExitReason> {
	const opened = await openStack(context);
	await operate(context, opened, kind, namedServices(context.positionals, opened.stack));
	await printStatusJson(context, opened);
	return 'fine';
}

/**
 * Carries an operation out and tells its progress; `heard` gets what a diagnosis learns from it. Throws the engine's Failure, or the
 * reason of an interruption.
 */
export async function operate(
	{values, stdout, stderr, signal}: CommandContext,
	{engine, stack}: OpenStack,
	kind: OperationKind,
	services: readonly string[],
	heard: StackInput[] = [],
): Promise<void> {
	const report = values.json ? jsonReport(stdout) : new LineReport(stderr);
	const began = Date.now();
	let operation = beginOperation(kind, services, began);
	heard.push({type: 'begin', at: began, operation: kind, services});
	let hasFailed = true;
	try {
		for await (const progress of engine.operate(kind, stack, {services}, signal)) {
			operation = withProgress(operation, progress);
			heard.push({type: 'progress', progress});
			await report.progress(progress, operation);
		}

		signal.throwIfAborted();
		hasFailed = false;
	} finally {
		await report.end(operation, hasFailed && !signal.aborted);
		if (signal.aborted) {
			await stderr.write(`mlstack: \`${kind}\` was interrupted; what it did so far stays\n`);
		}
	}

	if (!values.json) {
		const names = services.length === 0 ? stack.project : services.join(', ');
		await stderr.write(`${names} ${operationWords[kind].done} in ${formatDuration(Date.now() - began)}\n`);
	}
}

/** With --json the last line of an operation is what `mlstack status --json` prints. */
export async function printStatusJson(
	{values, stdout, signal}: CommandContext,
	opened: OpenStack,
	heard: readonly StackInput[] = [],
): Promise<void> {
	if (!values.json) {
		return;
	}

	const status = await currentStatus(opened, signal);
	const cards = await diagnose(opened, status, heard, signal);
	await stdout.write(`${JSON.stringify(statusJson(opened.stack, status, opened.info, cards, Date.now()))}\n`);
}
