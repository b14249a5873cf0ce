import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import type {
	Container,
	ContainerChange,
	Progress,
	Role,
	ServiceDefinition,
} from '../../../src/stack/model.ts';
import type {Line, StackInput} from '../../../src/stack/startup/input.ts';
import {initialTimeline, stepsOf, type Timeline} from '../../../src/stack/startup/start.ts';
import {update} from '../../../src/stack/startup/timeline.ts';

/** The services' names in the recorded logs say their roles. */
const roles: Readonly<Record<string, Role>> = {postgres: 'database', mlflow: 'tracking'};

/** The lines of test/fixtures/logs/NAME.log. */
export function recorded(name: string): readonly Line[] {
	const file = new URL(`../../fixtures/logs/${name}.log`, import.meta.url);
	return readFileSync(file, 'utf8')
		.split('\n')
		.filter(Boolean)
		.map((line) => {
			const [stamp = '', service = '', ...words] = line.split(' ');
			return {service, role: roles[service] ?? 'other', at: Date.parse(stamp), text: words.join(' ')};
		});
}

/** PostgreSQL, and MLflow that depends on it. */
export const services: readonly ServiceDefinition[] = [
	{
		name: 'postgres',
		role: 'database',
		image: 'postgres:18',
		build: false,
		ports: [],
		dependsOn: [],
		hasHealthcheck: true,
	},
	{
		name: 'mlflow',
		role: 'tracking',
		build: true,
		ports: [{address: '127.0.0.1', published: 5000, target: 5000, protocol: 'tcp'}],
		dependsOn: ['postgres'],
		hasHealthcheck: true,
	},
];

export const container = (service: string, more: Partial<Container> = {}): Container => ({
	id: `${service}-id`,
	name: `kws-${service}-1`,
	service,
	role: roles[service] ?? 'other',
	number: 1,
	status: 'running',
	health: 'none',
	image: service,
	ports: [],
	...more,
});

export const appears = (at: number, service: string, more: Partial<Container> = {}): StackInput => ({
	type: 'event',
	event: {type: 'container', at, container: container(service, more)},
});

export const changes = (at: number, service: string, change: ContainerChange): StackInput => ({
	type: 'event',
	event: {type: 'change', at, id: `${service}-id`, change},
});

export const snapshot = (at: number, ...containers: readonly Container[]): StackInput => ({
	type: 'event',
	event: {type: 'snapshot', at, containers},
});

export const said = (at: number, service: string, text: string): StackInput => ({
	type: 'line',
	line: {at, service, role: roles[service] ?? 'other', text},
});

export const probed = (at: number, word: string, why = ''): StackInput => ({
	type: 'probe',
	service: 'mlflow',
	health: {
		at,
		url: 'http://localhost:5000',
		answers: !['no answer', 'AirPlay', 'not MLflow', 'unreachable'].includes(word),
		works: word === 'works',
		word,
		why,
	},
});

type StepProgress = Extract<Progress, {type: 'step'}>;

export const reports = (
	at: number,
	kind: StepProgress['kind'],
	name: string,
	status: string,
	more: Partial<StepProgress> = {},
): StackInput => ({
	type: 'progress',
	progress: {type: 'step', at, id: `${kind} ${name}`, kind, name, state: 'working', status, ...more},
});

export const prints = (
	at: number,
	text: string,
	level: 'info' | 'warning' | 'error' = 'info',
): StackInput => ({type: 'progress', progress: {type: 'output', at, level, text}});

export const known = update(initialTimeline, {type: 'services', services});

export const after = (timeline: Timeline, ...inputs: readonly StackInput[]): Timeline =>
	inputs.reduce((state, input) => update(state, input), timeline);

/** `postgres.accept done`, ... */
export const told = (timeline: Timeline): readonly string[] =>
	stepsOf(timeline).map(({service, id, state}) => `${service && `${service}.`}${id} ${state}`);

export const step = (timeline: Timeline, id: string) =>
	stepsOf(timeline).find((step) => step.id === id) ??
	assert.fail(`no step ${id} in ${told(timeline).join(', ')}`);

export const lines = (name: string): readonly StackInput[] =>
	recorded(name).map((line) => ({type: 'line', line}));

/** A container that starts when its recorded log begins, and what it then wrote. */
export const run = (service: string, name: string): readonly StackInput[] => {
	const all = recorded(name).filter((line) => line.service === service);
	const at = (all[0]?.at ?? 0) - 50;
	return [appears(at, service, {startedAt: at}), ...all.map((line): StackInput => ({type: 'line', line}))];
};
