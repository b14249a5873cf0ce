import type {TestContext} from 'node:test';
import {openDockerEngine} from '../../src/engine/docker/docker-engine.ts';
import type {Engine} from '../../src/engine/engine.ts';
import {createNativeEngine} from '../../src/engine/native/native-engine.ts';
import type {Stack, StackRequest} from '../../src/stack/model.ts';
import {
	anyPort,
	collected,
	sharedFolder,
	skipElsewhere,
	supervisorProgram,
} from '../engine/native/support.ts';
import {skipWithoutEngine} from './engine-available.ts';
import {withProject} from './project.ts';

/** An engine, and a stack on it whose service `postgres` is a real PostgreSQL. Nothing of it runs yet. */
export interface EngineStage {
	readonly engine: Engine;
	readonly request: StackRequest;
	readonly stack: Stack;
}

/** Every engine that must do what engine.ts promises; the stack is removed with its data when `body` has ended. */
export const engineStages: ReadonlyArray<{
	readonly kind: 'docker' | 'native';
	readonly skip: string | false;
	readonly on: (t: TestContext, body: (stage: EngineStage) => Promise<void>) => Promise<void>;
}> = [
	{kind: 'docker', skip: skipWithoutEngine, on: onDocker},
	{kind: 'native', skip: skipElsewhere, on: onNative},
];

const composeYaml = `
services:
  postgres:
    image: postgres:18
    environment: {POSTGRES_USER: mlflow, POSTGRES_PASSWORD: geheim, POSTGRES_DB: mlflow}
    volumes: ["pgdata:/var/lib/postgresql"]
    ports: ["127.0.0.1::5432"]
volumes:
  pgdata:
`;

async function onDocker(_t: TestContext, body: (stage: EngineStage) => Promise<void>): Promise<void> {
	await withProject(composeYaml, async ({name, file, folder}) => {
		const environment = process.env;
		const request = {files: [file], project: name, directory: folder, environment};
		const engine = await openDockerEngine({kind: 'docker', environment});
		try {
			await body({engine, request, stack: await engine.resolve(request)});
		} finally {
			engine.close();
		}
	});
}

async function onNative(_t: TestContext, body: (stage: EngineStage) => Promise<void>): Promise<void> {
	const environment = {
		...process.env,
		MLSTACK_DATA: sharedFolder(),
		MLSTACK_PG_PORT: String(await anyPort()),
		COMPOSE_FILE: undefined,
	};
	const supervisor = await supervisorProgram();
	const request = {files: [], project: `suite-${process.pid}`, directory: '/', environment};
	const engine = createNativeEngine({environment, supervisor});
	const stack = await engine.resolve(request);
	try {
		await body({engine, request, stack});
	} finally {
		engine.close();
		const cleaner = createNativeEngine({environment, supervisor});
		const {signal} = new AbortController();
		await collected(cleaner.operate('down', stack, {services: [], volumes: true}, signal));
		cleaner.close();
	}
}
