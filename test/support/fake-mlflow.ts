import {createServer, type Server} from 'node:http';

/** An HTTP server that answers as MLflow does, on a free port of 127.0.0.1. */
export class FakeMlflow implements AsyncDisposable {
	/** Whether the database behind it is up. */
	hasDatabase = true;
	readonly #server: Server;

	private constructor() {
		this.#server = createServer(({url}, response) => {
			const status = url === '/health' || this.hasDatabase ? 200 : 503;
			response.writeHead(status).end(url === '/health' ? 'OK' : '{}');
		});
	}

	static async start(): Promise<FakeMlflow> {
		const mlflow = new FakeMlflow();
		await new Promise<void>((resolve) => {
			mlflow.#server.listen(0, '127.0.0.1', resolve);
		});
		return mlflow;
	}

	get port(): number {
		const address = this.#server.address();
		return typeof address === 'object' && address !== null ? address.port : 0;
	}

	get url(): string {
		return `http://localhost:${this.port}`;
	}

	/** The port as the container of the tracking server publishes it. */
	get ports(): readonly [{address: string; published: number; target: number; protocol: string}] {
		return [{address: '127.0.0.1', published: this.port, target: 5000, protocol: 'tcp'}];
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => {
			this.#server.close(resolve);
		});
	}
}
