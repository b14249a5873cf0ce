import {basename, dirname, join} from 'node:path';
import {type ComposeContext, type ComposeFailure, composeLine} from './compose-context.ts';

/** Compose cannot make sense of the files, or of what they refer to. */
export const fileFailures: readonly ComposeFailure[] = [
	{
		code: 'compose-variable-missing',
		pattern: /required variable (?<variable>\w+) is missing a value/,
		what: ({variable = ''}, context) => `${fileName(context)} needs a value for ${variable}`,
		next: ({variable = ''}, {files}) => [
			`Write ${variable}=... into ${join(dirname(files[0] ?? ''), '.env')},`,
			`or: export ${variable}=...`,
		],
		example:
			'error while interpolating services.postgres.environment.POSTGRES_USER: required variable POSTGRES_USER is missing a value: run mlstack init',
	},
	{
		code: 'env-file-missing',
		pattern: /env file (?<path>\S+) not found/,
		what: ({path = ''}) => `the file ${path} is not there, but a service reads its variables from it`,
		next: ({path = ''}) => [
			`Write ${path}; many projects bring an example of it: ls ${join(dirname(path), '.env*')}`,
		],
		example: 'env file /home/ana/kws/db.env not found: stat /home/ana/kws/db.env: no such file or directory',
	},
	{
		code: 'compose-option-unknown',
		pattern:
			/(?:(?<where>services\.\S+|) *additional propert(?:y|ies) '?(?<option>[\w.-]+)'? (?:is )?not allowed)/i,
		what: ({option = ''}, context) =>
			`${fileName(context)} holds \`${option}\`, which Compose does not know there`,
		next: ({option = ''}) => [
			`Look for a spelling mistake in \`${option}\`, and at how far it is indented.`,
			'It may also need a newer Compose: docker compose version',
		],
		example:
			"validating /home/ana/kws/compose.yaml: services.mlflow additional properties 'imagee' not allowed",
	},
	{
		code: 'project-name-invalid',
		pattern: /invalid project name "(?<name>[^"]*)"/,
		what: ({name = ''}) => `${name === '' ? 'an empty text' : `"${name}"`} is no name for a project`,
		why: () => 'Small letters, digits, - and _ are allowed, and a letter or a digit comes first.',
		next: ({name = ''}) => [
			`mlstack -p ${
				name
					.toLowerCase()
					.replace(/[^\w-]+/g, '-')
					.replace(/^[_-]+|-+$/g, '') || 'my-project'
			}`,
		],
		reason: 'wrongCall',
		example:
			'invalid project name "Bad Name": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number',
	},
	{
		code: 'service-unknown',
		pattern: /no such service: (?<service>.+)/,
		what: ({service = ''}) => `there is no service ${service} in this stack`,
		next: (_, context) => [composeLine({...context, command: 'config'}, '--services')],
		reason: 'wrongCall',
		example: 'no such service: nope',
	},
	{
		code: 'volume-missing',
		pattern: /external volume "(?<volume>[^"]+)" not found/,
		what: ({volume = ''}) => `the volume ${volume} does not exist`,
		why: (_, context) => `${fileName(context)} calls it external: somebody else has to make it first.`,
		next: ({volume = ''}) => [`docker volume create ${volume}`, 'docker volume ls'],
		example: 'external volume "kws_data" not found',
	},
	{
		code: 'network-missing',
		pattern: /network (?<network>\S+) declared as external, but could not be found/,
		what: ({network = ''}) => `the network ${network} does not exist`,
		why: (_, context) => `${fileName(context)} calls it external: somebody else has to make it first.`,
		next: ({network = ''}) => [`docker network create ${network}`, 'docker network ls'],
		example: 'network kws-net declared as external, but could not be found',
	},
	{
		code: 'compose-file-missing',
		pattern: /open (?<path>\S+\.ya?ml): no such file or directory|no configuration file provided/,
		what: ({path}) => (path ? `the compose file ${path} is not there` : 'there is no compose file here'),
		next: () => ['Name one: mlstack -f FILE'],
		example: 'open /home/ana/kws/compose.yaml: no such file or directory',
	},
	{
		code: 'compose-file-invalid',
		pattern:
			/(?:yaml: (?:.*line (?<line>\d+))?|validating \S+:|failed to parse \S+: (?:line (?<at>\d+))?|invalid compose project|empty compose file|invalid interpolation format|must be an? (?:array|string|mapping|object|boolean|integer|list)|Invalid (?:hostPort|containerPort|proto)|dependency cycle detected|undefined (?:volume|network|service|secret|config))/,
		what: ({line, at}, context) => {
			const number = line ?? at;
			return `Compose does not accept ${fileName(context)}${number ? `, line ${number}` : ''}`;
		},
		next: (_, context) => [composeLine({...context, command: 'config'}, '--quiet')],
		example: 'yaml: line 4: did not find expected key',
	},
];

function fileName({files}: ComposeContext): string {
	return files.map((file) => basename(file)).join(' with ') || 'the compose file';
}
