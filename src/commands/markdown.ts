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

function head(titles: readonly string[]): readonly string[] {
	return [row(titles), row(titles.map(() => '---'))];
}

function row(cells: readonly string[]): string {
	return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}
