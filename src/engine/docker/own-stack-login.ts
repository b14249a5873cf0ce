import {randomInt} from 'node:crypto';
import {join} from 'node:path';
import {Failure} from '../../failure.ts';
import {composeFailure} from './compose-failures.ts';
import {type DockerCommand, runDocker} from './docker-command.ts';

/** How MLflow logs in to its database. */
export interface DatabaseLogin {
	readonly user: string;
	readonly password: string;
	readonly database: string;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 24 letters and digits, 142 bits: nothing in it needs an escape in a URI, a shell or YAML. */
export function generatePassword(): string {
	return Array.from({length: 24}, () => letters[randomInt(letters.length)]).join('');
}

/**
 * The login of a database that already exists, read from its container's environment; undefined when there is no
 * database yet. Throws a Failure when there is one, but no container that knows the password: a new password would
 * never be let in, as PostgreSQL reads it at the first start only.
 */
export async function recoverLogin(
	project: string,
	folder: string,
	docker: DockerCommand,
	signal: AbortSignal,
): Promise<DatabaseLogin | undefined> {
	const volume = `${project}_pgdata`;
	const inspected = await runDocker(docker, ['volume', 'inspect', '--format', '{{.Name}}', volume], {signal});
	if (inspected.exitCode !== 0) {
		if (/no such volume/i.test(inspected.errors)) {
			return undefined;
		}

		throw composeFailure(inspected.errors, {command: 'up', origin: 'own', files: [], project});
	}

	const login = await loginOfContainer(project, docker, signal);
	if (login) {
		return login;
	}

	const file = join(folder, 'compose.yaml');
	throw new Failure(
		`the database in the volume ${volume} has a password that mlstack does not know any more`,
		{
			code: 'own-stack-password-lost',
			why: `${join(folder, '.env')} is gone or does not hold it, and PostgreSQL keeps the password of its first start.`,
			next: [
				'If you have that .env in a backup, put it back. Else give the database a new password; the data stays:',
				`echo MLSTACK_DB_PASSWORD=NewPassword > ${join(folder, '.env')}; chmod 600 ${join(folder, '.env')}`,
				`docker compose -f ${file} up -d --wait postgres`,
				`docker compose -f ${file} exec postgres psql -U mlflow -d mlflow -c "ALTER ROLE mlflow PASSWORD 'NewPassword'"`,
				'mlstack up',
				`Or, if the experiments in it are not needed: docker volume rm ${volume}`,
			],
		},
	);
}

async function loginOfContainer(
	project: string,
	docker: DockerCommand,
	signal: AbortSignal,
): Promise<DatabaseLogin | undefined> {
	const labels = [`com.docker.compose.project=${project}`, 'com.docker.compose.service=postgres'];
	const filters = labels.flatMap((label) => ['--filter', `label=${label}`]);
	const {output} = await runDocker(docker, ['ps', '--all', '--quiet', ...filters], {signal});
	const [id] = output.split('\n');
	if (!id) {
		return undefined;
	}

	const format = '{{range .Config.Env}}{{println .}}{{end}}';
	const inspected = await runDocker(docker, ['inspect', '--type', 'container', '--format', format, id], {
		signal,
	});
	const value = (name: string): string | undefined =>
		new RegExp(`^${name}=(.+)$`, 'm').exec(inspected.output)?.[1];
	const password = value('POSTGRES_PASSWORD');
	const user = value('POSTGRES_USER') ?? 'postgres';
	return password === undefined ? undefined : {user, password, database: value('POSTGRES_DB') ?? user};
}
