import {setTimeout as sleep} from 'node:timers/promises';
import {Failure} from '../failure.ts';
import {formatDuration} from '../stack/format.ts';
import type {ServiceState, ServiceStatus, StackStatus} from '../stack/status.ts';
import type {CommandContext} from './context.ts';
import {currentStatus, observe} from './observe.ts';
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

/** How long, in ms, a container without a healthcheck has to run before it counts as up. */
const settleTime = 1500;

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
	const either = AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)]);
	let before: StackStatus | undefined;
	for await (const status of observe(opened, either)) {
		const lines = before === undefined || values.json ? [] : changesBetween(before, status, stderr);
		for (const line of lines) {
			await stderr.write(`${line}\n`);
		}

		before = status;
		if (areReady(servicesOf(status, names))) {
			const later = await settled(opened, status, names, either);
			if (later) {
				return later;
			}
		}
	}

	signal.throwIfAborted();
	throw outOfTime(before ? servicesOf(before, names) : [], timeout);
}

/**
 * The status once every service without a healthcheck has run for a while; `undefined` when it is no longer so then.
 * Without this a program that ends with an error at once would count as up, if it was looked at in between.
 */
async function settled(
	opened: OpenStack,
	status: StackStatus,
	names: readonly string[],
	signal: AbortSignal,
): Promise<StackStatus | undefined> {
	const isYoung = ({state, since, tracking}: ServiceStatus) =>
		state === 'running' && !tracking?.works && Date.now() - (since ?? 0) < settleTime;
	if (!servicesOf(status, names).some((service) => isYoung(service))) {
		return status;
	}

	try {
		await sleep(settleTime, undefined, {signal});
		const later = await currentStatus(opened, signal);
		return areReady(servicesOf(later, names)) ? later : undefined;
	} catch (error) {
		if (signal.aborted) {
			return undefined;
		}

		throw error;
	}
}

/** Whether all are up. Throws a Failure for one that has failed. */
function areReady(services: readonly ServiceStatus[]): boolean {
	const failed = services.find((service) => hasFailed(service));
	if (failed) {
		throw serviceFailed(failed);
	}

	return services.every((service) => isReady(service));
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
