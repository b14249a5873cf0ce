import type {Container, ServiceDefinition} from '../model.ts';
import {tell, type Card, type Tale, type Values} from './card.ts';
import {portExample} from './port-example.ts';
import type {LineRule} from './rule.ts';
import {lineRule} from './rules.ts';
import {stateRules, type Facts, type StateRule} from './state-rules.ts';
import type {Diagnosis, Finding} from './state.ts';

/** A card that may be shown, and when. */
interface Candidate {
	readonly card: Card;
	/** Shown from then until before then; milliseconds since 1970. */
	readonly from: number;
	readonly until: number;
	readonly fallback: boolean;
	readonly follows: boolean;
}

/** What is wrong now, the most important first: errors before warnings, the database before what follows from it. */
export function cards(diagnosis: Diagnosis): readonly Card[] {
	const all = candidates(diagnosis).filter(({from, until}) => from <= diagnosis.now && diagnosis.now < until);
	const troubled = hasDatabaseTrouble(diagnosis, all);
	const shown = all.filter(({fallback, follows, card}) => {
		const explained =
			fallback &&
			(diagnosis.findings.some(
				({service, rule}) => service === card.service && lineRule(rule)?.severity === 'error',
			) ||
				all.some((other) => !other.fallback && other.card.service === card.service));
		return !explained && !(follows && troubled);
	});
	const failure = failureCard(
		diagnosis,
		shown.map(({card}) => card),
	);
	const seen = new Set<string>();
	return [...shown.map(({card}) => card), ...(failure ? [failure] : [])]
		.toSorted((a, b) => rank(diagnosis, a) - rank(diagnosis, b) || a.at - b.at)
		.filter(({id}) => !seen.has(id) && seen.add(id));
}

/**
 * When the cards change next if nothing else is heard, milliseconds since 1970: a failure has lasted long enough, or is
 * no longer news. Then `time` is due as an input.
 */
export function nextChange(diagnosis: Diagnosis): number | undefined {
	const times = candidates(diagnosis)
		.flatMap(({from, until}) => [from, until])
		.filter((time) => time > diagnosis.now && Number.isFinite(time));
	return times.length === 0 ? undefined : Math.min(...times);
}

function rank(diagnosis: Diagnosis, {severity, service}: Card): number {
	const role = diagnosis.runs[service]?.role;
	return (severity === 'error' ? 0 : 3) + (role === 'database' ? 0 : role === 'tracking' ? 1 : 2);
}

function candidates(diagnosis: Diagnosis): readonly Candidate[] {
	const fromLines = diagnosis.findings.flatMap((finding) => {
		const rule = lineRule(finding.rule);
		return rule && applies(diagnosis, rule, finding) ? [lineCandidate(diagnosis, rule, finding)] : [];
	});
	const fromState = Object.keys(diagnosis.runs).flatMap((service) => {
		const facts = factsOf(diagnosis, service);
		return facts ? stateRules.flatMap((rule) => stateCandidate(diagnosis, rule, facts)) : [];
	});
	return [...fromLines, ...fromState];
}

function applies(diagnosis: Diagnosis, rule: LineRule, finding: Finding): boolean {
	const beside = diagnosis.findings.filter(({service}) => service === finding.service);
	if (rule.unless?.some((id) => beside.some((other) => other.rule === id))) {
		return false;
	}

	const isService = serviceNames(diagnosis).has(finding.found);
	return (
		(rule.names === undefined || (rule.names === 'service') === isService) &&
		(rule.ranBefore === undefined || finding.at > (diagnosis.ranBefore ?? Infinity))
	);
}

function serviceNames(diagnosis: Diagnosis): ReadonlySet<string> {
	return new Set([
		...diagnosis.services.map(({name}) => name),
		...[...diagnosis.containers.containers.values()].flatMap(({service, name}) => [service, name]),
	]);
}

function lineCandidate(diagnosis: Diagnosis, rule: LineRule, finding: Finding): Candidate {
	const ended = ['exited', 'dead', 'restarting'].includes(
		containerOf(diagnosis, finding.service)?.status ?? '',
	);
	// One disk, one object store: the same card for all services.
	const scope = rule.reads.some((reader) => reader === 'any' || reader === 'client') ? '' : finding.service;
	return {
		card: {
			...told(diagnosis, rule, finding.service, {
				1: finding.found,
				owner: diagnosis.owners[finding.found] ?? 'another program or container',
				example: portExample(diagnosis, Number(finding.found)),
			}),
			id: `${rule.id} ${scope}`.trimEnd(),
			rule: rule.id,
			service: finding.service,
			severity: rule.severity,
			line: finding.line,
			at: finding.at,
		},
		from: ended || finding.stale ? 0 : finding.at + (rule.lasts ?? 0),
		until: rule.fades === undefined ? Infinity : finding.last + rule.fades,
		fallback: false,
		follows: rule.follows !== undefined,
	};
}

function stateCandidate(diagnosis: Diagnosis, rule: StateRule, facts: Facts): readonly Candidate[] {
	const held = rule.holds(facts);
	if (!held) {
		return [];
	}

	const {errors} = facts.run;
	const port = held.values?.['port'];
	const values = {
		...(facts.container && {container: facts.container.name}),
		...(port && {example: portExample(diagnosis, Number(port))}),
		...held.values,
	};
	return [
		{
			card: {
				...told(diagnosis, rule, facts.service, values),
				id: rule.shared ? rule.id : `${rule.id} ${facts.service}`,
				rule: rule.id,
				service: facts.service,
				severity: rule.severity,
				...(rule.fallback && errors.length > 0 && {errors}),
				at: held.since,
			},
			from: held.since + (rule.lasts ?? 0),
			until: Infinity,
			fallback: rule.fallback === true,
			follows: rule.follows !== undefined,
		},
	];
}

/** An operation failed, and neither its output nor the containers say why: its own words, then. */
function failureCard(diagnosis: Diagnosis, shown: readonly Card[]): Card | undefined {
	const {failure} = diagnosis;
	if (!failure || shown.some(({severity}) => severity === 'error')) {
		return undefined;
	}

	const [title = '', ...why] = failure.text.split('\n').filter((line) => line.trim() !== '');
	return {
		id: 'operation',
		rule: 'operation',
		service: '',
		severity: 'error',
		title,
		why: why.join(' '),
		mend: [],
		at: failure.at,
	};
}

function told(diagnosis: Diagnosis, tale: Tale, service: string, values: Values): Tale {
	const named = (role: 'database' | 'tracking'): string =>
		diagnosis.services.find((definition) => definition.role === role)?.name ??
		Object.entries(diagnosis.runs).find(([, run]) => run.role === role)?.[0] ??
		(role === 'database' ? 'postgres' : 'mlflow');
	return tell(tale, {
		service: service || named('tracking'),
		database: named('database'),
		tracking: named('tracking'),
		compose: diagnosis.compose,
		...values,
	});
}

function factsOf(diagnosis: Diagnosis, service: string): Facts | undefined {
	const run = diagnosis.runs[service];
	if (!run) {
		return undefined;
	}

	const container = containerOf(diagnosis, service);
	return {
		service,
		run,
		...(container && {container}),
		databases: diagnosis.services
			.filter(({role}) => role === 'database')
			.map((definition) => databaseFacts(diagnosis, definition)),
		stopping: ['stop', 'down', 'restart'].includes(diagnosis.operation ?? ''),
	};
}

function databaseFacts(diagnosis: Diagnosis, definition: ServiceDefinition): Facts['databases'][number] {
	const container = containerOf(diagnosis, definition.name);
	const run = diagnosis.runs[definition.name];
	return {definition, ...(container && {container}), ...(run && {run})};
}

/** The service's container whose run is followed. */
function containerOf(diagnosis: Diagnosis, service: string): Container | undefined {
	const all = [...diagnosis.containers.containers.values()].filter(
		(container) => container.service === service,
	);
	return all.find(({id}) => id === diagnosis.runs[service]?.container) ?? all[0];
}

/** The database has a card of its own, or does not run. */
function hasDatabaseTrouble(diagnosis: Diagnosis, all: readonly Candidate[]): boolean {
	const databases = diagnosis.services.filter(({role}) => role === 'database').map(({name}) => name);
	const names = new Set([
		...databases,
		...Object.entries(diagnosis.runs).flatMap(([service, run]) => (run.role === 'database' ? [service] : [])),
	]);
	const isDown = [...names].some((name) => containerOf(diagnosis, name)?.status !== 'running');
	const hasCard = all.some(({card}) => names.has(card.service) && card.severity === 'error');
	return isDown || hasCard || all.some(({card}) => card.rule === 'database-stopped');
}
