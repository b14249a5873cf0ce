import type {
	Container,
	ContainerStatus,
	Health,
	Role,
	ServiceDefinition,
	Stack,
	StackEvent,
} from './model.ts';

/** The project's containers as far as the engine has said, by id. */
export interface StackState {
	/** `false` until the first snapshot, so that "no containers" is never said too early. */
	readonly known: boolean;
	/** Set while the engine is away. */
	readonly away?: {readonly since: number; readonly why: string};
	readonly containers: ReadonlyMap<string, Container>;
}

export const initialState: StackState = {known: false, containers: new Map()};

/** Applies one event. Returns the same object when nothing changed, so that nothing is drawn for it. */
export function update(state: StackState, event: StackEvent): StackState {
	switch (event.type) {
		case 'snapshot': {
			return {
				known: true,
				containers: new Map(
					event.containers.map((container) => [
						container.id,
						listed(container, state.containers.get(container.id)),
					]),
				),
			};
		}

		case 'container': {
			return withContainer(state, event.container);
		}

		case 'change': {
			const container = state.containers.get(event.id);
			return container ? withContainer(state, applied(container, event.change)) : state;
		}

		case 'removed': {
			if (!state.containers.has(event.id)) {
				return state;
			}

			const containers = new Map(state.containers);
			containers.delete(event.id);
			return {...state, containers};
		}

		case 'kill': {
			return state;
		}

		case 'disconnected': {
			return {...state, away: {since: event.at, why: event.why}};
		}

		case 'connected': {
			const {away, ...rest} = state;
			return away ? rest : state;
		}
	}
}

function withContainer(state: StackState, container: Container): StackState {
	const before = state.containers.get(container.id);
	if (before && sameContainer(before, container)) {
		return state;
	}

	return {...state, containers: new Map(state.containers).set(container.id, container)};
}

/** A list may not say when a container started: what was known of that stands until its inspection follows. */
function listed(container: Container, before: Container | undefined): Container {
	const startedAt = container.startedAt ?? before?.startedAt;
	return startedAt === undefined ? container : {...container, startedAt};
}

/** A container that starts is no longer what it was when it ended. */
function applied(container: Container, change: Partial<Container>): Container {
	if (change.status !== 'running' || container.status === 'running' || container.status === 'paused') {
		return {...container, ...change};
	}

	const {exitCode, finishedAt, oomKilled, ...rest} = container;
	return {...rest, ...change};
}

function sameContainer(a: Container, b: Container): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}

/** A line of the service table: what the file defines, what the engine runs. */
export interface ServiceView {
	readonly name: string;
	readonly role: Role;
	readonly definition?: ServiceDefinition;
	/** By number; a service that was scaled has several. */
	readonly containers: readonly Container[];
	/** The one that speaks for the service: the worst of those that matter. */
	readonly container?: Container;
}

/** Which container speaks for a service with several: the one that most wants attention. */
const attention: Readonly<Record<ContainerStatus, number>> = {
	dead: 7,
	restarting: 6,
	exited: 5,
	removing: 4,
	paused: 3,
	created: 2,
	running: 1,
	absent: 0,
};
const healthAttention: Readonly<Record<Health, number>> = {
	unhealthy: 0.9,
	starting: 0.5,
	healthy: 0.1,
	none: 0,
};

/** The services of a stack, in start order; those that only the engine knows come last, by name. */
export function serviceViews(stack: Stack | undefined, state: StackState): readonly ServiceView[] {
	const byService = new Map<string, Container[]>();
	for (const container of state.containers.values()) {
		const list = byService.get(container.service);
		if (list) {
			list.push(container);
		} else {
			byService.set(container.service, [container]);
		}
	}

	const views: ServiceView[] = [];
	for (const definition of stack?.services ?? []) {
		views.push(view(definition.name, definition.role, byService.get(definition.name) ?? [], definition));
		byService.delete(definition.name);
	}

	const others = [...byService].sort(
		([a, [x]], [b, [y]]) => rank(x?.role) - rank(y?.role) || a.localeCompare(b),
	);
	for (const [name, containers] of others) {
		views.push(view(name, containers[0]?.role ?? 'other', containers));
	}

	return views;
}

function view(
	name: string,
	role: Role,
	containers: readonly Container[],
	definition?: ServiceDefinition,
): ServiceView {
	const byNumber = containers.toSorted((a, b) => a.number - b.number);
	const container = byNumber.toSorted(
		(a, b) =>
			attention[b.status] + healthAttention[b.health] - attention[a.status] - healthAttention[a.health],
	)[0];
	return {
		name,
		role,
		containers: byNumber,
		...(definition && {definition}),
		...(container && {container}),
	};
}

function rank(role: Role | undefined): number {
	return role === 'database' ? 0 : role === 'tracking' ? 1 : 2;
}
