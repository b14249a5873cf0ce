import {asFailure, Failure, type ExitReason} from '../failure.ts';
import type {Card} from '../stack/diagnosis/card.ts';
import {endInput} from '../stack/diagnosis/inputs.ts';
import type {StackInput} from '../stack/startup/input.ts';
import {statusJson} from '../stack/status-json.ts';
import type {StackStatus} from '../stack/status.ts';
import {cardText} from './card-text.ts';
import type {CommandContext} from './context.ts';
import {diagnose} from './diagnose.ts';
import {lastLines} from './last-lines.ts';
import {currentStatus} from './observe.ts';
import {operate, printStatusJson} from './operate.ts';
import {namedServices, openStack, type OpenStack} from './stack.ts';
import {waitUntilHealthy} from './wait.ts';

/** Seconds. A first start of mlstack's own stack takes 11 s once its images are there, a slow machine five times that. */
const defaultTimeout = 300;

/** `mlstack up`: starts the stack; with --wait it returns when MLflow can be used. What fails is told by its cards. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, positionals, stdout} = context;
	const opened = await openStack(context);
	const services = namedServices(positionals, opened.stack);
	const heard: StackInput[] = [];
	try {
		await operate(context, opened, 'up', services, heard);
		if (values.wait) {
			const timeout = values.timeout ?? defaultTimeout;
			const status = await waitUntilHealthy(context, opened, {services, timeout});
			if (!values.json) {
				await stdout.write(status.url === undefined ? 'healthy\n' : `MLflow is ready at ${status.url}\n`);
			}
		}
	} catch (error) {
		throw await explained(error, context, opened, heard);
	}

	await printStatusJson(context, opened, heard);
	return 'fine';
}

/**
 * Looks at the stack when `up` has failed, and tells what is wrong with it. Returns the failure with what the first card
 * says. compose gives up when a service that others wait for fails: to --wait that is not healthy (4), not a failed
 * command (1).
 */
async function explained(
	thrown: unknown,
	context: CommandContext,
	opened: OpenStack,
	heard: readonly StackInput[],
): Promise<unknown> {
	const {values, signal} = context;
	const failure = asFailure(thrown);
	if (signal.aborted || failure.reason === 'noEngine') {
		return thrown;
	}

	const status = await currentStatus(opened, signal);
	const cards = await diagnose(opened, status, [...heard, endInput('up', Date.now(), failure)], signal);
	const known = cards.filter(({rule}) => rule !== 'operation');
	const troubled = new Set(status.services.filter(({ok}) => !ok).map(({service}) => service));
	const error =
		known.find(({severity}) => severity === 'error') ?? known.find(({service}) => troubled.has(service));
	await tell(context, opened, status, known);
	const isUnhealthy = values.wait && failure.reason === 'failed' && status.overall === 'degraded';
	const reason = isUnhealthy ? 'notHealthy' : failure.reason;
	if (reason === 'notHealthy') {
		await tellLastLines(context, opened, status, known);
	}

	const {why, next} = error ? said(error, failure, values.json === true) : failure;
	return new Failure(failure.message, {code: failure.code, why, next, reason, cause: thrown});
}

/**
 * What is left to say of a failure that a card explains: to a script the card's own words, to a person, who has read the
 * card, only what it does not know.
 */
function said({title, why, mend}: Card, failure: Failure, isJson: boolean): Pick<Failure, 'why' | 'next'> {
	if (isJson) {
		const next = mend.flatMap(({text, command, change}) => [text, command ?? [], change ?? []].flat());
		return {why: `${title}. ${why}`, next};
	}

	return {why: failure.code === 'timeout' ? failure.why : '', next: []};
}

async function tell(
	{values, stdout, stderr}: CommandContext,
	{stack, info}: OpenStack,
	status: StackStatus,
	cards: readonly Card[],
): Promise<void> {
	if (values.json) {
		await stdout.write(`${JSON.stringify(statusJson(stack, status, info, cards, Date.now()))}\n`);
		return;
	}

	for (const card of cards) {
		await stderr.write(cardText(card, stderr));
	}
}

/** The log of what failed, where the reader is anyway and no card quotes it. */
async function tellLastLines(
	{values, stderr, signal}: CommandContext,
	{engine}: OpenStack,
	{services}: StackStatus,
	cards: readonly Card[],
): Promise<void> {
	const quoted = new Set(cards.flatMap(({service, line, errors}) => ((line ?? errors) ? [service] : [])));
	for (const {service, ok, containers} of values.json ? [] : services) {
		const [container] = containers;
		if (!ok && container && !quoted.has(service)) {
			const lines = await lastLines(engine, container.id, signal);
			const heading = lines.length === 0 ? [] : [`last lines of ${service}:`];
			await stderr.write([...heading, ...lines.map((line) => `  ${line}`), ''].join('\n'));
		}
	}
}
