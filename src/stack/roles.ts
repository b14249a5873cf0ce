import type {Role} from './model.ts';

/** What is known of a service or of a container when its role is asked for. Whatever is missing is unknown. */
export interface ServiceDescription {
	/** As the compose file or the engine writes it: `ghcr.io/mlflow/mlflow:v3.17.2@sha256:...`. */
	readonly image?: string;
	/** Entry point and command together, as words or as one line. */
	readonly command?: readonly string[] | string;
	readonly environment?: Readonly<Record<string, string>>;
	readonly labels?: Readonly<Record<string, string>>;
	/** The image is built here, so that its name says little. */
	readonly build?: boolean;
	/** Paths inside the container at which volumes are mounted. */
	readonly mounts?: readonly string[];
}

/** The label with which a compose file says a service's role itself: `mlstack.role: database`. */
export const roleLabel = 'mlstack.role';

/** A service's role. The label wins; then the first row of `roleRules` that fits; else `other`. */
export function recogniseRole(service: ServiceDescription): Role {
	const labelled = service.labels?.[roleLabel];
	if (labelled === 'database' || labelled === 'tracking' || labelled === 'other') {
		return labelled;
	}

	return decidingRule(service)?.role ?? 'other';
}

/** The row of `roleRules` that decides a service's role when no label does. */
export function decidingRule(service: ServiceDescription): RoleRule | undefined {
	const evidence = gather(service);
	return roleRules.find((rule) => rule.fits(evidence));
}

interface Evidence {
	/** The image without registry, tag and digest: `library/postgres`. */
	readonly repository: string;
	readonly command: string;
	readonly environment: Readonly<Record<string, string>>;
	readonly mounts: readonly string[];
}

/** A row: a role and how it shows. Rows are tried from the top. */
export interface RoleRule {
	readonly role: Role;
	/** In words; also the name of the row's test. */
	readonly sign: string;
	readonly fits: (evidence: Evidence) => boolean;
	/** A service that this row decides, and no row above it. */
	readonly example: ServiceDescription;
}

const image =
	(pattern: RegExp) =>
	({repository}: Evidence): boolean =>
		pattern.test(repository);

const command =
	(pattern: RegExp) =>
	({command}: Evidence): boolean =>
		pattern.test(command);

const variable =
	(pattern: RegExp) =>
	({environment}: Evidence): boolean =>
		Object.keys(environment).some((name) => pattern.test(name));

/**
 * A command that works with MLflow but serves nothing. `mlflow server` is not asked about here: its row stands above
 * those that use this.
 */
const runsAClient = command(
	/\b(?:jupyter|sleep|tail|pytest)\b|\bpython[\d.]*\s+(?!-m\s+(?:mlflow|gunicorn|uvicorn)\b)|\bmlflow\s+(?:artifacts|db|deployments|doctor|experiments|gateway|gc|models|run|runs|sagemaker)\b/,
);

const looksLikeMlflow = image(/(?:^|[/_.-])(?:mlflow|tracking)(?:$|[/_.-])/);

/**
 * How roles are recognised. To teach it another image, add a row: each row is tested with its own example, and each
 * example is tested against the rows above.
 */
export const roleRules: readonly RoleRule[] = [
	{
		role: 'other',
		sign: 'an image of a tool that stands beside PostgreSQL',
		fits: image(
			/exporter|pgadmin|adminer|postgrest|bouncer|pgpool|pgcat|supavisor|pgweb|postgres-meta|back-?up|dump|restore|pgbackrest|wal-g|barman|migrat/,
		),
		example: {
			image: 'prometheuscommunity/postgres-exporter:v0.18.1',
			environment: {POSTGRES_PASSWORD: 'x'},
		},
	},
	{
		role: 'database',
		sign: 'the official image, or another publisher’s of the same name',
		fits: image(/(?:^|\/)postgres(?:ql)?$/),
		example: {image: 'docker.io/library/postgres:18-trixie'},
	},
	{
		role: 'database',
		sign: 'an image whose name ends in the major version, as Red Hat names them',
		fits: image(/(?:^|\/)postgres(?:ql)?-?\d+(?:-\w+)?$/),
		example: {image: 'quay.io/sclorg/postgresql-16-c9s'},
	},
	{
		role: 'database',
		sign: 'PostgreSQL with replication by repmgr or Patroni',
		fits: image(/(?:^|\/)(?:postgresql-repmgr|patroni|spilo(?:-\d+)?)$/),
		example: {image: 'bitnami/postgresql-repmgr:17'},
	},
	{
		role: 'database',
		sign: 'the images of the Kubernetes operators',
		fits: image(/(?:^|\/)(?:cloudnative-pg\/.+|crunchy-postgres(?:-gis)?(?:-ha)?)$/),
		example: {image: 'ghcr.io/cloudnative-pg/postgis:17-3.5'},
	},
	{
		role: 'database',
		sign: 'pgvector and its kin',
		fits: image(/(?:^|\/)(?:pgvector|pgvecto-rs|vchord-(?:postgres|suite))$/),
		example: {image: 'pgvector/pgvector:pg18'},
	},
	{
		role: 'database',
		sign: 'PostGIS',
		fits: image(/(?:^|\/)postgis$/),
		example: {image: 'postgis/postgis:18-3.6'},
	},
	{
		role: 'database',
		sign: 'TimescaleDB',
		fits: image(/(?:^|\/)timescale(?:db)?(?:-ha)?$/),
		example: {image: 'timescale/timescaledb-ha:pg17'},
	},
	{
		role: 'database',
		sign: 'PostgreSQL under another name',
		fits: image(/(?:^|\/)(?:paradedb|citus|orioledb|pgduckdb|alloydbomni|apache\/age|enterprisedb\/\S+)$/),
		example: {image: 'citusdata/citus:13.0'},
	},
	{
		role: 'tracking',
		sign: 'the command `mlflow server` or `mlflow ui`, anywhere in a shell line',
		fits: command(/(?:^|[\s;&|("'/`])mlflow(?:[\s\\]+-\S+)*[\s\\]+(?:server|ui)(?![\w.:/-])/),
		example: {
			image: 'python:3.9',
			command: [
				'bash',
				'-c',
				'\n  pip install mlflow psycopg2-binary &&\n  mlflow server \n  --host 0.0.0.0\n',
			],
		},
	},
	{
		role: 'tracking',
		sign: 'the command `python -m mlflow server`',
		fits: command(/-m[\s\\]+mlflow(?:\.cli)?[\s\\]+(?:server|ui)(?![\w.:/-])/),
		example: {build: true, command: 'python3 -m mlflow.cli server --host 0.0.0.0'},
	},
	{
		role: 'tracking',
		sign: 'MLflow’s application under a web server of one’s own',
		fits: command(/\b(?:gunicorn|uvicorn|waitress-serve|hypercorn)\b[^;&|]*\bmlflow\.server\b/),
		example: {build: true, command: 'gunicorn -b 0.0.0.0:5000 mlflow.server:app'},
	},
	{
		role: 'tracking',
		sign: 'an image of MLflow that is not given a client’s work',
		fits: (evidence) =>
			image(/(?:^|\/)mlflow(?:[-_](?:tracking|server|tracking[-_]server))?$/)(evidence) &&
			!runsAClient(evidence) &&
			evidence.environment['MLFLOW_TRACKING_URI'] === undefined,
		example: {image: 'bitnami/mlflow:3', command: ['/app/start.sh']},
	},
	{
		role: 'tracking',
		sign: 'variables that only MLflow’s server reads',
		fits: (evidence) =>
			variable(/^MLFLOW_(?:BACKEND_STORE_URI|ARTIFACTS_DESTINATION|SERVE_ARTIFACTS)$/)(evidence) &&
			!runsAClient(evidence) &&
			(evidence.environment['MLFLOW_TRACKING_URI'] === undefined || looksLikeMlflow(evidence)),
		example: {build: true, environment: {MLFLOW_BACKEND_STORE_URI: 'postgresql+psycopg2://db/mlflow'}},
	},
	{
		role: 'database',
		sign: 'the command `postgres`, as the official entry point is given it',
		fits: command(/^(?:\S*\/)?(?:docker-entrypoint\.sh\s+)?(?:\S*\/)?postgres(?:\s+-|$)/),
		example: {build: true, command: 'docker-entrypoint.sh postgres -c max_connections=200'},
	},
	{
		role: 'database',
		sign: 'variables that only the image’s first start reads',
		fits: variable(/^POSTGRES(?:QL)?_(?:INITDB_ARGS|INITDB_WALDIR|INITDB_WAL_DIR|HOST_AUTH_METHOD)$/),
		example: {build: true, environment: {POSTGRES_INITDB_ARGS: '--data-checksums'}},
	},
	{
		role: 'database',
		sign: 'a volume where PostgreSQL keeps its data',
		fits: ({mounts}) => mounts.some((path) => /^\/(?:var\/lib\/postgresql|bitnami\/postgresql)\b/.test(path)),
		example: {build: true, mounts: ['/var/lib/postgresql/data']},
	},
	{
		role: 'database',
		// A client has these too, from a shared .env; but it also has variables of its own.
		sign: 'a first user’s password and nothing but PostgreSQL’s variables',
		fits: ({environment}) => {
			const names = Object.keys(environment);
			return (
				names.some((name) => /^POSTGRES(?:QL)?_PASSWORD(?:_FILE)?$/.test(name)) &&
				names.every((name) =>
					/^(?:POSTGRES(?:QL)?_(?!HOST$|PORT$|SERVER$|UR[IL]$)|PGDATA$|PG_|TZ$|LANG$)/.test(name),
				)
			);
		},
		example: {
			image: 'registry.example.org/team/db:4',
			environment: {POSTGRES_PASSWORD: 'x', POSTGRES_DB: 'ml'},
		},
	},
];

function gather(service: ServiceDescription): Evidence {
	const {command = ''} = service;
	return {
		repository: repositoryOf(service.image ?? ''),
		command: typeof command === 'string' ? command : command.join(' '),
		environment: service.environment ?? {},
		mounts: service.mounts ?? [],
	};
}

/**
 * An image reference without registry, tag and digest. The registry is the first component if it holds a dot or a
 * colon, or is `localhost` (https://pkg.go.dev/github.com/distribution/reference).
 */
function repositoryOf(image: string): string {
	const [named = ''] = image.toLowerCase().split('@');
	const untagged = named.replace(/:[^/:]*$/, '');
	return untagged.replace(/^(?:[^/]*[.:][^/]*|localhost)\//, '');
}
