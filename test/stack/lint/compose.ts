import {parse} from 'yaml';
import {splitWords} from '../../../src/stack/lint/shell.ts';
import type {LintInput} from '../../../src/stack/lint/rule.ts';

type Raw = Record<string, unknown>;

const asRecord = (value: unknown): Raw =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {};
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/**
 * What `docker compose config` makes of the few things that the examples use, so that rules are tested without an
 * engine; that they hold for what compose really prints, the recorded file of the blog post and the real engine show.
 */
export function configOf(source: string): unknown {
	// 0000 is the number 0 for compose, too.
	const {services, volumes} = asRecord(parse(source, {version: '1.1', merge: true, logLevel: 'silent'}));
	return {
		name: 'kws',
		services: Object.fromEntries(
			Object.entries(asRecord(services)).map(([name, service]) => [name, serviceOf(asRecord(service))]),
		),
		volumes: asRecord(volumes),
	};
}

function serviceOf(service: Raw): Raw {
	const command = service['command'];
	const health = asRecord(service['healthcheck']);
	const test = health['test'];
	return {
		...service,
		...(command !== undefined && {command: typeof command === 'string' ? splitWords(command) : command}),
		environment: environmentOf(service['environment']),
		depends_on: Array.isArray(service['depends_on'])
			? Object.fromEntries(service['depends_on'].map((name) => [name, {condition: 'service_started'}]))
			: service['depends_on'],
		volumes: asList(service['volumes']).map((volume) =>
			typeof volume === 'string'
				? {type: 'volume', source: volume.split(':')[0], target: volume.split(':')[1]}
				: volume,
		),
		ports: asList(service['ports']).map(portOf),
		...(test !== undefined && {
			healthcheck: {...health, test: typeof test === 'string' ? ['CMD-SHELL', test] : test},
		}),
	};
}

function portOf(port: unknown): unknown {
	if (typeof port !== 'string') {
		return port;
	}

	const [target, published, host] = port.split(':').reverse();
	return {target: Number(target), published, ...(host !== undefined && {host_ip: host})};
}

function environmentOf(environment: unknown): Raw {
	const entries = Array.isArray(environment)
		? environment.map((item) => {
				const [name = '', ...value] = String(item).split('=');
				return [name, value.join('=')];
			})
		: Object.entries(asRecord(environment)).map(([name, value]) => [name, String(value)]);
	return Object.fromEntries(entries);
}

/** Lints as of 24 November 2026. */
export function inputOf(source: string, more: Partial<LintInput> = {}): LintInput {
	return {file: 'compose.yaml', source, config: configOf(source), now: Date.parse('2026-11-24'), ...more};
}
