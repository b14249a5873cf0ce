import {createHash} from 'node:crypto';
import type {Execution} from '../../src/engine/engine.ts';

/** All that a command wrote, and how it ended. */
export async function finished({
	output,
	done,
}: Execution): Promise<{output: Buffer; exitCode: number; errors: string}> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of output) {
		// A chunk is only lent.
		chunks.push(new Uint8Array(chunk));
	}

	return {output: Buffer.concat(chunks), ...(await done)};
}

export async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) {
		yield bytes.subarray(at, at + size);
	}
}

export function hashOf(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}
