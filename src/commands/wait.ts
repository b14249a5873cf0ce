import {Failure} from '../failure.ts';
import {formatDuration} from '../stack/format.ts';
import type {ServiceState, ServiceStatus, StackStatus} from '../stack/status.ts';
import type {CommandContext} from './context.ts';
import {observe} from './observe.ts';
import type {OpenStack} from './stack.ts';
import {changesBetween} from './status.ts';

/** States from which a service does not become healthy by waiting. */
const hopeless: ReadonlySet<ServiceState> = new Set([
	'exited',
	'out of memory',
	'dead',
	'unhealthy',
	'restarting',
]);

/** What a wait waits for, and how long. */
export interface WaitOptions {
	/** All when empty. */
	readonly services: readonly string[];
	/** Seconds. */
	readonly timeout: number;
}

/**
 * Waits until every service is healthy, or runs if it has no healthcheck, and MLflow works; tells each change on
 * standard error. Throws a Failure with reason `notHealthy` as soon as a service has failed, and when time is up.
 */
export async function waitUntilHealthy(
	{values, stderr, signal}: CommandContext,
	opened: OpenStack,
	{services: names, timeout}: WaitOptions,
): Promise<StackStatus> {
	const time = AbortSignal.timeout(timeout * 1000);
	let before: StackStatus | undefined;
	for await (const status of observe(opened, AbortSignal.any([signal, time]))) {
		const lines = before === undefined || values.json ? [] : changesBetween(before, status, stderr);
		for (const line of lines) {
			await stderr.write(`${line}\n`);
		}

		before = status;
		const concerned = servicesOf(status, names);
		const failed = concerned.find((service) => hasFailed(service));
		if (failed) {
			throw serviceFailed(failed);
		}

		if (concerned.every((service) => isReady(service))) {
			return status;
		}
	}

	signal.throwIfAborted();
	throw outOfTime(before ? servicesOf(before, names) : [], timeout);
}

function servicesOf({services}: StackStatus, names: readonly string[]): readonly ServiceStatus[] {
	return names.length === 0 ? services : services.filter(({service}) => names.includes(service));
}

/** A job of another service that has ended is done; a database or server that ended is not up. */
function hasFailed({state, role}: ServiceStatus): boolean {
	return hopeless.has(state) || (state === 'stopped' && role !== 'other');
}

function isReady({ok, state, role, url, tracking}: ServiceStatus): boolean {
	if (role === 'tracking' && url !== undefined && !tracking?.works) {
		return false;
	}

	return ok || (state === 'stopped' && role === 'other');
}

function serviceFailed({service, word, containers}: ServiceStatus): Failure {
	const restarts = containers.reduce((sum, {restartCount}) => sum + (restartCount ?? 0), 0);
	return new Failure(`${service}: ${word}`, {
		code: 'service-failed',
		reason: 'notHealthy',
		why: restarts > 0 ? `its restart policy restarted it ${restarts} times` : 'its log says why',
		next: [`mlstack logs --tail 50 ${service}`, 'mlstack status'],
	});
}

function outOfTime(services: readonly ServiceStatus[], timeout: number): Failure {
	const missing = services.filter((service) => !isReady(service));
	return new Failure(`not healthy within ${formatDuration(timeout * 1000)}`, {
		code: 'timeout',
		reason: 'notHealthy',
		why: missing.map((service) => `${service.service}: ${waitedFor(service)}`).join('; '),
		next: [...missing.map(({service}) => `mlstack logs --tail 50 ${service}`), 'mlstack status'],
	});
}

function waitedFor({word, ok, url, tracking}: ServiceStatus): string {
	return ok && url !== undefined ? `${word}, but ${url}: ${tracking?.word ?? 'was not asked'}` : word;
}
