import {arrayIn, numberIn, stringIn, stringsOf, isRecord} from '../json.ts';
import {processOnPort} from '../port-process.ts';
import type {Connection} from './connection.ts';
import {labels} from './containers.ts';

/** Who has a port of the engine's host: one of its containers, or a process, as far as that host is this machine. */
export async function portOwner(
	connection: Connection,
	port: number,
	signal: AbortSignal,
): Promise<string | undefined> {
	try {
		const list = await connection.json('GET', '/containers/json', {
			query: {filters: {publish: [`${port}/tcp`]}},
			signal,
		});
		const owner = (Array.isArray(list) ? list : []).find((container: unknown) => publishes(container, port));
		if (owner !== undefined) {
			return containerWords(owner);
		}
	} catch {
		// An engine that does not answer is told elsewhere.
		signal.throwIfAborted();
	}

	return connection.endpoint.host === 'localhost' ? processOnPort(port, signal) : undefined;
}

/** The engine's own filter also finds containers whose port has that number inside. */
function publishes(container: unknown, port: number): boolean {
	return arrayIn(container, 'Ports').some((entry) => numberIn(entry, 'PublicPort') === port);
}

function containerWords(container: unknown): string {
	const [first] = arrayIn(container, 'Names');
	const name =
		typeof first === 'string' ? first.replace(/^\//, '') : (stringIn(container, 'Id') ?? '').slice(0, 12);
	const project = isRecord(container) ? stringsOf(container['Labels'])[labels.project] : undefined;
	return `the container ${name}${project === undefined ? '' : ` of the project ${project}`}`;
}
