import type {Engine} from './engine.ts';

/** So many ports after the one that is taken are asked about. */
const tries = 20;

export interface PortAnswer {
	/** Who has the port. */
	readonly owner: string;
	/** The next port that nobody is known to have; absent when all that were tried are taken. */
	readonly free?: number;
}

/**
 * Who has a port of the engine's host, and which one near it is free; `reserved` are not offered. Undefined when nobody is
 * known to have it: then nothing is known of others either. Rejects with the signal's reason only.
 */
export async function askPort(
	engine: Pick<Engine, 'portOwner'>,
	port: number,
	reserved: ReadonlySet<number>,
	signal: AbortSignal,
): Promise<PortAnswer | undefined> {
	const owner = await engine.portOwner(port, signal);
	if (owner === undefined) {
		return undefined;
	}

	for (let other = port + 1; other <= Math.min(port + tries, 65_535); other++) {
		if (!reserved.has(other) && (await engine.portOwner(other, signal)) === undefined) {
			return {owner, free: other};
		}
	}

	return {owner};
}
