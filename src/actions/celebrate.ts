import {firstRun} from '../stack/startup/first-run.ts';
import {remember, startedServices, summary} from '../stack/startup/history.ts';
import {selectAddress, type AppState} from '../store.ts';
import type {Desk} from './desk.ts';

/** Says that a start became ready: how long it took, compared with the last ones, and what to do next. Keeps the time. */
export async function celebrate(
	{store, options: {history}, say}: Desk,
	{stack, timeline}: AppState,
): Promise<void> {
	const project = stack?.project ?? '';
	const before = await history.load(project);
	const services = startedServices(timeline);
	const hasTracking = Object.values(timeline.lanes).some(({role}) => role === 'tracking');
	const address = services.length === 0 || hasTracking ? selectAddress(store.getState()) : undefined;
	const ready = [
		...(services.length > 0 ? [services.join(', ')] : []),
		`ready in ${summary(timeline, before)}`,
	];
	say(
		'info',
		`${ready.join(' ')}${address === undefined ? '' : `: ${address}, o opens it`}`,
		address === undefined
			? []
			: ['a first run, from Python:', ...firstRun(address).map((line) => `  ${line}`)],
	);
	await history.save(project, remember(before, timeline));
}
