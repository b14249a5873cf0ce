import packageJson from '../../package.json' with {type: 'json'};
import {
	commandRow,
	commands,
	commonOptions,
	isCommandName,
	optionRow,
	type CommandName,
	type OptionName,
} from '../arguments.ts';
import {exitCodes, Failure, type ExitReason} from '../failure.ts';
import {nearest} from '../parse-arguments.ts';
import {wrapWords} from '../text.ts';
import type {CommandContext} from './context.ts';

/** Columns of help that does not go to a terminal. */
const defaultColumns = 80;

/** `mlstack help [COMMAND]`, and `--help` of every command. */
export async function run({positionals: [word], stdout}: CommandContext): Promise<ExitReason> {
	const columns = Math.min(stdout.columns ?? defaultColumns, 100);
	if (word === undefined) {
		await stdout.write(overview(columns));
		return 'fine';
	}

	if (!isCommandName(word)) {
		const near = nearest(word, Object.keys(commands));
		throw new Failure(`\`${word}\` is not a command of mlstack`, {
			code: 'wrong-call',
			reason: 'wrongCall',
			...(near !== undefined && {why: `did you mean \`${near}\`?`}),
			next: ['mlstack help'],
		});
	}

	await stdout.write(commandHelp(word, columns));
	return 'fine';
}

/** Every command in a line, the options that all have, and the exit codes. */
export function overview(columns: number): string {
	const names = Object.keys(commands).filter(isCommandName);
	return [
		`mlstack ${packageJson.version}`,
		...wrapWords(`${packageJson.description}.`, columns),
		'',
		'usage: mlstack [OPTION...] [COMMAND]',
		'',
		'commands',
		...definitions(
			names.map((name) => [name, commandRow(name).summary]),
			columns,
		),
		'',
		'options of every command, before or after it',
		...optionLines(commonOptions, columns),
		'',
		'exit codes',
		...definitions(
			Object.values(exitCodes).map(({code, meaning}) => [String(code), meaning]),
			columns,
		),
		'',
		'`mlstack help COMMAND` explains a command.',
		'',
	].join('\n');
}

/** All there is to say of one command. */
export function commandHelp(name: CommandName, columns: number): string {
	const {summary, details = [], options: own, examples} = commandRow(name);
	return [
		`usage: ${usage(name)}`,
		'',
		...wrapWords(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`, columns),
		...details.flatMap((paragraph) => [''].concat(wrapWords(paragraph, columns))),
		...(own.length > 0 ? ['', 'options', ...optionLines(own, columns)] : []),
		'',
		'options of every command',
		...optionLines(commonOptions, columns, own),
		'',
		'examples',
		...examples.flatMap(([call, does]) => [`  ${call}`, `      ${does}`]),
		'',
	].join('\n');
}

/** How a command is called: `mlstack logs [OPTION...] [SERVICE...]`. */
export function usage(name: CommandName): string {
	const {positional} = commandRow(name);
	return `mlstack ${name} [OPTION...]${positional === undefined ? '' : ` ${positional}`}`;
}

/** How an option is written: `-f, --file FILE`; without its short name where an option of the command itself has it. */
export function optionUsage(name: OptionName, own: readonly OptionName[] = []): string {
	const {short, value, type} = optionRow(name);
	const isTaken = own.some((other) => other !== name && optionRow(other).short === short);
	const prefix = short === undefined || isTaken ? '' : `-${short}, `;
	return `${prefix}--${name}${value === undefined ? '' : type === 'names' ? `[=${value}]` : ` ${value}`}`;
}

/** What an option does, and what it may be. */
export function optionMeaning(name: OptionName): string {
	const {help, choices} = optionRow(name);
	return choices === undefined ? help : `${help} (${choices.join(', ')})`;
}

function optionLines(
	names: readonly OptionName[],
	columns: number,
	own: readonly OptionName[] = [],
): readonly string[] {
	return definitions(
		names.map((name) => {
			const written = optionUsage(name, own);
			return [written.startsWith('--') ? `    ${written}` : written, optionMeaning(name)];
		}),
		columns,
	);
}

/** Terms and what they mean, in two columns; the second one wraps. */
function definitions(
	rows: ReadonlyArray<readonly [term: string, meaning: string]>,
	columns: number,
): readonly string[] {
	const indent = Math.max(...rows.map(([term]) => term.length)) + 4;
	return rows.flatMap(([term, meaning]) =>
		wrapWords(meaning, Math.max(columns - indent, 20)).map(
			(line, index) => (index === 0 ? `  ${term}`.padEnd(indent) : ' '.repeat(indent)) + line,
		),
	);
}
