import {asFailure, Failure, type ExitReason} from '../failure.ts';
import type {CommandContext} from './context.ts';
import {lastLines} from './last-lines.ts';
import {currentStatus} from './observe.ts';
import {operate, printStatusJson} from './operate.ts';
import {namedServices, openStack, type OpenStack} from './stack.ts';
import {waitUntilHealthy} from './wait.ts';

/** Seconds. A first start of mlstack's own stack takes 11 s once its images are there, a slow machine five times that. */
const defaultTimeout = 300;

/** `mlstack up`: starts the stack; with --wait it returns when MLflow can be used. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, positionals, stdout} = context;
	const opened = await openStack(context);
	const services = namedServices(positionals, opened.stack);
	if (!values.wait) {
		await operate(context, opened, 'up', services);
		await printStatusJson(context, opened);
		return 'fine';
	}

	try {
		await operate(context, opened, 'up', services).catch(async (thrown: unknown) => {
			throw await explained(thrown, context, opened);
		});
		const status = await waitUntilHealthy(context, opened, {
			services,
			timeout: values.timeout ?? defaultTimeout,
		});
		if (!values.json) {
			await stdout.write(status.url === undefined ? 'healthy\n' : `MLflow is ready at ${status.url}\n`);
		}
	} catch (error) {
		await tellLastLines(error, context, opened);
		throw error;
	}

	await printStatusJson(context, opened);
	return 'fine';
}

/** compose gives up when a service that others wait for fails: that is not healthy (4), not a failed command (1). */
async function explained(thrown: unknown, {signal}: CommandContext, opened: OpenStack): Promise<unknown> {
	if (signal.aborted) {
		return thrown;
	}

	const failure = asFailure(thrown);
	const status = await currentStatus(opened, signal);
	if (failure.reason !== 'failed' || status.overall !== 'degraded') {
		return failure;
	}

	const {message, code, why, next} = failure;
	return new Failure(message, {code, why, next, reason: 'notHealthy', cause: thrown});
}

/** The log of what failed, where the reader is anyway. */
async function tellLastLines(error: unknown, context: CommandContext, opened: OpenStack): Promise<void> {
	const {values, stderr, signal} = context;
	if (values.json || signal.aborted || !(error instanceof Failure) || error.reason !== 'notHealthy') {
		return;
	}

	const {services} = await currentStatus(opened, signal);
	for (const {service, ok, containers} of services) {
		const [container] = containers;
		if (!ok && container) {
			const lines = await lastLines(opened.engine, container.id, signal);
			await stderr.write([`last lines of ${service}:`, ...lines.map((line) => `  ${line}`), ''].join('\n'));
		}
	}
}
