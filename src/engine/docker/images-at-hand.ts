import type {ImageFacts} from '../../stack/prune.ts';
import {recogniseRole} from '../../stack/roles.ts';
import {arrayIn, recordIn} from '../json.ts';
import type {Connection} from './connection.ts';

/** Images that have a shell, tar and find and are nobody's program. */
const shellImage = /^(?:busybox|alpine|debian|ubuntu|python):/;

/** The images on the engine that a helper can be made of. Nothing is pulled for one. */
export class ImagesAtHand {
	readonly #connection: Connection;
	/** Of PostgreSQL, by their tags. */
	readonly #postgres: readonly string[];
	readonly #shells: readonly string[];
	readonly #majors = new Map<string, Promise<string | undefined>>();

	constructor(connection: Connection, images: readonly ImageFacts[]) {
		this.#connection = connection;
		const tags = images.flatMap((image) => image.tags);
		this.#postgres = tags.filter((image) => recogniseRole({image}) === 'database');
		this.#shells = tags.filter((image) => shellImage.test(image));
	}

	/** One with a POSIX shell. */
	withShell(): string | undefined {
		return this.#shells[0] ?? this.#postgres[0];
	}

	/** One whose server has this major version. */
	async withPostgres(version: string, signal: AbortSignal): Promise<string | undefined> {
		for (const image of this.#postgres) {
			const major = this.#majors.get(image) ?? this.#majorOf(image, signal);
			this.#majors.set(image, major);
			if ((await major) === version) {
				return image;
			}
		}

		return undefined;
	}

	/** docker-library's images say it in their environment. */
	async #majorOf(image: string, signal: AbortSignal): Promise<string | undefined> {
		const inspected = await this.#connection.json('GET', `/images/${image}/json`, {signal});
		const environment = arrayIn(recordIn(inspected, 'Config'), 'Env').map(String);
		return environment.find((entry) => entry.startsWith('PG_MAJOR='))?.slice('PG_MAJOR='.length);
	}
}
