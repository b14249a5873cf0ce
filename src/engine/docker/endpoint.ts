import {constants} from 'node:fs';
import {access, readFile, stat} from 'node:fs/promises';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {Failure} from '../../failure.ts';
import type {EngineOptions} from '../engine.ts';
import {isRecord, stringIn} from '../json.ts';
import {type Address, hostOf, parseAddress} from './address.ts';

/** PEM texts, as far as they are given, and whether the server's certificate is verified. */
export interface TlsMaterial {
	readonly ca?: string;
	readonly cert?: string;
	readonly key?: string;
	readonly verify: boolean;
}

/** The engine that is meant, and how that was found out. */
export interface Endpoint {
	/** As people write it: `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2376`, `ssh://ana@gpu-box`. */
	readonly url: string;
	readonly address: Address;
	readonly tls?: TlsMaterial;
	/** The docker context's name, or the option or variable that named the engine: `--host`, `DOCKER_HOST`. */
	readonly context: string;
	/** Where published ports answer, as seen from here: `localhost`, or the remote machine's name. */
	readonly host: string;
	/** What was looked at, in order: for the message when nothing answers. */
	readonly tried: readonly string[];
	/** What the docker CLI has to be called with, before its command, to talk to the same engine. */
	readonly cliArguments: readonly string[];
}

/** What differs from machine to machine; tests give their own. */
export interface Machine {
	readonly platform: NodeJS.Platform;
	readonly home: string;
	/** The docker CLI's own default socket. */
	readonly defaultSocket: string;
}

const thisMachine: Machine = {
	platform: process.platform,
	home: homedir(),
	defaultSocket: process.platform === 'win32' ? '//./pipe/docker_engine' : '/var/run/docker.sock',
};

/**
 * Finds the engine as the docker CLI does (docker/cli, `resolveContextName`): `--context`, `--host`, DOCKER_HOST,
 * DOCKER_CONTEXT, the current context of config.json, the default socket; after that, where Docker Desktop and a
 * rootless engine listen. Reads files only, no child process: this stands in the way of the first answer.
 * A socket that is not there is no error here. Throws a Failure for a context, an address or TLS files that cannot be
 * used.
 */
export async function resolveEndpoint(
	options: Pick<EngineOptions, 'host' | 'context' | 'environment'>,
	machine: Machine = thisMachine,
): Promise<Endpoint> {
	const {environment} = options;
	if (options.host && options.context) {
		throw new Failure('both --host and --context are given', {
			code: 'host-and-context',
			why: 'each of them names an engine',
			next: ['give one of them'],
			reason: 'wrongCall',
		});
	}

	const folder = environment['DOCKER_CONFIG'] || join(machine.home, '.docker');
	if (options.host) {
		return endpointAt(options.host, {
			context: '--host',
			tried: [`--host ${options.host}`],
			cliArguments: ['--host', options.host],
			tls: await tlsOfEnvironment(options.host, environment, folder),
		});
	}

	const tried: string[] = [];
	const named = await contextName(options, folder, tried);
	if (named !== undefined && named.name !== 'default') {
		return endpointOfContext(named.name, folder, {
			tried: [...tried, `context ${named.name}, named by ${named.by}`],
			cliArguments: options.context ? ['--context', named.name] : [],
		});
	}

	const host = environment['DOCKER_HOST'];
	if (host) {
		return endpointAt(host, {
			context: 'DOCKER_HOST',
			tried: [...tried, `DOCKER_HOST=${host}`],
			cliArguments: options.context ? ['--context', options.context] : [],
			tls: await tlsOfEnvironment(host, environment, folder),
		});
	}

	return defaultEndpoint(environment, machine, tried);
}

/** The context that is named, and by what. Undefined where DOCKER_HOST comes first, or nothing names one. */
async function contextName(
	{context, environment}: Pick<EngineOptions, 'context' | 'environment'>,
	folder: string,
	tried: string[],
): Promise<{name: string; by: string} | undefined> {
	if (context) {
		return {name: context, by: '--context'};
	}

	if (environment['DOCKER_HOST']) {
		return undefined;
	}

	const variable = environment['DOCKER_CONTEXT'];
	if (variable) {
		return {name: variable, by: 'DOCKER_CONTEXT'};
	}

	tried.push('DOCKER_HOST and DOCKER_CONTEXT: not set');
	const file = join(folder, 'config.json');
	let config: unknown;
	try {
		config = JSON.parse(await readFile(file, 'utf8'));
	} catch (error) {
		// The docker CLI goes on without a configuration that it cannot read, and so do we.
		tried.push(`${file}: ${isMissing(error) ? 'not there' : 'cannot be read'}`);
		return undefined;
	}

	const current = stringIn(config, 'currentContext');
	if (current) {
		return {name: current, by: file};
	}

	tried.push(`${file}: no current context`);
	return undefined;
}

/**
 * A named context, read from the docker CLI's own store: `contexts/meta/<sha256 of the name>/meta.json`, with its TLS
 * files under `contexts/tls/<the same>/docker` (docker/cli, cli/context/store).
 */
async function endpointOfContext(
	name: string,
	folder: string,
	found: Pick<Endpoint, 'tried' | 'cliArguments'>,
): Promise<Endpoint> {
	// An `import` reads each export of it, which takes 10 ms.
	const {createHash} = process.getBuiltinModule('node:crypto');
	const id = createHash('sha256').update(name).digest('hex');
	const file = join(folder, 'contexts', 'meta', id, 'meta.json');
	let meta: unknown;
	try {
		meta = JSON.parse(await readFile(file, 'utf8'));
	} catch (error) {
		throw new Failure(
			`the docker context ${name} ${isMissing(error) ? 'does not exist' : 'cannot be read'}`,
			{
				code: 'context-unknown',
				why: `${found.tried.at(-1) ?? name}; looked at ${file}`,
				next: ['docker context ls', 'docker context use default'],
				reason: 'noEngine',
				cause: error,
			},
		);
	}

	const docker = isRecord(meta) && isRecord(meta['Endpoints']) ? meta['Endpoints']['docker'] : undefined;
	const host = stringIn(docker, 'Host');
	if (!host) {
		throw new Failure(`the docker context ${name} names no Docker endpoint`, {
			code: 'context-unknown',
			why: `${file} holds no Endpoints.docker.Host`,
			next: [`docker context inspect ${name}`, 'docker context use default'],
			reason: 'noEngine',
		});
	}

	const skipVerify = isRecord(docker) && docker['SkipTLSVerify'] === true;
	const pem = await readPem(join(folder, 'contexts', 'tls', id, 'docker'));
	const hasPem = pem.ca !== undefined || pem.cert !== undefined || pem.key !== undefined;
	return endpointAt(host, {
		...found,
		context: name,
		tls: hasPem || skipVerify ? {...pem, verify: !skipVerify} : undefined,
	});
}

/**
 * The docker CLI's default socket; where that cannot be used, the sockets of Docker Desktop (`~/.docker/run`) and of a
 * rootless engine (`$XDG_RUNTIME_DIR`), for which the docker CLI needs a context or DOCKER_HOST.
 */
async function defaultEndpoint(
	environment: EngineOptions['environment'],
	machine: Machine,
	tried: readonly string[],
): Promise<Endpoint> {
	const candidates = [machine.defaultSocket];
	const scheme = machine.platform === 'win32' ? 'npipe' : 'unix';
	if (scheme === 'unix') {
		candidates.push(join(machine.home, '.docker', 'run', 'docker.sock'));
		const runtime = environment['XDG_RUNTIME_DIR'];
		if (runtime) {
			candidates.push(join(runtime, 'docker.sock'));
		}
	}

	const looked: string[] = [];
	let chosen: string | undefined;
	let forbidden: string | undefined;
	for (const path of candidates) {
		const found = scheme === 'npipe' ? 'usable' : await lookAtSocket(path);
		looked.push(found === 'usable' ? path : `${path}: ${found}`);
		if (found === 'usable') {
			chosen = path;
			break;
		}

		forbidden ??= found === 'no permission' ? path : undefined;
	}

	const path = chosen ?? forbidden ?? machine.defaultSocket;
	const url = `${scheme}://${path}`;
	return endpointAt(url, {
		context: 'default',
		tried: [...tried, ...looked],
		cliArguments: path === machine.defaultSocket ? [] : ['--host', url],
	});
}

async function lookAtSocket(
	path: string,
): Promise<'usable' | 'not there' | 'not a socket' | 'no permission'> {
	try {
		if (!(await stat(path)).isSocket()) {
			return 'not a socket';
		}

		await access(path, constants.R_OK | constants.W_OK);
		return 'usable';
	} catch (error) {
		return isMissing(error) ? 'not there' : 'no permission';
	}
}

type Found = Pick<Endpoint, 'context' | 'tried' | 'cliArguments'> & {readonly tls?: TlsMaterial | undefined};

function endpointAt(url: string, {tls, ...found}: Found): Endpoint {
	const address = parseAddress(url, found.context);
	const base = {...found, address, url: url.trim(), host: hostOf(address)};
	return address.kind === 'tcp' && tls !== undefined ? {...base, tls} : base;
}

/**
 * TLS as the environment asks for it (docker/cli, cli/flags/options.go): DOCKER_TLS_VERIFY, or DOCKER_TLS without
 * verification; the files are in DOCKER_CERT_PATH or beside config.json. Throws a Failure when ca.pem is missing.
 */
async function tlsOfEnvironment(
	url: string,
	environment: EngineOptions['environment'],
	folder: string,
): Promise<TlsMaterial | undefined> {
	const verify = Boolean(environment['DOCKER_TLS_VERIFY']);
	if (!(verify || environment['DOCKER_TLS']) || /^(?:unix|npipe|ssh):/.test(url.trim())) {
		return undefined;
	}

	const certificates = environment['DOCKER_CERT_PATH'] || folder;
	const pem = await readPem(certificates);
	if (pem.ca === undefined) {
		throw new Failure(`the TLS files for ${url} are missing`, {
			code: 'tls-files',
			why: `DOCKER_TLS_VERIFY or DOCKER_TLS is set, and ${join(certificates, 'ca.pem')} is not there`,
			next: [
				'set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem',
				'or unset DOCKER_TLS_VERIFY',
			],
			reason: 'noEngine',
		});
	}

	return {...pem, verify};
}

async function readPem(folder: string): Promise<Omit<TlsMaterial, 'verify'>> {
	const [ca, cert, key] = await Promise.all(
		['ca.pem', 'cert.pem', 'key.pem'].map((name) => readOptional(join(folder, name))),
	);
	return {
		...(ca === undefined ? {} : {ca}),
		...(cert === undefined ? {} : {cert}),
		...(key === undefined ? {} : {key}),
	};
}

async function readOptional(file: string): Promise<string | undefined> {
	try {
		return await readFile(file, 'utf8');
	} catch (error) {
		if (isMissing(error)) {
			return undefined;
		}

		throw new Failure(`the TLS file ${file} cannot be read`, {
			code: 'tls-files',
			why: error instanceof Error ? error.message : String(error),
			next: [`ls -l ${file}`],
			reason: 'noEngine',
			cause: error,
		});
	}
}

function isMissing(error: unknown): boolean {
	const code = stringIn(error, 'code');
	return code === 'ENOENT' || code === 'ENOTDIR';
}
