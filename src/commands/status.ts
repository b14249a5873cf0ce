import type {ExitReason} from '../failure.ts';
import {formatDuration} from '../stack/format.ts';
import type {EngineInfo, TrackingHealth} from '../stack/model.ts';
import {
	overallStates,
	portText,
	serviceStates,
	type ServiceStatus,
	type StackStatus,
} from '../stack/status.ts';
import type {Card} from '../stack/diagnosis/card.ts';
import {statusJson} from '../stack/status-json.ts';
import {cardText} from './card-text.ts';
import type {CommandContext, Output} from './context.ts';
import {diagnose} from './diagnose.ts';
import {currentStatus, observe} from './observe.ts';
import {paint} from './paint.ts';
import {openStack, type OpenStack} from './stack.ts';
import {table} from './table.ts';

/** `mlstack status`: what runs, how healthy it is, and where; with --watch each change after that. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, stdout, signal} = context;
	const opened = await openStack(context);
	if (values.watch) {
		await watch(context, opened);
		return 'fine';
	}

	const status = await currentStatus(opened, signal);
	const {stack, info} = opened;
	const cards = await diagnose(opened, status, [], signal);
	await stdout.write(
		values.json
			? `${JSON.stringify(statusJson(stack, status, info, cards, Date.now()), undefined, '\t')}\n`
			: statusText(status, info, Date.now(), stdout),
	);
	if (!values.json) {
		await tellCards(cards, stdout);
	}

	return status.overall === 'up' ? 'fine' : 'notHealthy';
}

/** The whole once, then a line for each change: of a service for people, the whole document again for scripts. */
async function watch({values, stdout, signal}: CommandContext, opened: OpenStack): Promise<void> {
	let before: StackStatus | undefined;
	let told: readonly Card[] = [];
	for await (const status of observe(opened, signal)) {
		const now = Date.now();
		if (values.json) {
			if (before === undefined || essence(before) !== essence(status)) {
				const cards = await diagnose(opened, status, [], signal);
				await stdout.write(`${JSON.stringify(statusJson(opened.stack, status, opened.info, cards, now))}\n`);
			}
		} else {
			const changes = before ? changesBetween(before, status, stdout) : [];
			await stdout.write(
				before
					? changes.map((change) => `${clock(now)} ${change}\n`).join('')
					: statusText(status, opened.info, now, stdout),
			);
			const cards = await diagnose(opened, status, [], signal);
			const known = new Set(told.map(({id}) => id));
			await tellCards(
				cards.filter(({id}) => !known.has(id)),
				stdout,
			);
			told = cards;
		}

		before = status;
	}
}

/** What is wrong, a paragraph each. */
async function tellCards(cards: readonly Card[], output: Output): Promise<void> {
	for (const card of cards) {
		await output.write(`\n${cardText(card, output)}`);
	}
}

/** All of a status that a script could wait for: without the times of the questions. */
function essence({overall, services}: StackStatus): string {
	return JSON.stringify([
		overall,
		services.map(({service, word, tracking, containers}) => [service, word, tracking?.word, containers]),
	]);
}

/** `19:27:26`, local. */
function clock(now: number): string {
	return new Date(now).toTimeString().slice(0, 8);
}

/** One line for each service whose state is another now, and one for the stack. */
export function changesBetween(before: StackStatus, after: StackStatus, output: Output): readonly string[] {
	const lines: string[] = [];
	for (const service of after.services) {
		const old = before.services.find((each) => each.service === service.service);
		if (old?.word !== service.word) {
			lines.push(`${service.service} ${old?.word ?? 'absent'} → ${paintedWord(service, output)}`);
		}
	}

	for (const {service, word} of before.services) {
		if (after.services.every((each) => each.service !== service)) {
			lines.push(`${service} ${word} → ${paint(output, 'muted', serviceStates.absent.word)}`);
		}
	}

	if (before.overall !== after.overall) {
		lines.push(
			`${after.project} ${before.overall} → ${paint(output, overallStates[after.overall].tone, after.overall)}`,
		);
	}

	return lines;
}

/** The state of a service in its colour, without the glyph. */
export function paintedWord({state, word}: ServiceStatus, output: Output): string {
	return paint(output, serviceStates[state].tone, word);
}

/** The status as a person reads it: the stack, a table of its services, what MLflow says. `now` is in ms since 1970. */
export function statusText(status: StackStatus, info: EngineInfo, now: number, output: Output): string {
	const {project, overall, services} = status;
	const rows = services.map((service) => [
		`${paint(output, serviceStates[service.state].tone, serviceStates[service.state].glyph)} ${service.service}`,
		paintedWord(service, output),
		service.since === undefined ? '' : formatDuration(now - service.since),
		service.image ?? '',
		service.ports.map((port) => portText(port)).join(', '),
	]);
	const heading = ['  SERVICE', 'STATE', 'FOR', 'IMAGE', 'ADDRESS'].map((word) =>
		paint(output, 'muted', word),
	);
	const answers = services.flatMap(({tracking}) => (tracking ? [trackingText(tracking)] : []));
	return [
		`${project}  ${paint(output, overallStates[overall].tone, overall)}  ${engineText(info)}`,
		'',
		...(rows.length === 0 ? ['No service of this project is known.'] : table([heading, ...rows])),
		...(answers.length === 0 ? [] : ['', ...answers]),
		'',
	].join('\n');
}

/** `docker 28.5.2 (default)`, or `native`. */
export function engineText({kind, version, context}: EngineInfo): string {
	return [kind, version, context && `(${context})`].filter((part) => part !== '').join(' ');
}

/** Both levels of MLflow's health in a line. */
export function trackingText({url, answers, works, why}: TrackingHealth): string {
	const levels = answers ? `answers, and ${works ? 'works' : 'does not work'}` : 'does not answer';
	return `MLflow at ${url} ${levels}${why === '' ? '' : `: ${why}`}`;
}
