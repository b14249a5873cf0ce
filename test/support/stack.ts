import type {Container, LogLine, ServiceDefinition, Stack} from '../../src/stack/model.ts';

/** A fixed moment, so that what the screen shows of time does not depend on when the test runs. */
export const now = Date.UTC(2026, 10, 24, 12, 0, 0);

export function aService(name: string, more: Partial<ServiceDefinition> = {}): ServiceDefinition {
	return {
		name,
		role: name === 'postgres' ? 'database' : name === 'mlflow' ? 'tracking' : 'other',
		image: `${name}:1`,
		build: false,
		ports: [],
		dependsOn: [],
		hasHealthcheck: true,
		...more,
	};
}

export const ports = {
	postgres: [{address: '127.0.0.1', published: 5432, target: 5432, protocol: 'tcp'}],
	mlflow: [{address: '127.0.0.1', published: 5000, target: 5000, protocol: 'tcp'}],
} as const;

export function aStack(more: Partial<Stack> = {}): Stack {
	return {
		project: 'kws',
		origin: 'files',
		files: ['/home/ana/kws/compose.yaml'],
		directory: '/home/ana/kws',
		services: [
			aService('postgres', {image: 'postgres:18-trixie', ports: ports.postgres}),
			aService('mlflow', {
				image: 'mlstack/mlflow:3.17.2-py3.13',
				ports: ports.mlflow,
				dependsOn: ['postgres'],
			}),
		],
		...more,
	};
}

export function aContainer(service: string, more: Partial<Container> = {}): Container {
	const {role, image = ''} = aStack().services.find(({name}) => name === service) ?? aService(service);
	return {
		id: `id-${service}`,
		name: `kws-${service}-1`,
		service,
		role,
		number: 1,
		status: 'running',
		health: 'healthy',
		startedAt: now - 192_000,
		image,
		ports: aStack().services.find(({name}) => name === service)?.ports ?? [],
		tty: false,
		...more,
	};
}

export function someLines(count: number, text = 'line', startedAt = now): readonly LogLine[] {
	return Array.from({length: count}, (_, index) => ({
		time: (startedAt + index) * 1000,
		stamp: new Date(startedAt + index).toISOString(),
		stream: 'stdout',
		text: `${text} ${index + 1}`,
	}));
}
