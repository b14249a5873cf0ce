import {mask} from '../mask.ts';
import type {Container, OperationKind, Progress, StackEvent, TrackingHealth} from '../model.ts';
import type {Line, StackInput} from '../startup/input.ts';
import {update as updateStack} from '../state.ts';
import type {LineRule} from './rule.ts';
import {lineRule} from './rules.ts';
import {read, type Reading} from './signs.ts';
import {newRun, type Diagnosis, type Finding, type Run} from './state.ts';

/** So many lines that look like errors are kept for a failure that no rule knows. */
const errorsKept = 5;
/** A finding that comes again within this time changes nothing, ms: some lines come by the hundred. */
const repeat = 1000;
/** Docker notes the start a little after the first line may have come; it restarts no container sooner than this, ms. */
const slack = 100;
/** From the kernel's killing of a process for want of memory to the end of its container, ms. */
const memoryToEnd = 5000;

/**
 * The diagnosis after one more input. Pure; returns the very same object for whatever changes nothing, which is nearly
 * every line of a log.
 */
export function update(diagnosis: Diagnosis, input: StackInput): Diagnosis {
	switch (input.type) {
		case 'services': {
			const {services, ranBefore = diagnosis.ranBefore, compose = diagnosis.compose} = input;
			return {...diagnosis, services, compose, ...(ranBefore !== undefined && {ranBefore})};
		}

		case 'begin': {
			return begin(at(diagnosis, input.at), input.operation, input.services);
		}

		case 'end': {
			return end(at(diagnosis, input.at), input);
		}

		case 'progress': {
			return progressed(diagnosis, input.progress);
		}

		case 'event': {
			return event(at(diagnosis, input.event.at), input.event);
		}

		case 'line': {
			return line(diagnosis, input.line);
		}

		case 'probe': {
			return probe(at(diagnosis, input.health.at), input.service, input.health);
		}

		case 'port': {
			const {port, owner, free} = input;
			const {owners, freePorts} = diagnosis;
			return {
				...diagnosis,
				owners: {...owners, [port]: owner},
				...(free !== undefined && {freePorts: {...freePorts, [port]: free}}),
			};
		}

		case 'time': {
			return at(diagnosis, input.at);
		}
	}
}

function at(diagnosis: Diagnosis, now: number): Diagnosis {
	return now > diagnosis.now ? {...diagnosis, now} : diagnosis;
}

function begin(diagnosis: Diagnosis, operation: OperationKind, services: readonly string[]): Diagnosis {
	const {failure, ...rest} = diagnosis;
	const stops = operation === 'stop' || operation === 'down' || operation === 'restart';
	const runs = stops
		? Object.fromEntries(
				Object.entries(rest.runs).map(([service, run]) => [
					service,
					services.length === 0 || services.includes(service) ? stopping(run) : run,
				]),
			)
		: rest.runs;
	return {...rest, operation, runs, findings: rest.findings.filter(({service}) => service !== '')};
}

const stopping = (run: Run): Run => ({...run, stopping: true});

function end(diagnosis: Diagnosis, {at, failure, said = ''}: StackInput & {type: 'end'}): Diagnosis {
	const {operation, ...rest} = diagnosis;
	if (failure === undefined) {
		return rest;
	}

	const read = `${said}\n${failure}`.split('\n').reduce((state, text) => output(state, text, at), rest);
	return {...read, failure: {at, text: mask(failure)}};
}

function progressed(diagnosis: Diagnosis, progress: Progress): Diagnosis {
	if (progress.type === 'output') {
		return output(diagnosis, progress.text, progress.at);
	}

	return progress.state === 'failed'
		? output(diagnosis, progress.status, progress.at, imageOf(diagnosis, progress))
		: diagnosis;
}

/** The image of a pull, which compose calls by its service. */
function imageOf({services}: Diagnosis, {kind, name}: Progress & {type: 'step'}): string {
	const service = services.find((definition) => definition.name === name);
	return kind === 'pull' ? (service?.image ?? name) : '';
}

/** `image`: the one that the text is about, which a registry's own words do not name. */
function output(diagnosis: Diagnosis, text: string, time: number, image = ''): Diagnosis {
	const reading = withImage(read('operation', text), image);
	return reading
		? found(at(diagnosis, time), reading, {service: '', role: 'other', at: time, text})
		: diagnosis;
}

function withImage(reading: Reading | undefined, image: string): Reading | undefined {
	return (
		reading && {...reading, matches: reading.matches.map(({rule, found}) => ({rule, found: found || image}))}
	);
}

function line(diagnosis: Diagnosis, line: Line): Diagnosis {
	const run = diagnosis.runs[line.service] ?? newRun(line.role);
	if (line.at < (run.since ?? 0) - slack) {
		return diagnosis;
	}

	const reading = read(line.role, line.text);
	if (!reading) {
		return diagnosis;
	}

	let next = found(at(diagnosis, line.at), reading, line);
	let {errors, listening} = run;
	if (reading.isError) {
		errors = [...errors, reference(line)].slice(-errorsKept);
	}

	if (reading.signs.includes('connected')) {
		next = healed(next, line.service, 'connected');
	}

	if (reading.signs.includes('initialised')) {
		next = healed(next, line.service, 'initialised');
	}

	if (reading.signs.includes('listening')) {
		listening ??= line.at;
		next = withoutStale(next, line.service);
	}

	return withRun(next, line.service, {
		...(next.runs[line.service] ?? run),
		errors,
		...(listening !== undefined && {listening}),
		...(reading.signs.includes('stopping') && {stopping: true}),
	});
}

/** Notes what the rules found in a line. An error of this run replaces what is left from the run before. */
function found(diagnosis: Diagnosis, reading: Reading, line: Line): Diagnosis {
	let {findings} = diagnosis;
	for (const {rule, found} of reading.matches) {
		const before = findings.find((finding) => finding.rule === rule.id && finding.service === line.service);
		// What compose says last may name less than what it said before.
		const isSame = before?.found === found || found === '';
		if (before && !before.stale && isSame && line.at - before.last < repeat) {
			continue;
		}

		const finding: Finding = {
			rule: rule.id,
			service: line.service,
			at: before && !before.stale ? before.at : line.at,
			last: line.at,
			found,
			line: reference(line),
		};
		findings = [
			...findings.filter(
				(other) =>
					other !== before && !(other.stale && other.service === line.service && rule.severity === 'error'),
			),
			finding,
		];
	}

	return findings === diagnosis.findings ? diagnosis : {...diagnosis, findings};
}

const reference = ({service, at, text}: Line): Finding['line'] => ({service, at, text: mask(text)});

function event(diagnosis: Diagnosis, event: StackEvent): Diagnosis {
	if (event.type === 'kill') {
		const service = diagnosis.containers.containers.get(event.id)?.service ?? '';
		const run = diagnosis.runs[service];
		return run ? withRun(diagnosis, service, stopping(run)) : diagnosis;
	}

	const before = diagnosis.containers;
	const containers = updateStack(before, event);
	if (containers === before) {
		return diagnosis;
	}

	let next: Diagnosis = {...diagnosis, containers};
	const changes =
		event.type === 'snapshot'
			? event.containers
			: [
					containers.containers.get(
						event.type === 'container' ? event.container.id : 'id' in event ? event.id : '',
					),
				];
	for (const container of changes) {
		next = container ? changed(next, before.containers.get(container.id), container, event.at) : next;
	}

	return gone(next);
}

/** What was said of a service whose containers are all removed is no news any more. */
function gone(diagnosis: Diagnosis): Diagnosis {
	const left = new Set([...diagnosis.containers.containers.values()].map(({service}) => service));
	const findings = diagnosis.findings.filter(({service}) => service === '' || left.has(service));
	const runs = Object.fromEntries(Object.entries(diagnosis.runs).filter(([service]) => left.has(service)));
	return {...diagnosis, findings, runs};
}

function changed(
	diagnosis: Diagnosis,
	before: Container | undefined,
	container: Container,
	at: number,
): Diagnosis {
	const run = diagnosis.runs[container.service] ?? newRun(container.role);
	const runs = container.status === 'running';
	const ran = before?.status === 'running' || before?.status === 'paused';
	const {startedAt} = container;
	const restartedUnseen = (startedAt ?? 0) - (before?.startedAt ?? Infinity) > 1500;
	const begins = runs && (!ran || restartedUnseen);
	let next = diagnosis;
	if (begins) {
		next = started(next, run, container, at);
	} else if (runs && before?.startedAt === undefined && startedAt !== undefined) {
		// A list does not tell it. Whatever this run of the container has written since then counts.
		next = withRun(next, container.service, {...run, container: container.id, since: startedAt});
	} else if (container.status !== 'created' && !runs && (ran || !before)) {
		next = withRun(next, container.service, {
			...run,
			container: container.id,
			...(container.startedAt !== undefined && {since: container.startedAt}),
			endedAt: container.finishedAt ?? at,
			...(container.exitCode !== undefined && {exitCode: container.exitCode}),
			...((container.oomKilled || at - (run.shortOfMemoryAt ?? -Infinity) < memoryToEnd) && {
				outOfMemory: true,
			}),
		});
	} else if (runs && container.oomKilled && !before?.oomKilled) {
		// An inspection of the container that still runs takes the word back, and its end says no more of it.
		next = withRun(next, container.service, {...run, shortOfMemoryAt: at});
	}

	if (container.health === 'healthy' && (begins || before?.health !== 'healthy')) {
		next = healed(well(next, container.service), container.service, 'connected');
	}

	const current = next.runs[container.service];
	if (current && container.health === 'unhealthy' && before?.health !== 'unhealthy') {
		next = withRun(next, container.service, {...current, unhealthySince: at});
	}

	return next;
}

function started(diagnosis: Diagnosis, run: Run, container: Container, at: number): Diagnosis {
	const again = run.container === container.id && run.endedAt !== undefined && !run.stopping;
	const next = withRun(diagnosis, container.service, {
		role: container.role,
		container: container.id,
		since: container.startedAt ?? at,
		restarts: again ? run.restarts + 1 : 0,
		errors: [],
		...(again && run.outOfMemory && {outOfMemory: true}),
		...(again && run.endedAt !== undefined && {endedAt: run.endedAt}),
		...(again && run.exitCode !== undefined && {exitCode: run.exitCode}),
	});
	// Of a service that is neither database nor tracking server nothing tells that it does its work again.
	const isOver = container.role === 'other' && !again;
	const findings = next.findings.flatMap((finding) =>
		finding.service === container.service ? (isOver ? [] : staleAs(finding)) : finding,
	);
	return {...next, findings};
}

const staleAs = (finding: Finding): Finding => ({...finding, stale: true});

function probe(diagnosis: Diagnosis, service: string, health: TrackingHealth): Diagnosis {
	const run = diagnosis.runs[service] ?? newRun('tracking');
	const same = run.health?.word === health.word;
	let next = same ? diagnosis : withRun(diagnosis, service, {...run, health, healthSince: health.at});
	if (health.answers && !(same && diagnosis.findings.length === 0)) {
		next = healed(well(next, service), service, 'answers');
	}

	return health.works ? healed(next, service, 'connected') : next;
}

/** The service does its work: what was wrong in former runs is over. */
function well(diagnosis: Diagnosis, service: string): Diagnosis {
	const run = diagnosis.runs[service];
	if (!run) {
		return diagnosis;
	}

	const {outOfMemory, endedAt, ...rest} = run;
	const next =
		run.restarts > 0 || outOfMemory ? withRun(diagnosis, service, {...rest, restarts: 0}) : diagnosis;
	return withoutStale(next, service);
}

function withoutStale(diagnosis: Diagnosis, service: string): Diagnosis {
	return without(diagnosis, (finding) => finding.service === service && finding.stale === true);
}

function healed(diagnosis: Diagnosis, service: string, by: NonNullable<LineRule['heals']>): Diagnosis {
	// The database refuses connections by its own log; that MLflow has one again shows that it does not any more.
	return without(
		diagnosis,
		(finding) =>
			lineRule(finding.rule)?.heals === by &&
			(finding.service === service || diagnosis.runs[finding.service]?.role === 'database'),
	);
}

function without(diagnosis: Diagnosis, over: (finding: Finding) => boolean): Diagnosis {
	const findings = diagnosis.findings.filter((finding) => !over(finding));
	return findings.length === diagnosis.findings.length ? diagnosis : {...diagnosis, findings};
}

function withRun(diagnosis: Diagnosis, service: string, run: Run): Diagnosis {
	return {...diagnosis, runs: {...diagnosis.runs, [service]: run}};
}
