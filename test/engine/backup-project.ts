import {setTimeout as sleep} from 'node:timers/promises';
import {openDockerEngine} from '../../src/engine/docker/docker-engine.ts';
import type {Engine} from '../../src/engine/engine.ts';
import type {Progress, Stack} from '../../src/stack/model.ts';
import {docker, withProject, type Project} from '../support/project.ts';

/** A stack with a real PostgreSQL and a tracking server that only keeps its artifacts there. */
export function backupStack(postgres = 'postgres:18', data = '/var/lib/postgresql'): string {
	return `
services:
  postgres:
    image: ${postgres}
    environment: {POSTGRES_USER: ana, POSTGRES_PASSWORD: geheim, POSTGRES_DB: mlflow}
    volumes: ["pgdata:${data}"]
  mlflow:
    image: busybox
    init: true
    stop_grace_period: 1s
    command: sleep 100000
    labels: {mlstack.role: tracking}
    environment: {MLFLOW_ARTIFACTS_DESTINATION: /mlartifacts}
    volumes: ["mlartifacts:/mlartifacts"]
    depends_on: [postgres]
volumes:
  pgdata:
  mlartifacts:
`;
}

export interface BackupProject extends Project {
	readonly engine: Engine;
	readonly stack: Stack;
	readonly psql: (sql: string) => Promise<string>;
	/** Makes a backend store with that many runs, each with an artifact. */
	readonly fill: (runs: number) => Promise<void>;
	/** Every run and every artifact, as one text that differs when anything differs. Needs a running database. */
	readonly contents: () => Promise<string>;
	/** `service state` of every container. */
	readonly states: () => Promise<readonly string[]>;
}

/** Why a test that needs one more image than the others is skipped; false where the image is here. */
export async function skipWithoutImage(image: string): Promise<string | false> {
	try {
		await docker('pull', '-q', image);
		return false;
	} catch {
		return `the image ${image} cannot be pulled here`;
	}
}

/** Runs a test with a project of its own, up and accepting connections. */
export async function withBackupProject(
	body: (project: BackupProject) => Promise<void>,
	composeYaml = backupStack(),
): Promise<void> {
	await withProject(composeYaml, async (project) => {
		const engine = await openDockerEngine({kind: 'docker', environment: process.env});
		try {
			await project.compose('up', '-d', '--quiet-pull');
			const opened = await openProject(project, engine);
			await untilAccepting(opened);
			await body(opened);
		} finally {
			engine.close();
		}
	});
}

async function openProject(project: Project, engine: Engine): Promise<BackupProject> {
	const request = {
		files: [project.file],
		project: project.name,
		directory: project.folder,
		environment: process.env,
	};
	const psql = async (sql: string): Promise<string> =>
		project.compose('exec', '-T', 'postgres', 'psql', '-XqAt', '-U', 'ana', '-d', 'mlflow', '-c', sql);
	const inArtifacts = async (script: string): Promise<string> =>
		docker('run', '--rm', '-v', `${project.name}_mlartifacts:/a`, '-w', '/a', 'busybox', 'sh', '-c', script);
	return {
		...project,
		engine,
		stack: await engine.resolve(request),
		psql,
		fill: async (runs) => {
			await psql(
				schema + `insert into runs select i, 'active', md5(i::text) from generate_series(1, ${runs}) i`,
			);
			await inArtifacts(
				`i=1; while [ $i -le ${runs} ]; do mkdir -p 1/$i/artifacts; echo model $i > 1/$i/artifacts/model; i=$((i+1)); done; chown -R 1000:1000 .`,
			);
		},
		contents: async () => {
			const runs = await psql('select * from runs order by id');
			const artifacts = await inArtifacts(
				'find . -type f | sort | while read -r f; do stat -c "%n %s %u %a" "$f"; sha256sum "$f"; done',
			);
			return `${runs}\n${artifacts}`;
		},
		states: async () =>
			(await project.compose('ps', '-a', '--format', '{{.Service}} {{.State}}'))
				.split('\n')
				.filter(Boolean)
				.sort(),
	};
}

const schema = `
drop table if exists runs, experiments, alembic_version;
create table experiments(id int primary key, lifecycle_stage text);
insert into experiments values (0, 'active'), (1, 'active'), (2, 'deleted');
create table runs(id int primary key, lifecycle_stage text, name text);
create table alembic_version(version_num text);
insert into alembic_version values ('dc11669786a5');
`;

/** Over TCP, as PostgreSQL's first initialisation answers on its socket too. */
export async function untilAccepting(project: Project): Promise<void> {
	for (let attempt = 0; ; attempt++) {
		try {
			await project.compose('exec', '-T', 'postgres', 'pg_isready', '-q', '-h', '127.0.0.1', '-U', 'ana');
			return;
		} catch (error) {
			if (attempt === 100) {
				throw error;
			}

			await sleep(200);
		}
	}
}

/** Runs work to its end; what it returned, and what it told. */
export async function finished<Result>(
	work: AsyncGenerator<Progress, Result>,
): Promise<{readonly result: Result; readonly progress: readonly Progress[]}> {
	const progress: Progress[] = [];
	for (;;) {
		const next = await work.next();
		if (next.done) {
			return {result: next.value, progress};
		}

		progress.push(next.value);
	}
}
