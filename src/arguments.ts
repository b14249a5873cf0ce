import type {Run} from './commands/context.ts';

/** An option of the command line. A name means the same in every command that has it. */
export interface Option {
	/** `list`: repeatable. `number`: a whole number, 0 or more. `names`: alone it is all, `--volumes=A,B` is some. */
	readonly type: 'flag' | 'text' | 'list' | 'number' | 'choice' | 'names';
	readonly short?: string;
	/** What the help writes for the value: `FILE`. */
	readonly value?: string;
	readonly choices?: readonly string[];
	readonly help: string;
	/** Every command has it; the others are named by the commands that have them. */
	readonly common?: true;
}

/** Every option. A newcomer adds one by a row here, and its name to the row of the command that has it. */
export const options = {
	file: {
		type: 'list',
		short: 'f',
		value: 'FILE',
		help: 'compose file, repeatable; default COMPOSE_FILE, then the compose file of this folder or a parent',
		common: true,
	},
	project: {
		type: 'text',
		short: 'p',
		value: 'NAME',
		help: 'project name; alone: a running project, without its file',
		common: true,
	},
	host: {
		type: 'text',
		short: 'H',
		value: 'URL',
		help: 'engine to talk to, as DOCKER_HOST: unix://, tcp://, ssh://',
		common: true,
	},
	context: {
		type: 'text',
		short: 'c',
		value: 'NAME',
		help: 'docker context to use, as DOCKER_CONTEXT',
		common: true,
	},
	engine: {
		type: 'choice',
		value: 'KIND',
		choices: ['auto', 'docker', 'native'],
		help: 'what runs the stack: docker, or native: plain processes; auto (default): what the project last ran on, else Docker if it answers, else native; also MLSTACK_ENGINE',
		common: true,
	},
	help: {type: 'flag', short: 'h', help: 'explain the command', common: true},
	version: {type: 'flag', short: 'v', help: 'print the versions', common: true},
	json: {type: 'flag', help: 'print JSON: one document, or one object a line where the command goes on'},
	'no-stats': {type: 'flag', help: 'hide cpu and memory, which then cost nothing'},
	ascii: {type: 'flag', help: 'draw borders and marks with ASCII characters only'},
	theme: {
		type: 'choice',
		value: 'THEME',
		choices: ['auto', 'dark', 'light'],
		help: 'colours for a dark or a light terminal',
	},
	buffer: {type: 'number', value: 'LINES', help: 'log lines kept for each container (default 50000)'},
	wait: {type: 'flag', help: 'return when every service is healthy and MLflow answers'},
	timeout: {type: 'number', value: 'SECONDS', help: 'how long to wait once all is started (default 300)'},
	yes: {type: 'flag', short: 'y', help: 'do not ask'},
	fix: {type: 'flag', help: 'correct the compose file, after showing how; a copy of what it was is kept'},
	watch: {type: 'flag', short: 'w', help: 'go on, and print a line for each change'},
	print: {type: 'flag', help: 'print the address only, open nothing'},
	follow: {type: 'flag', short: 'f', help: 'go on with new lines; -f before `logs` is --file'},
	tail: {type: 'number', short: 'n', value: 'N', help: 'the last N lines of each service'},
	since: {type: 'text', value: 'TIME', help: 'lines from this time on: 10m, 2h30m, 2026-11-24T08:00:00Z'},
	until: {
		type: 'text',
		value: 'TIME',
		help: 'up to this time: lines, or objects to prune',
	},
	timestamps: {type: 'flag', short: 't', help: 'print the time of each line'},
	level: {
		type: 'choice',
		value: 'LEVEL',
		choices: ['debug', 'info', 'warning', 'error', 'fatal'],
		help: 'lines of this level or worse only',
	},
	images: {type: 'flag', help: 'also images that nothing uses'},
	volumes: {type: 'names', value: 'NAME,...', help: 'also volumes, all or those named: the data in them'},
	'build-cache': {type: 'flag', help: 'also the build cache, of all projects'},
	all: {type: 'flag', help: 'of everything on the engine, not of this stack only'},
	'dry-run': {type: 'flag', help: 'show what would go, and remove nothing'},
	confirm: {type: 'text', value: 'NAME', help: 'the project’s name: its data may be replaced'},
	grep: {type: 'text', value: 'REGEXP', help: 'matching lines only; ignores case unless it has a capital'},
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof options;

/** The options of one type, for code that reads values by type. */
export type NamesOf<Type> = {
	[Name in OptionName]: (typeof options)[Name]['type'] extends Type ? Name : never;
}[OptionName];
export type ChoiceName = NamesOf<'choice'>;
/** What may be chosen, by option. */
export type Choices = {[Name in ChoiceName]: (typeof options)[Name]['choices'][number]};

/** What was given on the command line; a name that is absent was not given. */
export type Values = Readonly<
	Partial<
		Record<NamesOf<'flag'>, boolean> &
			Record<NamesOf<'text'>, string> &
			Record<NamesOf<'list'>, readonly string[]> &
			Record<NamesOf<'number'>, number> &
			Record<NamesOf<'names'>, 'all' | readonly string[]> &
			Choices
	>
>;

/** A command of mlstack. */
export interface Command {
	/** One line for the overview. */
	readonly summary: string;
	/** What more there is to say; a paragraph a string. */
	readonly details?: readonly string[];
	/** The positional arguments as the help writes them: `[SERVICE...]` takes any number, each other word at most one. */
	readonly positional?: string;
	readonly options: readonly OptionName[];
	/** A call, and what it does. */
	readonly examples: ReadonlyArray<readonly [call: string, does: string]>;
	/** Loads the command's module: only the one that is called costs time. */
	readonly load: () => Promise<{readonly run: Run}>;
}

/** Every command, in the order of the help. A newcomer adds one by a row here and a file that exports `run`. */
export const commands = {
	tui: {
		summary: 'the screen: services, logs, keys; what `mlstack` alone does',
		details: ['Without a terminal it prints what `mlstack status` prints.'],
		options: ['no-stats', 'ascii', 'theme', 'buffer'],
		examples: [
			['mlstack', 'shows the stack of this folder'],
			['mlstack -p kws', 'shows the project kws, wherever its file is'],
		],
		load: async () => ({run: (await import('./commands/tui.ts')).tui}),
	},
	up: {
		summary: 'start the stack: pull, build, create, start',
		details: [
			'With --wait it returns when every service is healthy and MLflow works, and fails at once when a container exits or turns unhealthy.',
		],
		positional: '[SERVICE...]',
		options: ['wait', 'timeout', 'json'],
		examples: [
			['mlstack up --wait', 'starts the stack and returns when MLflow can be used'],
			['mlstack up postgres', 'starts one service and those it depends on'],
		],
		load: async () => import('./commands/up.ts'),
	},
	down: {
		summary: 'stop and remove the containers; volumes, and so every run, are kept',
		details: [
			'Asks first on a terminal, unless --yes is given. With --volumes the data go too: it says what they are, offers a backup and wants the project’s name typed; a script spells the volumes out with --yes --volumes=NAME,...',
		],
		options: ['volumes', 'yes', 'json'],
		examples: [['mlstack down', 'takes the stack down']],
		load: async () => import('./commands/down.ts'),
	},
	start: {
		summary: 'start containers that were stopped',
		positional: '[SERVICE...]',
		options: ['json'],
		examples: [['mlstack start mlflow', 'starts the containers of one service']],
		load: async () => import('./commands/start.ts'),
	},
	stop: {
		summary: 'stop containers without removing them',
		positional: '[SERVICE...]',
		options: ['json'],
		examples: [['mlstack stop', 'stops every service']],
		load: async () => import('./commands/stop.ts'),
	},
	restart: {
		summary: 'restart containers',
		positional: '[SERVICE...]',
		options: ['json'],
		examples: [['mlstack restart mlflow', 'restarts one service']],
		load: async () => import('./commands/restart.ts'),
	},
	status: {
		summary: 'what runs, how healthy it is, and where',
		details: ['Exits with 0 when the stack is up, with 4 when it is not, with 3 when no engine answers.'],
		options: ['json', 'watch'],
		examples: [
			['mlstack status --json', 'prints the state for a script'],
			['mlstack status --watch', 'prints a line for each change until it is interrupted'],
		],
		load: async () => import('./commands/status.ts'),
	},
	logs: {
		summary: 'the logs of the services, merged in time order',
		details: [
			'After `logs`, -f means --follow, as in docker; before it, -f means --file, as everywhere: `mlstack -f compose.yaml logs -f`.',
			'With --follow, restarts and new containers are followed too.',
		],
		positional: '[SERVICE...]',
		options: ['follow', 'tail', 'since', 'until', 'timestamps', 'level', 'grep', 'json'],
		examples: [
			['mlstack logs -f', 'shows every line so far and goes on with new ones'],
			['mlstack logs --since 10m --level error', 'the errors of the last ten minutes'],
			['mlstack logs --json mlflow | jq .text', 'one JSON object a line'],
		],
		load: async () => import('./commands/logs.ts'),
	},
	open: {
		summary: 'open MLflow in the browser, and print its address',
		details: ['Exits with 4 when nothing answers there yet.'],
		options: ['print', 'json'],
		examples: [['export MLFLOW_TRACKING_URI=$(mlstack open --print)', 'points MLflow clients to this stack']],
		load: async () => import('./commands/open.ts'),
	},
	prune: {
		summary: 'remove what is not needed any more, after showing what that is',
		details: [
			'Without options it removes what nobody will miss: untagged images, networks, containers that the compose file no longer names. What is in use is never removed, and what changes after it was shown stays.',
			'Volumes hold the experiments: the project’s name has to be typed, after a backup was offered; a script spells them out with --yes --volumes=NAME,...',
		],
		options: ['images', 'volumes', 'build-cache', 'all', 'until', 'dry-run', 'yes', 'json'],
		examples: [
			['mlstack prune --images --build-cache --dry-run', 'shows what could go and what it would free'],
			[
				'mlstack prune --all --images --until 24h',
				'removes images that nothing on the engine uses, older than a day',
			],
			['mlstack prune --yes --volumes=kws_pgdata17', 'removes one volume without a question'],
		],
		load: async () => import('./commands/prune.ts'),
	},
	backup: {
		summary: 'write everything that the experiments consist of into one file',
		details: [
			'Databases, roles and volumes, as of one moment, while the stack runs; when it is down only PostgreSQL is started for it. Without FILE it goes to mlstack’s own folder, and its path is printed.',
		],
		positional: '[FILE]',
		options: ['json'],
		examples: [['mlstack backup kws.tar', 'writes a backup that `mlstack restore kws.tar` reads']],
		load: async () => import('./commands/backup.ts'),
	},
	backups: {
		summary: 'the backups in mlstack’s own folder, and what they hold',
		options: ['json'],
		examples: [['mlstack backups', 'lists them, the newest first']],
		load: async () => import('./commands/backups.ts'),
	},
	restore: {
		summary: 'put a backup’s data in the place of the stack’s',
		details: [
			'The backup is checked to its end before anything is touched, and what the stack holds is backed up first; the project’s name has to be typed for that, or given with --confirm. Works onto a newer PostgreSQL, too.',
			'Without FILE it settles a restore or an upgrade that was interrupted.',
		],
		positional: '[FILE]',
		options: ['confirm', 'json'],
		examples: [['mlstack restore kws.tar', 'restores a backup']],
		load: async () => import('./commands/restore.ts'),
	},
	upgrade: {
		summary: 'move the database to a newer major version of PostgreSQL',
		details: [
			'Backs up, changes the image (and where it differs the mount) in the compose file, restores into a new volume and checks it row by row. The old volume is kept, and so is the compose file as it was; what fails goes back to them.',
		],
		positional: 'postgres VERSION',
		options: ['json'],
		examples: [['mlstack upgrade postgres 18', 'moves from an older PostgreSQL to version 18']],
		load: async () => import('./commands/upgrade.ts'),
	},
	doctor: {
		summary: 'what is wrong with what the stack runs on, and in its compose file',
		details: [
			'Looks at the engine, compose and buildx, free disk, memory, the ports that the stack publishes, the clock and the images’ architecture, then at the compose file.',
			'Each finding has its place, its reason and what to do. --fix shows the corrected file as a difference, asks, and writes it; comments and order stay, and the file is kept as it was in FILE.bak-DATE-TIME beside it.',
			'Exits with 0 when no error is left, with 1 when one is, with 3 when no engine answers; the file is checked then, too. Warnings and advice do not count.',
		],
		options: ['fix', 'yes', 'json'],
		examples: [
			['mlstack doctor', 'prints what could be better'],
			['mlstack -f docker-compose.yml doctor --fix', 'corrects a file, after a question'],
			['mlstack doctor --fix --yes --json', 'corrects it without a question, for scripts'],
		],
		load: async () => import('./commands/doctor.ts'),
	},
	init: {
		summary: 'write mlstack’s own stack into a folder, or correct the compose file that is there',
		details: [
			'Without FOLDER it is the current one. Writes compose.yaml, the constraints that its image is built with, a .env with a generated password (mode 0600), and .env into .gitignore. `docker compose` alone can run it. What is there is never written over: a .env and a .gitignore get the lines that they lack.',
			'A folder that has a compose file with a PostgreSQL or an MLflow service keeps it: it is corrected as `doctor --fix` does it, and kept as it was beside it. Asks first on a terminal, unless --yes is given.',
		],
		positional: '[FOLDER]',
		options: ['yes', 'json'],
		examples: [
			['mlstack init kws', 'writes a stack of its own into the folder kws'],
			['mlstack init --yes --json', 'does it in the current folder without a question, for scripts'],
		],
		load: async () => import('./commands/init.ts'),
	},
	verify: {
		summary: 'prove that runs are kept in PostgreSQL, and artifacts on the server',
		details: [
			'Logs a run through MLflow’s REST API, with a parameter, a metric, a tag and an artifact, reads it back, finds its rows in PostgreSQL and its artifact where the server keeps artifacts, and removes all of it again, also after a failure or Ctrl-C. Nothing is restarted. A server with basic-auth is asked with MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.',
			'Exits with 0 only when all of it holds, with 4 when the stack does not run or does not answer, with 1 when something is not as promised.',
		],
		options: ['json'],
		examples: [
			['mlstack verify', 'prints each step, what it found and how long it took'],
			['mlstack verify --json | jq .holds', 'says it to a script'],
		],
		load: async () => import('./commands/verify.ts'),
	},
	version: {
		summary: 'the versions of mlstack, Node, the engine and compose',
		options: ['json'],
		examples: [['mlstack version', 'prints what a report of a problem should hold']],
		load: async () => import('./commands/version.ts'),
	},
	help: {
		summary: 'explain a command',
		positional: '[COMMAND]',
		options: [],
		examples: [['mlstack help logs', 'explains `mlstack logs`']],
		load: async () => import('./commands/help.ts'),
	},
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof commands;

/** Narrows a word to the name of a command. */
export function isCommandName(word: string): word is CommandName {
	return Object.hasOwn(commands, word);
}

/** The row of a command, for code that treats all of them alike. */
export function commandRow(name: CommandName): Command {
	return commands[name];
}

/** The row of an option, for code that treats all of them alike. */
export function optionRow(name: OptionName): Option {
	return options[name];
}

/** Narrows a word to the name of an option. */
export function isOptionName(word: string): word is OptionName {
	return Object.hasOwn(options, word);
}

/** Every option's name, in the order of the table. */
export const optionNames: readonly OptionName[] = Object.keys(options).filter(isOptionName);

/** The options that every command has. */
export const commonOptions: readonly OptionName[] = optionNames.filter((name) => optionRow(name).common);
