import {quoteWord, splitWords, tokenize, type Token} from './shell.ts';

/** The command of a tracking server, taken apart. */
export interface TrackingCommand {
	/** `mlflow`, `server`, and its options. */
	readonly server: readonly string[];
	/** The shell and its options, if one runs the server: `bash`, `-c`. */
	readonly shell: readonly string[];
	/** What the shell runs before the server, each without its operator. */
	readonly before: readonly (readonly string[])[];
	/** A line break cuts the server's options off: the shell runs it without them. */
	readonly isCut: boolean;
	/** What it does needs a shell: variables, pipes, more commands after the server. */
	readonly needsShell: boolean;
}

/** The command as words; undefined when it starts no MLflow server that can be seen. */
export function readCommand(words: readonly string[]): TrackingCommand | undefined {
	const [program = ''] = words;
	const isShell = /^(?:\/(?:usr\/)?bin\/)?(?:ba|da|a)?sh$/.test(program);
	const option = words.findIndex((word) => /^-[a-z]*c$/.test(word));
	if (!isShell || option === -1) {
		return isServer(words)
			? {server: words, shell: [], before: [], isCut: false, needsShell: false}
			: undefined;
	}

	const {statements, operators} = parse(words[option + 1] ?? '');
	const index = statements.findIndex((statement) => isServer(textOf(statement)));
	const server = statements[index];
	if (!server) {
		return undefined;
	}

	// Options on lines of their own are what a line break cut off.
	let end = index + 1;
	while (operators[end - 1] === '\n' && statements[end]?.[0]?.text.startsWith('-')) {
		end++;
	}

	const whole = statements.slice(index, end).flat();
	const before = statements.slice(0, index);
	return {
		server: textOf(whole).filter((word, place) => !(place === 0 && word === 'exec')),
		shell: words.slice(0, option + 1),
		before: before.map(textOf),
		isCut: end > index + 1,
		needsShell:
			whole.some(({expands}) => expands) ||
			statements.length > end ||
			operators.some((operator) => !['&&', ';', '\n'].includes(operator)),
	};
}

/** The words of a compose file's `command` or `entrypoint`: a text is split as a shell does, without running it. */
export function wordsOf(command: string | readonly string[] | undefined): readonly string[] {
	return typeof command === 'string' ? splitWords(command) : (command ?? []);
}

/** What the command becomes: a list, which no line break can cut; with a shell only where it needs one. */
export function writeCommand({server, shell, before, needsShell}: TrackingCommand): readonly string[] {
	if (before.length === 0 && !needsShell) {
		return server;
	}

	const statements = [...before, ['exec', ...server]].map((words) => words.map(quoteForShell).join(' '));
	return [...(shell.length > 0 ? shell : ['sh', '-c']), statements.join(' && ')];
}

/** The value of an option in its forms `--name value` and `--name=value`, or of its short form. */
export function optionOf(words: readonly string[], ...names: readonly string[]): string | undefined {
	for (const [index, word] of words.entries()) {
		const [name = '', ...value] = word.split('=');
		if (names.includes(name)) {
			return value.length > 0 ? value.join('=') : words[index + 1];
		}
	}

	return undefined;
}

/** The words with an option set, in its place or at the end. */
export function withOption(words: readonly string[], name: string, value: string): readonly string[] {
	const index = words.findIndex((word) => word === name || word.startsWith(`${name}=`));
	if (index === -1) {
		return [...words, name, value];
	}

	return words[index] === name ? words.with(index + 1, value) : words.with(index, `${name}=${value}`);
}

/** The words without an option and its value. */
export function withoutOption(words: readonly string[], name: string): readonly string[] {
	return words.filter(
		(word, index) => word !== name && !word.startsWith(`${name}=`) && words[index - 1] !== name,
	);
}

/** The packages that `pip install` is given; undefined when it is told anything else than packages. */
export function pipPackages(words: readonly string[]): readonly string[] | undefined {
	const rest = words[0]?.startsWith('python') && words[1] === '-m' ? words.slice(2) : words;
	if (!/^pip3?$/.test(rest[0] ?? '') || rest[1] !== 'install') {
		return undefined;
	}

	const harmless = new Set([
		'-q',
		'-qq',
		'--quiet',
		'-U',
		'--upgrade',
		'--no-cache-dir',
		'--root-user-action=ignore',
		'--disable-pip-version-check',
		'--no-input',
	]);
	const packages = rest.slice(2).filter((word) => !harmless.has(word));
	return packages.some((word) => word.startsWith('-')) || packages.length === 0 ? undefined : packages;
}

const isServer = (words: readonly string[]): boolean => {
	const from = words[0] === 'exec' ? 1 : 0;
	const rest = /^python[\d.]*$/.test(words[from] ?? '') && words[from + 1] === '-m' ? from + 2 : from;
	return /^(?:\S*\/)?mlflow$/.test(words[rest] ?? '') && /^(?:server|ui)$/.test(words[rest + 1] ?? '');
};

const textOf = (tokens: readonly Token[]): readonly string[] => tokens.map(({text}) => text);

/** Statements, and what stands after each. */
function parse(script: string): {statements: readonly (readonly Token[])[]; operators: readonly string[]} {
	const statements: Token[][] = [];
	const operators: string[] = [];
	let statement: Token[] = [];
	for (const token of tokenize(script)) {
		if (token.kind === 'word') {
			statement.push(token);
		} else if (statement.length > 0) {
			statements.push(statement);
			operators.push(token.text);
			statement = [];
		}
	}

	if (statement.length > 0) {
		statements.push(statement);
		operators.push('\n');
	}

	return {statements, operators};
}

const quoteForShell = (word: string): string =>
	word.includes('$$') ? `"${word.replaceAll('"', '\\"')}"` : quoteWord(word);
