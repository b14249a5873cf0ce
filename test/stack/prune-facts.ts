import type {Stack} from '../../src/stack/model.ts';
import type {
	CacheFacts,
	ContainerFacts,
	ImageFacts,
	NetworkFacts,
	PruneFacts,
	VolumeFacts,
} from '../../src/stack/prune.ts';

export const now = Date.parse('2026-11-24T12:00:00Z');
const day = 86_400_000;

export const stack: Stack = {
	project: 'kws',
	origin: 'files',
	files: ['/home/ana/kws/compose.yaml'],
	directory: '/home/ana/kws',
	services: [
		{
			name: 'postgres',
			role: 'database',
			image: 'docker.io/library/postgres:18',
			build: false,
			ports: [],
			dependsOn: [],
			hasHealthcheck: true,
		},
		{
			name: 'mlflow',
			role: 'tracking',
			image: 'kws-mlflow',
			build: true,
			ports: [],
			dependsOn: ['postgres'],
			hasHealthcheck: true,
		},
	],
};

export function container(name: string, facts: Partial<ContainerFacts> = {}): ContainerFacts {
	return {
		id: `id-${name}`,
		name,
		oneOff: false,
		status: 'exited',
		createdAt: now - day,
		imageId: 'sha256:none',
		volumes: [],
		networks: [],
		...facts,
	};
}

/** A container of the stack's own project. */
export function ownContainer(service: string, facts: Partial<ContainerFacts> = {}): ContainerFacts {
	return container(`kws-${service}-1`, {project: 'kws', service, ...facts});
}

export function image(tag: string, facts: Partial<ImageFacts> = {}): ImageFacts {
	return {
		id: `sha256:${tag || 'dangling'}`,
		tags: tag === '' ? [] : [tag],
		digests: [],
		createdAt: now - 21 * day,
		total: 1000,
		...facts,
	};
}

export function volume(name: string, facts: Partial<VolumeFacts> = {}): VolumeFacts {
	return {
		name,
		driver: 'local',
		anonymous: false,
		createdAt: '2026-11-20T08:00:00Z',
		...facts,
	};
}

export function network(name: string, facts: Partial<NetworkFacts> = {}): NetworkFacts {
	return {id: `id-${name}`, name, createdAt: now - day, ...facts};
}

export function cacheRecord(id: string, facts: Partial<CacheFacts> = {}): CacheFacts {
	return {
		id,
		type: 'regular',
		description: `RUN ${id}`,
		size: 100,
		inUse: false,
		shared: false,
		createdAt: now - day,
		...facts,
	};
}

export function facts(some: Partial<PruneFacts>): PruneFacts {
	return {at: now, containers: [], images: [], volumes: [], networks: [], notes: [], complete: true, ...some};
}
