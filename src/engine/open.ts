import type {Engine, EngineOptions} from './engine.ts';

/**
 * The engine that the options name. Opening connects to nothing yet: whether it answers is said by its first request.
 * Throws a Failure for an option that names nothing: an unknown context, a URL that cannot be read.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
	if (options.kind === 'native') {
		const {createNativeEngine} = await import('./native/native-engine.ts');
		return createNativeEngine({environment: options.environment});
	}

	const {openDockerEngine} = await import('./docker/docker-engine.ts');
	return openDockerEngine(options);
}
