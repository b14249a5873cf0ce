import type {Engine} from '../engine/engine.ts';
import {asFailure, Failure, type ExitReason} from '../failure.ts';
import {createMatcher, type Matcher} from '../logs/matcher.ts';
import type {Container, LogLine, LogRequest} from '../stack/model.ts';
import {serviceViews} from '../stack/state.ts';
import type {CommandContext} from './context.ts';
import {LogFollower} from './logs/follower.ts';
import {ContainerLines, linesThrough, type ContainerLine, type LineFilter} from './logs/lines.ts';
import {LogPrinter} from './logs/printer.ts';
import {currentState, namedServices, openStack} from './stack.ts';
import {readTime} from './logs/time.ts';
import {TimeMerge} from './logs/time-merge.ts';

/** `mlstack logs`: the services' logs, merged in time order, for people and for pipes. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, positionals, stdout, stderr, signal} = context;
	const request = logRequest(values);
	const filter: LineFilter = {
		level: values.level,
		matcher: values.grep === undefined ? undefined : grepMatcher(values.grep),
	};
	const {engine, stack} = await openStack(context);
	const state = await currentState(engine, stack, signal);
	const services = namedServices(positionals, stack, state);
	const isMeant = ({service}: Container) => services.length === 0 || services.includes(service);
	const printer = new LogPrinter(stdout, {
		json: values.json === true,
		timestamps: values.timestamps === true,
		prefix: services.length !== 1,
	});
	const containers = serviceViews(stack, state)
		.flatMap((service) => service.containers)
		.filter((container) => isMeant(container));
	printer.know(containers);

	const failures: Failure[] = [];
	const onFailure = async (container: Container, error: unknown): Promise<void> => {
		const failure = asFailure(error);
		failures.push(failure);
		await stderr.write(`mlstack: ${container.service}: ${failure.message}\n`);
	};

	if (values.follow) {
		const follower = new LogFollower({engine, project: stack.project, request, isMeant, onFailure}, signal);
		await print(follower, printer, filter);
		return 'fine';
	}

	if (containers.length === 0) {
		await stderr.write(`mlstack: ${stack.project} has no containers now, so there is no log\n`);
		return 'fine';
	}

	await print(pastLogs(engine, containers, request, onFailure, signal), printer, filter);
	return failures.length === 0 ? 'fine' : 'failed';
}

/** What the options ask of each container's log. Throws a Failure with reason `wrongCall`. */
function logRequest({
	tail,
	since,
	until,
	follow,
}: CommandContext['values']): Pick<LogRequest, 'tail' | 'since' | 'until'> {
	if (follow && until !== undefined) {
		throw new Failure('`--follow` goes on, `--until` ends: they exclude each other', {
			code: 'wrong-call',
			reason: 'wrongCall',
			next: ['mlstack help logs'],
		});
	}

	const now = Date.now();
	return {
		...(tail !== undefined && {tail}),
		...(since !== undefined && {since: readTime('--since', since, now)}),
		...(until !== undefined && {until: readTime('--until', until, now)}),
	};
}

/** What --grep looks for. Throws a Failure with reason `wrongCall`. */
function grepMatcher(pattern: string): Matcher {
	const matcher = createMatcher(pattern, {regex: true});
	if (!matcher.ok) {
		throw new Failure(`\`--grep\` needs a regular expression, not \`${pattern}\``, {
			code: 'bad-pattern',
			reason: 'wrongCall',
			why: matcher.why,
			next: [String.raw`put a backslash before characters that mean themselves: \( \[ \.`],
		});
	}

	return matcher;
}

type Batches = AsyncIterable<readonly ContainerLine[]>;

/** The logs as they are now, in exact order. One that cannot be read is told, and does not hide the others. */
function pastLogs(
	engine: Engine,
	containers: readonly Container[],
	request: Pick<LogRequest, 'tail' | 'since' | 'until'>,
	onFailure: (container: Container, error: unknown) => Promise<void>,
	signal: AbortSignal,
): Batches {
	async function* linesOf(container: Container): AsyncGenerator<readonly ContainerLine[], void, undefined> {
		const lines = new ContainerLines(container);
		try {
			for await (const batch of engine.logs({...request, container: container.id, follow: false}, signal)) {
				yield batch.map((line: LogLine) => lines.prepare(line));
			}
		} catch (error) {
			signal.throwIfAborted();
			await onFailure(container, error);
		}
	}

	const merge = new TimeMerge<ContainerLine>(Number.POSITIVE_INFINITY);
	for (const container of containers) {
		merge.add(linesOf(container));
	}

	merge.close();
	return merge;
}

async function print(batches: Batches, printer: LogPrinter, filter: LineFilter): Promise<void> {
	for await (const batch of batches) {
		const lines = linesThrough(filter, batch);
		if (lines.length > 0) {
			await printer.print(lines);
		}
	}
}
