import {posix} from 'node:path';

/** A tracking server, as far as it says where its artifacts go. */
export interface TrackingServer {
	readonly environment: Readonly<Record<string, string>>;
	/** Entry point and command, as words or within a shell's line. */
	readonly command: readonly string[];
	readonly workingDirectory: string;
}

/** Where a tracking server keeps artifacts: below a path of its container, or at some other service. */
export type ArtifactPlace =
	| {readonly kind: 'path'; readonly path: string}
	| {readonly kind: 'elsewhere'; readonly uri: string};

/**
 * Where artifacts go, by MLflow's own rules (mlflow/cli/__init__.py, `server`): `--artifacts-destination`, else
 * `--default-artifact-root`, each also as a variable; else `./mlartifacts` of the server's working directory.
 */
export function artifactPlace(server: TrackingServer): ArtifactPlace {
	const destination = given(server, '--artifacts-destination', 'MLFLOW_ARTIFACTS_DESTINATION');
	const root = given(server, '--default-artifact-root', 'MLFLOW_DEFAULT_ARTIFACT_ROOT');
	// A root of this scheme points back at the server's own destination.
	const isServed = root === undefined || /^(?:mlflow-artifacts|https?):/.test(root);
	const uri = destination ?? (isServed ? './mlartifacts' : root);
	if (/^[a-z][a-z\d+.-]*:/i.test(uri) && !uri.startsWith('file:')) {
		return {kind: 'elsewhere', uri};
	}

	const path = uri.replace(/^file:(?:\/\/)?/, '');
	return {kind: 'path', path: posix.resolve(server.workingDirectory || '/', path)};
}

function given({command, environment}: TrackingServer, option: string, variable: string): string | undefined {
	const match = new RegExp(`${option}(?:=|\\s+)["']?([^\\s"']+)`).exec(command.join(' '));
	return match?.[1] ?? (environment[variable] || undefined);
}

/** Whether a path is a folder or lies below it. */
export function isWithin(path: string, folder: string): boolean {
	const relative = posix.relative(folder, path);
	return relative === '' || (!relative.startsWith('..') && !posix.isAbsolute(relative));
}
