import type {Diagnosis} from './state.ts';

/**
 * The line under `ports:` that publishes what this port of the machine was meant for at another: one that the engine says
 * is free, else the next that the stack does not publish itself. `127.0.0.1:5433:5432`
 */
export function portExample({services, freePorts}: Diagnosis, port: number): string {
	const published = services.flatMap(({ports}) => ports);
	const meant = published.find((one) => one.published === port);
	const own = new Set(published.map((one) => one.published));
	let other = freePorts[port] ?? port + 1;
	while (freePorts[port] === undefined && own.has(other)) {
		other++;
	}

	return `127.0.0.1:${other}:${meant?.target ?? port}`;
}
