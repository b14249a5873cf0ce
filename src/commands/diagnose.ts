import type {Engine} from '../engine/engine.ts';
import {askPort} from '../engine/port-inquiry.ts';
import {cleanLine} from '../logs/clean.ts';
import type {Card} from '../stack/diagnosis/card.ts';
import {cards} from '../stack/diagnosis/cards.ts';
import {update} from '../stack/diagnosis/diagnosis.ts';
import {portsWithoutOwner, probeInputs, publishedPorts, servicesInput} from '../stack/diagnosis/inputs.ts';
import {initialDiagnosis} from '../stack/diagnosis/state.ts';
import type {Container} from '../stack/model.ts';
import type {Line, StackInput} from '../stack/startup/input.ts';
import type {StackStatus} from '../stack/status.ts';
import type {OpenStack} from './stack.ts';

/** Lines of each log that are read: a traceback is 60 to 100 long, and MLflow tries its database ten times. */
const lines = 1000;

/** Lines that say why a container ended come before its end is known; nothing is on its way any more, ms. */
const settled = 1000;

/**
 * What is wrong with a stack now, as cards, the most important first: from its containers, what their logs say since
 * they started, MLflow's answer, and what was heard of an operation before.
 */
export async function diagnose(
	{engine, stack}: Pick<OpenStack, 'engine' | 'stack'>,
	{services}: StackStatus,
	heard: readonly StackInput[],
	signal: AbortSignal,
): Promise<readonly Card[]> {
	const containers = services.flatMap((service) => service.containers);
	const tracking = services.find((service) => service.tracking);
	const startedAt = tracking?.containers[0]?.startedAt;
	// One answer stands for all the time since the start: nobody has asked before.
	const health = tracking?.tracking && {...tracking.tracking, at: startedAt ?? tracking.tracking.at};
	const read = await Promise.all(containers.map(async (container) => readLog(engine, container, signal)));
	const inputs: readonly StackInput[] = [
		servicesInput(stack),
		...heard,
		{type: 'event', event: {type: 'snapshot', at: Date.now(), containers}},
		...read.flat().map((line): StackInput => ({type: 'line', line})),
		...probeInputs(
			services.map(({service, role}) => ({name: service, role})),
			health,
		),
		{type: 'time', at: Date.now() + settled},
	];
	let diagnosis = inputs.reduce(update, initialDiagnosis);
	for (const port of portsWithoutOwner(diagnosis)) {
		const answer = await askPort(engine, port, publishedPorts(diagnosis), signal);
		diagnosis = answer ? update(diagnosis, {type: 'port', port, ...answer}) : diagnosis;
	}

	return cards(diagnosis);
}

/** The last lines of a container's log since its last start; none when it cannot be read. */
async function readLog(
	engine: Pick<Engine, 'logs'>,
	{id, service, role, startedAt}: Container,
	signal: AbortSignal,
): Promise<readonly Line[]> {
	const found: Line[] = [];
	const since = startedAt === undefined ? {} : {since: new Date(startedAt).toISOString()};
	try {
		for await (const batch of engine.logs({container: id, ...since, tail: lines, follow: false}, signal)) {
			found.push(...batch.map(({time, text}) => ({service, role, at: time / 1000, text: cleanLine(text)})));
		}
	} catch {
		// What the containers' states say is said without it.
		signal.throwIfAborted();
	}

	return found;
}
