import {
	commandRow,
	commands,
	commonOptions,
	isCommandName,
	optionNames,
	optionRow,
	type OptionName,
} from '../arguments.ts';
import {exitCodes} from '../failure.ts';
import {optionMeaning, optionUsage, usage} from './help.ts';

const commandNames = Object.keys(commands).filter(isCommandName);

/** The README's table of commands. */
export function commandsMarkdown(): string {
	const rows = commandNames.map((name) => {
		const {summary, details = []} = commandRow(name);
		return row([`\`${usage(name)}\``, [`${summary}.`, ...details].join(' ')]);
	});
	return [...head(['command', '']), ...rows].join('\n');
}

/** The README's table of options: those of every command first. */
export function optionsMarkdown(): string {
	const own = optionNames.filter((name) => !commonOptions.includes(name));
	const rows = [...commonOptions, ...own].map((name) =>
		row([`\`${optionUsage(name)}\``, commandsWith(name), optionMeaning(name)]),
	);
	return [...head(['option', 'of', '']), ...rows].join('\n');
}

function commandsWith(name: OptionName): string {
	return optionRow(name).common
		? 'every command'
		: commandNames
				.filter((command) => commandRow(command).options.includes(name))
				.map((command) => `\`${command}\``)
				.join(', ');
}

/** The README's table of exit codes. */
export function exitCodesMarkdown(): string {
	const rows = Object.values(exitCodes).map(({code, meaning}) => row([String(code), meaning]));
	const signals = row(['129, 130, 143', 'ended by SIGHUP, SIGINT (Ctrl-C), SIGTERM']);
	return [...head(['code', '']), ...rows, signals].join('\n');
}

/** What --json prints: a row a shape, with the names of its fields. Every object has `version`, now 1. */
export const jsonShapes: ReadonlyArray<{
	readonly of: string;
	readonly when: string;
	readonly fields: readonly string[];
}> = [
	{
		of: 'status',
		when: 'one document; with --watch one a line, for each change',
		fields: ['version', 'at', 'project', 'overall', 'url', 'origin', 'files', 'engine', 'services', 'cards'],
	},
	{
		of: 'up, down, start, stop, restart',
		when: 'one object a line while it works; the last line is what `status` prints, before an `error` too',
		fields: ['version', 'progress'],
	},
	{
		of: 'logs',
		when: 'one object a line; `level` only where the line says it',
		fields: ['version', 'time', 'service', 'container', 'stream', 'level', 'text'],
	},
	{of: 'open', when: 'one document', fields: ['version', 'url', 'opened', 'answers', 'works']},
	{
		of: 'doctor',
		when: 'one document; `environment`: what the stack runs on, with its `findings`; those of the files that remain; how many are `errors`; what compose warns of; the files that --fix wrote; `error` in place of `engine` where none answers',
		fields: [
			'version',
			'engine',
			'compose',
			'environment',
			'project',
			'origin',
			'files',
			'warnings',
			'errors',
			'findings',
			'fixed',
		],
	},
	{
		of: 'init',
		when: 'one document; that of `doctor` where a compose file is there already',
		fields: ['version', 'folder', 'project', 'written', 'notes', 'url'],
	},
	{
		of: 'verify',
		when: 'one document; `holds` when every one of the `steps` is `done`; `took` in ms, `failure` as `error`',
		fields: ['version', 'project', 'holds', 'steps'],
	},
	{
		of: 'version',
		when: 'one document; `error` in place of `engine` where none answers',
		fields: ['version', 'mlstack', 'node', 'engine', 'compose'],
	},
	{
		of: 'every command',
		when: 'in place of the above, or after it, when the command fails',
		fields: ['version', 'error'],
	},
];

/** The README's table of what --json prints. */
export function jsonMarkdown(): string {
	const rows = jsonShapes.map(({of, when, fields}) =>
		row([of, fields.map((field) => `\`${field}\``).join(', '), when]),
	);
	return [...head(['command', 'fields', '']), ...rows].join('\n');
}

function head(titles: readonly string[]): readonly string[] {
	return [row(titles), row(titles.map(() => '---'))];
}

function row(cells: readonly string[]): string {
	return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}
