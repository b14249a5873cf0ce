import {createConnection, createServer, type Server, type Socket} from 'node:net';

/** Stands before the engine's socket, so that the engine can seem to vanish and to return. */
export class EngineSocket {
	readonly path: string;
	readonly #sockets = new Set<Socket>();
	#server: Server | undefined;

	constructor(path: string) {
		this.path = path;
	}

	async open(): Promise<void> {
		const server = createServer((client) => {
			const engine = createConnection('/var/run/docker.sock');
			for (const socket of [client, engine]) {
				this.#sockets.add(socket);
				socket.on('error', () => {});
				socket.on('close', () => this.#sockets.delete(socket));
			}

			client.pipe(engine).pipe(client);
		});
		this.#server = server;
		await new Promise<void>((resolve) => {
			server.listen(this.path, resolve);
		});
	}

	async close(): Promise<void> {
		for (const socket of this.#sockets) {
			socket.destroy();
		}

		const server = this.#server;
		if (server) {
			await new Promise((resolve) => {
				server.close(resolve);
			});
		}
	}
}
