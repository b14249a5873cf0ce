import {Failure} from '../../failure.ts';
import {stringIn} from '../json.ts';
import type {Endpoint} from './endpoint.ts';
import type {Facts} from './facts.ts';

/** An engine that does not answer, and where. */
interface Situation {
	readonly endpoint: Endpoint;
	/** The system's error code, `ENOENT`; empty when there is none. */
	readonly code: string;
	readonly message: string;
	readonly facts: Facts;
}

interface Explanation {
	readonly code: string;
	readonly what: string;
	readonly why: string;
	readonly next: readonly string[];
}

/** A row: when it applies, and what it says. The first that fits is taken. */
interface Rule {
	readonly fits: (situation: Situation) => boolean;
	readonly explain: (situation: Situation) => Explanation;
}

/**
 * Why no engine answers, and what to do about it on this system. To teach it another case, add a row above those that
 * are more general.
 */
const rules: readonly Rule[] = [
	{
		fits: ({endpoint, code}) => endpoint.address.kind === 'ssh' && code === 'ENOENT',
		explain: ({endpoint}) => ({
			code: 'engine-ssh',
			what: `the docker CLI is missing, which reaches ${endpoint.url}`,
			why: 'an engine behind ssh is reached through `docker system dial-stdio`',
			next: ['install the docker CLI: https://docs.docker.com/engine/install/'],
		}),
	},
	{
		fits: ({endpoint, message}) =>
			endpoint.address.kind === 'ssh' && /docker: (?:command )?not found|'docker' is not/.test(message),
		explain: ({endpoint}) => ({
			code: 'engine-ssh',
			what: `ssh reaches ${endpoint.host}, but finds no docker command there`,
			why: 'a command over ssh sees a shorter PATH than a login does',
			next: [`ssh ${sshTarget(endpoint)} docker version`],
		}),
	},
	{
		fits: ({endpoint}) => endpoint.address.kind === 'ssh',
		explain: ({endpoint, message}) => ({
			code: 'engine-ssh',
			what: `no engine answers at ${endpoint.url}`,
			why: `ssh says: ${sshWords(message)}`,
			next: [
				`ssh ${sshTarget(endpoint)} docker version`,
				'a key without a pass phrase in the agent is needed: mlstack cannot be asked for a password by ssh',
			],
		}),
	},
	{
		fits: ({code, message}) =>
			/CERT|SELF_SIGNED|ISSUER|VERIFY_LEAF|^ERR_TLS|^ERR_SSL|^EPROTO$/.test(code) ||
			/certificate|HTTP request to an HTTPS server/.test(message),
		explain: ({endpoint, message}) => ({
			code: 'engine-tls',
			what: `no safe connection to ${endpoint.url}`,
			why: `TLS failed: ${lastLine(message)}`,
			next:
				endpoint.tls === undefined
					? ['set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or use a context that holds the certificates']
					: [
							`the certificates are those of ${certificateSource(endpoint)}: check their dates and the name ${endpoint.host}`,
						],
		}),
	},
	{
		fits: ({code}) => /^(?:ECONNRESET|EPIPE|ECONNABORTED)$/.test(code),
		explain: ({endpoint, facts}) => ({
			code: 'engine-lost',
			what: 'the Docker Engine closed the connection',
			why: `it stopped or restarted while it was answering at ${endpoint.url}`,
			next: endpoint.address.kind === 'socket' ? howToStart(facts) : ['docker version'],
		}),
	},
	{
		fits: ({endpoint}) => endpoint.address.kind === 'tcp',
		explain: ({endpoint, code, message}) => ({
			code: 'engine-unreachable',
			what: `no engine answers at ${endpoint.url}`,
			why: unreachable[code]?.(endpoint.host) ?? lastLine(message),
			next: ['is the machine on, and does its engine listen on this port?', 'docker context ls'],
		}),
	},
	{
		fits: ({code}) => code === 'EACCES' || code === 'EPERM',
		explain: ({endpoint, facts}) => ({
			code: 'engine-no-permission',
			what: `no permission to use the Docker Engine at ${endpoint.url}`,
			why: `${facts.user || 'this user'} may not write to its socket`,
			next:
				facts.platform === 'linux'
					? [
							`sudo usermod -aG docker ${facts.user || '$USER'}`,
							'newgrp docker   (or log in again)',
							'or a rootless engine: https://docs.docker.com/engine/security/rootless/',
						]
					: howToStart(facts),
		}),
	},
	{
		fits: ({code, facts}) => nothingListens(code) && facts.otherSockets.length > 0,
		explain: ({endpoint, facts}) => ({
			code: 'engine-not-running',
			what: 'no Docker Engine answers',
			why: `nothing listens on ${endpoint.url}, but another engine's socket is there`,
			next: [
				...facts.otherSockets.map((path) => `mlstack --host unix://${path}`),
				'docker context ls',
				...howToStart(facts),
			],
		}),
	},
	{
		fits: ({code, facts}) => nothingListens(code) && !facts.installed,
		explain: ({endpoint, facts}) => ({
			code: 'engine-not-installed',
			what: 'Docker is not installed',
			why: `there is no docker command, and nothing listens on ${endpoint.url}`,
			next: howToInstall(facts),
		}),
	},
	{
		fits: ({code}) => nothingListens(code),
		explain: ({endpoint, facts}) => ({
			code: 'engine-not-running',
			what: 'the Docker Engine is not running',
			why: `nothing listens on ${endpoint.url}`,
			next: howToStart(facts),
		}),
	},
];

/** What is said of an error that no rule knows. */
const otherwise: Rule = {
	fits: () => true,
	explain: ({endpoint, message, facts}) => ({
		code: 'engine-unreachable',
		what: `no engine answers at ${endpoint.url}`,
		why: lastLine(message),
		next: howToStart(facts),
	}),
};

/** The system's words for a remote engine that is out of reach. */
const unreachable: Readonly<Record<string, (host: string) => string>> = {
	ECONNREFUSED: (host) => `${host} is there, but nothing listens on that port`,
	ENOTFOUND: (host) => `no machine is known by the name ${host}`,
	EAI_AGAIN: (host) => `the name ${host} cannot be looked up: is the network up?`,
	ETIMEDOUT: (host) => `${host} does not answer`,
	EHOSTUNREACH: (host) => `there is no way to ${host} from here`,
	ENETUNREACH: (host) => `there is no way to ${host} from here: is the network up?`,
};

/**
 * A Failure for an error that kept an engine's answer from coming: not installed, not running, no permission, out of
 * reach, TLS, ssh. Pure: what it says depends on its arguments alone.
 */
export function noEngineFailure(endpoint: Endpoint, error: unknown, facts: Facts): Failure {
	const situation: Situation = {
		endpoint,
		code: codeOf(error),
		message: error instanceof Error ? error.message : String(error),
		facts,
	};
	const {code, what, why, next} = (rules.find(({fits}) => fits(situation)) ?? otherwise).explain(situation);
	return new Failure(what, {
		code,
		why: `${why} (tried: ${endpoint.tried.join('; ')})`,
		next,
		reason: 'noEngine',
		cause: error,
	});
}

/** The same in a few words, for a line that says that the connection is gone. */
export function shortReason(error: unknown): string {
	if (error instanceof Failure) {
		return error.message;
	}

	const reasons: Readonly<Record<string, string>> = {
		ENOENT: 'its socket is not there',
		ECONNREFUSED: 'nothing listens there',
		ECONNRESET: 'it closed the connection',
		EACCES: 'no permission to use its socket',
		ETIMEDOUT: 'it does not answer',
	};
	return reasons[codeOf(error)] ?? lastLine(error instanceof Error ? error.message : String(error));
}

/** The system's code; connecting to several addresses of a name fails with several errors. */
function codeOf(error: unknown): string {
	const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
	return stringIn(error, 'code') ?? stringIn(first, 'code') ?? '';
}

function nothingListens(code: string): boolean {
	return /^(?:ENOENT|ENOTDIR|ECONNREFUSED|ENOTSOCK)$/.test(code);
}

function howToStart({platform, systemd, wsl}: Facts): readonly string[] {
	if (platform === 'darwin') {
		return ['open -a Docker   (Docker Desktop)', 'or: colima start'];
	}

	if (platform === 'win32') {
		return ['start Docker Desktop and wait until it says that the engine is running'];
	}

	if (wsl) {
		return [
			'start Docker Desktop on Windows, with Settings > Resources > WSL integration on for this distribution',
			'or, with an engine inside this distribution: sudo service docker start',
		];
	}

	return systemd
		? ['sudo systemctl start docker', 'or, for a rootless engine: systemctl --user start docker']
		: ['sudo service docker start'];
}

function howToInstall({platform, wsl}: Facts): readonly string[] {
	if (platform === 'darwin') {
		return [
			'Docker Desktop: https://docs.docker.com/desktop/setup/install/mac-install/',
			'or: brew install colima docker docker-compose && colima start',
		];
	}

	if (platform === 'win32' || wsl) {
		return ['Docker Desktop: https://docs.docker.com/desktop/setup/install/windows-install/'];
	}

	return ['Docker Engine with the compose plugin: https://docs.docker.com/engine/install/'];
}

/** What to give to ssh: `-p 2222 ana@gpu-box`. */
function sshTarget({url, host}: Endpoint): string {
	const {username, port} = new URL(url);
	return `${port === '' ? '' : `-p ${port} `}${username === '' ? '' : `${username}@`}${host}`;
}

/** ssh's own words within those of the docker CLI: `command [ssh ...] has exited ...: stderr=ssh: Could not ...`. */
function sshWords(message: string): string {
	return lastLine(message)
		.replace(/^.*\bstderr=/, '')
		.replace(/^ssh: /, '');
}

function certificateSource({context}: Endpoint): string {
	return context === '--host' || context === 'DOCKER_HOST' ? 'DOCKER_CERT_PATH' : `the context ${context}`;
}

function lastLine(text: string): string {
	return text.trim().split('\n').at(-1) ?? text;
}
