import {setTimeout as sleep} from 'node:timers/promises';
import {Failure} from '../../failure.ts';
import type {Container, EngineInfo, Stack, TrackingHealth} from '../../stack/model.ts';
import {initialState, serviceViews, update} from '../../stack/state.ts';
import {trackingUrl} from '../../stack/status.ts';
import type {Engine} from '../engine.ts';
import {probeTracking} from '../probe.ts';
import {MlflowApi} from './mlflow-api.ts';
import {noServer, notAnswering, notRunning} from './failures.ts';
import {serverSettings, type ServerSettings} from './server-settings.ts';

/** How often a server that answers is asked whether it works, and the time in between, in ms. */
const attempts = 3;
const pause = 1000;

/** The tracking server that is verified. */
export interface Server {
	/** As a client on this machine is told. */
	readonly url: string;
	readonly api: MlflowApi;
	readonly container: Container;
	/** Undefined where they cannot be read. */
	readonly settings: ServerSettings | undefined;
}

/** Finds the stack's tracking server. Throws a Failure with reason `notHealthy` when it cannot be used. */
export async function reachServer(
	{
		engine,
		info,
		stack,
		environment,
	}: {
		readonly engine: Engine;
		readonly info: EngineInfo;
		readonly stack: Stack;
		readonly environment: Readonly<Record<string, string | undefined>>;
	},
	containers: readonly Container[],
	signal: AbortSignal,
): Promise<Server> {
	const state = update(initialState, {type: 'snapshot', at: Date.now(), containers});
	const view = serviceViews(stack, state).find(({role}) => role === 'tracking');
	const container = view?.containers.find(({status}) => status === 'running');
	const url = view && trackingUrl(view, info.host);
	if (!view || !container) {
		throw view ? notRunning(view.name) : noServer(stack);
	}

	const settings = await serverSettings(engine, info.kind, container.id, signal);
	if (url === undefined) {
		throw new Failure(`${view.name} publishes no port that is reached from here`, {
			code: 'no-address',
			reason: 'notHealthy',
			why: 'clients outside its network have no address for it',
			next: ["add a port to its compose file: `ports: ['127.0.0.1:5000:5000']`"],
		});
	}

	const health = await patientProbe(url, signal);
	if (!health.works) {
		throw notAnswering(health, view.name, settings);
	}

	return {url, api: new MlflowApi(url, environment), container, settings};
}

/** A server that answers may work a moment later: its machine is busy, or its database has just come. */
async function patientProbe(url: string, signal: AbortSignal): Promise<TrackingHealth> {
	for (let attempt = 1; ; attempt++) {
		const health = await probeTracking(url, signal);
		if (health.works || !health.answers || attempt === attempts) {
			return health;
		}

		await sleep(pause, undefined, {signal});
	}
}
