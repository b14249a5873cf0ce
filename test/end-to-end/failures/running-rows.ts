import {request} from 'node:http';
import {docker} from '../../support/project.ts';
import type {RunningRow, Scene} from './row.ts';
import {sql, types} from './stacks.ts';

const containerOf = ({project}: Scene, service: string): string => `${project.name}-${service}-1`;

/** The status of MLflow's answer to a request with a header that a browser, or another container, would send. */
async function askAs(
	{port}: Scene,
	headers: Readonly<Record<string, string>>,
	method = 'GET',
	path = '/api/2.0/mlflow/experiments/search?max_results=1',
): Promise<number> {
	return new Promise((resolve, reject) => {
		request({host: '127.0.0.1', port, path, method, headers}, (response) => {
			response.resume();
			response.once('end', () => resolve(response.statusCode ?? 0));
		})
			.once('error', reject)
			.end(method === 'GET' ? undefined : 'hello');
	});
}

const sendArtifact = async (scene: Scene): Promise<number> =>
	askAs(scene, {}, 'PUT', '/api/2.0/mlflow-artifacts/artifacts/hello.txt');

/** The revision of MLflow 2.22.5's schema: known to MLflow 3.17, which has the tables already. */
const formerRevision = 'bda7b8c39065';

/** What happens to a stack that works, one after the other, all on the same stack. */
export const runningRows: readonly RunningRow[] = [
	{
		what: 'PostgreSQL is stopped from elsewhere, and started again',
		act: async (scene) => docker('stop', containerOf(scene, 'postgres')),
		cards: ['database-stopped'],
		title: /^postgres is not running, so mlflow can store nothing$/,
		heal: async (scene) => docker('start', containerOf(scene, 'postgres')),
	},
	{
		what: 'PostgreSQL is killed, and recovers at its next start',
		act: async (scene) => docker('kill', containerOf(scene, 'postgres')),
		// Somebody's `docker kill` counts as a stop that was asked for.
		cards: ['database-stopped'],
		title: /^postgres is not running, so mlflow can store nothing$/,
		heal: async (scene) => docker('start', containerOf(scene, 'postgres')),
	},
	{
		what: 'PostgreSQL runs, but the network between the two is gone',
		act: async (scene) =>
			docker('network', 'disconnect', `${scene.project.name}_default`, containerOf(scene, 'postgres')),
		cards: ['database-away'],
		title: /^mlflow answers, but cannot reach its database$/,
		heal: async (scene) => {
			const network = `${scene.project.name}_default`;
			await docker('network', 'connect', '--alias', 'postgres', network, containerOf(scene, 'postgres'));
		},
	},
	{
		what: 'all connections are taken',
		act: async (scene) => {
			const sleep = 'for i in 1 2 3 4 5 6 7 8 9 10; do psql -U mlflow -c "select pg_sleep(600)" & done; wait';
			await scene.project.compose('exec', '--detach', 'postgres', 'sh', '-c', sleep);
		},
		cards: ['too-many-clients'],
		title: /^postgres refuses connections: all of them are taken$/,
		heal: async (scene) => docker('restart', containerOf(scene, 'postgres')),
	},
	{
		what: 'a query needs more shared memory than the container has',
		act: async (scene) => {
			const settings = ['max_parallel_workers_per_gather=4', 'min_parallel_table_scan_size=0'];
			const costs = ['parallel_setup_cost=0', 'parallel_tuple_cost=0', "work_mem='64MB'"];
			const numbers = 'generate_series(1, 200000)';
			const set = [...settings, ...costs].map((setting) => `SET ${setting};`).join(' ');
			await sql(scene, `CREATE TABLE big AS SELECT md5(n::text) AS m FROM ${numbers} AS n`);
			await sql(scene, `${set} SELECT count(*) FROM big a JOIN big b USING (m)`).catch(() => '');
		},
		cards: ['shared-memory'],
		title: /^postgres failed a query: its shared memory is full$/,
		heal: async (scene) => docker('restart', containerOf(scene, 'postgres')),
	},
	{
		what: 'the database is emptied under the server',
		act: async (scene) => {
			await sql(scene, 'DROP DATABASE mlflow WITH (FORCE)', 'postgres');
			await sql(scene, 'CREATE DATABASE mlflow', 'postgres');
		},
		cards: ['schema-gone'],
		title: /^The tables of MLflow are gone from its database$/,
		heal: async (scene) => docker('restart', containerOf(scene, 'mlflow')),
	},
	{
		what: 'the tables are not as MLflow made them',
		act: async (scene) => sql(scene, 'ALTER TABLE experiments RENAME COLUMN name TO title'),
		cards: ['works-not'],
		title: /^mlflow answers, but does not work$/,
		heal: async (scene) => sql(scene, 'ALTER TABLE experiments RENAME COLUMN title TO name'),
	},
	{
		// PostgreSQL compares what it noted with what it has; ICU's rules have a version in every image.
		what: 'a database was sorted by an older library than the image has',
		act: async (scene) => {
			await sql(scene, "CREATE DATABASE former TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'");
			await sql(scene, "UPDATE pg_database SET datcollversion = '1' WHERE datname = 'former'");
			await sql(scene, 'SELECT 1', 'former');
		},
		cards: ['collation-version'],
		title: /^The database former was sorted by another version of the system’s library$/,
		heal: async (scene, [card]) => {
			await types(scene, card?.mend[0]?.command ?? 'false');
			await docker('restart', containerOf(scene, 'postgres'));
		},
	},
	{
		what: 'the schema is of another version of MLflow',
		act: async (scene) => {
			await sql(scene, `UPDATE alembic_version SET version_num = '${formerRevision}'`);
			await docker('restart', containerOf(scene, 'mlflow'));
		},
		cards: ['schema-old'],
		title: new RegExp(
			`^mlflow stopped: the database has the schema of another MLflow \\(${formerRevision}\\)$`,
		),
		heal: async (scene, [card]) => {
			const expected = /expected (\w+)/.exec(card?.line?.text ?? '')?.[1] ?? '';
			await sql(scene, `UPDATE alembic_version SET version_num = '${expected}'`);
			// Not `start`: it says why before it has ended.
			await docker('restart', containerOf(scene, 'mlflow'));
		},
	},
	{
		what: 'another container calls the server by a name that it was not told',
		act: async (scene) => askAs(scene, {host: 'tracking.example:5000'}),
		cards: ['host-not-allowed'],
		title: /^mlflow refuses requests for tracking\.example:5000 \(403\)$/,
		heal: async (scene) => docker('restart', containerOf(scene, 'mlflow')),
	},
	{
		what: 'a page of another site calls the server',
		act: async (scene) =>
			askAs(scene, {origin: 'http://evil.example'}, 'POST', '/api/2.0/mlflow/experiments/create'),
		cards: ['origin-not-allowed'],
		title: /^mlflow refuses requests that a page at http:\/\/evil\.example makes \(403\)$/,
		heal: async (scene) => docker('restart', containerOf(scene, 'mlflow')),
	},
	{
		what: 'the artifacts belong to another user',
		act: async (scene) => {
			await scene.project.compose('exec', '--user', 'root', 'mlflow', 'chown', 'root', '/mlartifacts');
			await sendArtifact(scene);
		},
		cards: ['artifacts-not-writable'],
		title: /^mlflow may not write artifacts to \/mlartifacts$/,
		heal: async (scene, [card]) => {
			await types(scene, card?.mend[0]?.command ?? 'false');
			await sendArtifact(scene);
			await docker('restart', containerOf(scene, 'mlflow'));
		},
	},
];
