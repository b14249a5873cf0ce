import {parseComposeConfig} from './compose-config.ts';

/** An option's value as it stands in a shell line: one word, or in quotes. */
const option = /--backend-store-uri(?:=|\s+)(?:"([^"`\\]*)"|'([^'"`\\]*)'|([^\s"'`\\;&|]+))/;

/**
 * The shell line that migrates the schema of a tracking server's database. The URI comes from its environment, or from
 * its command, whose variables the shell fills in. `config`: what compose makes of the stack's files; undefined when
 * there are none.
 */
export function upgradeScript(config: unknown, service: string): string {
	const found =
		config === undefined
			? undefined
			: parseComposeConfig(config).services.find(({definition}) => definition.name === service);
	const {command = [], environment = {}} = found?.raw() ?? {};
	const match = option.exec(command.join(' '));
	const uri = match?.[1] ?? match?.[2] ?? match?.[3];
	return uri === undefined || environment['MLFLOW_BACKEND_STORE_URI'] !== undefined
		? 'exec mlflow db upgrade "$MLFLOW_BACKEND_STORE_URI"'
		: `exec mlflow db upgrade "${uri}"`;
}
