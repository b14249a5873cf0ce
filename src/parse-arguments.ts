import {parseArgs, type ParseArgsOptionsConfig} from 'node:util';
import {
	commandRow,
	commands,
	commonOptions,
	isCommandName,
	isOptionName,
	optionNames,
	optionRow,
	options,
	type ChoiceName,
	type Choices,
	type Command,
	type CommandName,
	type NamesOf,
	type Option,
	type OptionName,
	type Values,
} from './arguments.ts';
import {Failure} from './failure.ts';

/** A command line, understood. */
export interface Call {
	readonly command: CommandName;
	readonly values: Values;
	readonly positionals: readonly string[];
}

/**
 * Understands a command line (without `node` and the script). Options stand before or after the command; no command
 * means `tui`. Throws a Failure with reason `wrongCall` that names the nearest word for a mistyped one.
 */
export function parseCall(argv: readonly string[]): Call {
	// Before the command any option may stand; a short name means the common option there, so that -f is --file.
	const ahead = tokens(argv, [...commonOptions, ...optionNames]);
	const word = ahead.find((token) => token.kind === 'positional');
	const before = ahead.filter((token) => word === undefined || token.index < word.index);
	const command = word ? commandCalled(word.value) : 'tui';
	const own = commandRow(command).options;
	const after = word ? tokens(argv.slice(word.index + 1), [...own, ...commonOptions, ...optionNames]) : [];
	const given = [...before, ...after];
	const helpAsked = given.some((token) => token.kind === 'option' && token.name === 'help');
	if (helpAsked) {
		return {command: 'help', values: {}, positionals: word ? [command] : []};
	}

	const values = readValues(command, given);
	if (values.version) {
		return {command: 'version', values, positionals: []};
	}

	const positionals = after.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
	checkPositionals(command, positionals);
	return {command, values, positionals};
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

/** Splits arguments with the grammar of these options; of two with one short name the first has it. */
function tokens(argv: readonly string[], names: readonly OptionName[]): readonly Token[] {
	const config: ParseArgsOptionsConfig = {};
	const shorts = new Set<string>();
	for (const name of names) {
		const {type, short} = optionRow(name);
		const isFree = short !== undefined && !shorts.has(short);
		if (!Object.hasOwn(config, name)) {
			config[name] = {type: takesNext(type) ? 'string' : 'boolean', ...(isFree && {short})};
		}

		if (short !== undefined) {
			shorts.add(short);
		}
	}

	// Not strict: its errors could not name the command or the nearest word.
	return parseArgs({args: [...argv], options: config, strict: false, allowPositionals: true, tokens: true})
		.tokens;
}

/** The next argument is the option's value. */
function takesNext(type: Option['type']): boolean {
	return type !== 'flag' && type !== 'names';
}

function commandCalled(word: string): CommandName {
	if (isCommandName(word)) {
		return word;
	}

	throw wrongCall(
		`\`${word}\` is not a command of mlstack`,
		nearest(word, Object.keys(commands)),
		'mlstack help',
	);
}

function readValues(command: CommandName, given: readonly Token[]): Values {
	const flags: Partial<Record<NamesOf<'flag'>, boolean>> = {};
	const texts: Partial<Record<NamesOf<'text'>, string>> = {};
	const lists: Partial<Record<NamesOf<'list'>, readonly string[]>> = {};
	const numbers: Partial<Record<NamesOf<'number'>, number>> = {};
	const names: Partial<Record<NamesOf<'names'>, 'all' | readonly string[]>> = {};
	const choices: Partial<Choices> = {};
	for (const token of given) {
		if (token.kind !== 'option') {
			continue;
		}

		const name = optionCalled(command, token);
		if (isOfType(name, 'flag')) {
			flags[name] = true;
			continue;
		}

		if (isOfType(name, 'names') && token.value === undefined) {
			names[name] = 'all';
			continue;
		}

		const value = valueOf(command, token);
		if (isOfType(name, 'text')) {
			texts[name] = value;
		} else if (isOfType(name, 'names')) {
			names[name] = value.split(',').filter((one) => one !== '');
		} else if (isOfType(name, 'list')) {
			lists[name] = [...(lists[name] ?? []), value];
		} else if (isOfType(name, 'number')) {
			numbers[name] = wholeNumber(command, token.rawName, value);
		} else if (isOfType(name, 'choice')) {
			setChoice(choices, command, name, value);
		}
	}

	return {...flags, ...texts, ...lists, ...numbers, ...names, ...choices};
}

function isOfType<Type extends Option['type']>(name: OptionName, type: Type): name is NamesOf<Type> {
	return options[name].type === type;
}

type OptionToken = Extract<Token, {kind: 'option'}>;

/** The option a token means, if the command has it. */
function optionCalled(command: CommandName, {name, rawName, value}: OptionToken): OptionName {
	const {options: own} = commandRow(command);
	const known = [...own, ...commonOptions];
	if (!isOptionName(name)) {
		const near = nearest(name, known);
		throw wrongCall(
			`\`${rawName}\` is not an option of \`mlstack ${command}\``,
			near && `--${near}`,
			help(command),
		);
	}

	if (!known.includes(name)) {
		const others = Object.entries<Command>(commands).filter(([, row]) => row.options.includes(name));
		throw new Failure(`\`${rawName}\` is not an option of \`mlstack ${command}\``, {
			code: 'wrong-call',
			reason: 'wrongCall',
			why: `it belongs to ${others.map(([other]) => `\`mlstack ${other}\``).join(', ')}`,
			next: [help(command)],
		});
	}

	if (options[name].type === 'flag' && value !== undefined) {
		throw wrongCall(`\`${rawName}\` takes no value`, undefined, help(command));
	}

	return name;
}

function valueOf(command: CommandName, {rawName, value, inlineValue}: OptionToken): string {
	// `--file --json`: parseArgs takes the next argument whatever it is. A lone dash is standard input.
	if (value === undefined || value === '' || (!inlineValue && value.startsWith('-') && value !== '-')) {
		throw wrongCall(`\`${rawName}\` needs a value`, undefined, help(command));
	}

	return value;
}

function wholeNumber(command: CommandName, rawName: string, value: string): number {
	if (!/^\d{1,15}$/.test(value)) {
		throw wrongCall(`\`${rawName}\` needs a whole number, not \`${value}\``, undefined, help(command));
	}

	return Number(value);
}

function setChoice<Name extends ChoiceName>(
	into: {[Each in Name]?: Choices[Each]},
	command: CommandName,
	name: Name,
	value: string,
): void {
	if (!isChoice(name, value)) {
		const all = options[name].choices;
		throw wrongCall(
			`\`--${name}\` is one of ${all.join(', ')}, not \`${value}\``,
			nearest(value, all),
			help(command),
		);
	}

	into[name] = value;
}

function isChoice<Name extends ChoiceName>(name: Name, value: string): value is Choices[Name] {
	const all: readonly string[] = options[name].choices;
	return all.includes(value);
}

function checkPositionals(command: CommandName, positionals: readonly string[]): void {
	const {positional} = commandRow(command);
	const words = positional?.split(' ').length ?? 0;
	const most = positional?.includes('...') ? Number.POSITIVE_INFINITY : words;
	const extra = positionals[most];
	if (extra !== undefined) {
		throw wrongCall(`\`mlstack ${command}\` does not take \`${extra}\``, undefined, help(command));
	}
}

function help(command: CommandName): string {
	return `mlstack help ${command}`;
}

function wrongCall(what: string, near: string | undefined, next: string): Failure {
	return new Failure(what, {
		code: 'wrong-call',
		reason: 'wrongCall',
		...(near && {why: `did you mean \`${near}\`?`}),
		next: [next],
	});
}

/** The word that was most likely meant: one that begins so, or is two slips away at most. */
export function nearest(word: string, words: readonly string[]): string | undefined {
	const distances = words.map((candidate) => ({
		candidate,
		distance: word.length > 1 && candidate.startsWith(word) ? 0.5 : editDistance(word, candidate),
	}));
	const [best] = distances.toSorted((a, b) => a.distance - b.distance);
	return best && best.distance <= Math.min(2, word.length - 1) ? best.candidate : undefined;
}

/** Insertions, deletions, substitutions and swapped neighbours between two words (optimal string alignment). */
function editDistance(a: string, b: string): number {
	let before: number[] = [];
	let last = Array.from({length: b.length + 1}, (_, index) => index);
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const cost = a[i - 1] === b[j - 1] ? 0 : 1;
			let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
				least = Math.min(least, (before[j - 2] ?? 0) + 1);
			}

			row.push(least);
		}

		before = last;
		last = row;
	}

	return last[b.length] ?? 0;
}
