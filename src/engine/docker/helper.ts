import type {Duplex} from 'node:stream';
import {Failure} from '../../failure.ts';
import {numberIn, recordIn, stringIn} from '../json.ts';
import type {Connection} from './connection.ts';
import {helperLabel} from './prune-facts.ts';

/** A volume, or a folder of the engine's host, that a helper sees. */
export interface HelperMount {
	readonly kind: 'volume' | 'folder';
	/** The volume's name, or the folder's path. */
	readonly source: string;
	readonly readOnly: boolean;
}

/** A container that does nothing but stay there, so that commands can be executed in it. */
export interface Helper {
	readonly container: string;
	/** Where each mount is, in their order. */
	readonly paths: readonly string[];
	/** Removes the container; its mounts are free then. */
	close(): Promise<void>;
}

/** How long the engine may take to remove a helper, in ms. */
const removalTimeout = 10_000;

/** Nothing but reaching files whoever owns them; writing also needs giving them to whom they belong. */
const capabilities = {
	read: ['DAC_READ_SEARCH'],
	write: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'],
};

/**
 * Starts a container of an image that is here already, with these mounts, no network and no privileges. It lives as long
 * as its standard input, which is a connection of this process: however mlstack ends, the container ends and removes
 * itself. Throws a Failure, `not-found` when the image is not here.
 */
export async function openHelper(
	connection: Connection,
	image: string,
	mounts: readonly HelperMount[],
	signal: AbortSignal,
): Promise<Helper> {
	await removeUnstarted(connection, signal);
	const paths = mounts.map((_, index) => `/mlstack/${index}`);
	const id = await create(connection, image, mounts, paths, signal);
	let input: Duplex | undefined;
	const close = async (): Promise<void> => {
		input?.destroy();
		try {
			await connection.json('DELETE', `/containers/${id}`, {query: {force: true, v: true}});
		} catch (error) {
			await removal(connection, id, error);
		}
	};
	try {
		signal.throwIfAborted();
		input = await connection.hijack(`/containers/${id}/attach`, {query: {stream: true, stdin: true}});
		// Its end is the container's end; whoever executes something in it hears of that there.
		input.on('error', () => {});
		await connection.json('POST', `/containers/${id}/start`, {signal});
		return {container: id, paths, close};
	} catch (error) {
		await close().catch(() => {});
		throw error;
	}
}

/**
 * Waits for a container that is removing itself already, as the engine says by refusing to remove it (409); not for ever,
 * as nothing but its mounts depends on it. Throws what else went wrong.
 * https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerWait
 */
async function removal(connection: Connection, id: string, refusal: unknown): Promise<void> {
	let error = refusal;
	if (error instanceof Failure && error.code === 'conflict') {
		const signal = AbortSignal.timeout(removalTimeout);
		try {
			await connection.json('POST', `/containers/${id}/wait`, {query: {condition: 'removed'}, signal});
			return;
		} catch (failure) {
			if (signal.aborted) {
				return;
			}

			error = failure;
		}
	}

	if (!(error instanceof Failure) || error.code !== 'not-found') {
		throw await connection.explain(error);
	}
}

async function create(
	connection: Connection,
	image: string,
	mounts: readonly HelperMount[],
	paths: readonly string[],
	signal: AbortSignal,
): Promise<string> {
	const inspected = await connection.json('GET', `/images/${image}/json`, {signal});
	const declared = Object.keys(recordIn(recordIn(inspected, 'Config'), 'Volumes'));
	const writes = mounts.some(({readOnly}) => !readOnly);
	// Not cancelled: the engine would go on, and nobody would know the container's id.
	const answer = await connection.json('POST', '/containers/create', {
		body: {
			Image: image,
			Entrypoint: ['cat'],
			Cmd: [],
			User: '0:0',
			WorkingDir: '/',
			OpenStdin: true,
			StdinOnce: true,
			NetworkDisabled: true,
			Healthcheck: {Test: ['NONE']},
			Labels: {[helperLabel]: 'files'},
			HostConfig: {
				AutoRemove: true,
				NetworkMode: 'none',
				CapDrop: ['ALL'],
				CapAdd: writes ? capabilities.write : capabilities.read,
				SecurityOpt: ['no-new-privileges'],
				LogConfig: {Type: 'none'},
				// Otherwise the engine makes an anonymous volume for each path that the image declares.
				Tmpfs: Object.fromEntries(declared.map((path) => [path, ''])),
				Mounts: mounts.map(({kind, source, readOnly}, index) => ({
					Type: kind === 'volume' ? 'volume' : 'bind',
					Source: source,
					Target: paths[index],
					ReadOnly: readOnly,
					// An empty volume stays empty, instead of getting what the image has at that path.
					...(kind === 'volume' && {VolumeOptions: {NoCopy: true}}),
				})),
			},
		},
	});
	return stringIn(answer, 'Id') ?? '';
}

/** How old, in ms, a helper is that was never started because its process ended in between. */
const unstartedAge = 60_000;

/** Removes helpers that no process has any more: one that never ran does not remove itself, and keeps its volumes. */
async function removeUnstarted(connection: Connection, signal: AbortSignal): Promise<void> {
	const filters = {label: [helperLabel], status: ['created']};
	const left = await connection.json('GET', '/containers/json', {query: {all: true, filters}, signal});
	for (const container of Array.isArray(left) ? left : []) {
		const createdAt = (numberIn(container, 'Created') ?? 0) * 1000;
		if (Date.now() - createdAt > unstartedAge) {
			const id = stringIn(container, 'Id') ?? '';
			await connection.json('DELETE', `/containers/${id}`, {query: {v: true}}).catch(() => undefined);
		}
	}
}
