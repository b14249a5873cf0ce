/** A word of a shell line, or what stands between words. */
export interface Token {
	readonly kind: 'word' | 'operator';
	/** A word without its quotes; an operator as it is, a line break as `\n`. */
	readonly text: string;
	/** The shell puts something in its place when it runs: a variable, a command's output, file names. */
	readonly expands: boolean;
}

/**
 * Takes a POSIX shell line apart (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html, 2.2 and
 * 2.3), as far as start commands of containers need it: words, quotes, operators, line breaks. What it cannot know, such
 * as the value of a variable, is marked as expanding.
 */
export function tokenize(script: string): readonly Token[] {
	const tokens: Token[] = [];
	let rest = script;
	while (rest !== '') {
		const blank = /^(?:[ \t]+|\\\n)+/.exec(rest) ?? /^#[^\n]*/.exec(rest);
		const operator = /^(?:&&|\|\||;;|>>|<<|[;&|<>()\n])/.exec(rest);
		if (blank) {
			rest = rest.slice(blank[0].length);
		} else if (operator) {
			tokens.push({kind: 'operator', text: operator[0], expands: false});
			rest = rest.slice(operator[0].length);
		} else {
			const {token, length} = word(rest, /^[\s;&|<>()]/);
			tokens.push(token);
			rest = rest.slice(length);
		}
	}

	return tokens;
}

function word(script: string, end: RegExp): {token: Token; length: number} {
	let text = '';
	let expands = false;
	let at = 0;
	while (at < script.length) {
		const rest = script.slice(at);
		const single = /^'([^']*)'?/.exec(rest);
		const double = /^"((?:[^"\\]|\\[^])*)"?/.exec(rest);
		const escaped = /^\\([^]?)/.exec(rest);
		if (single) {
			text += single[1] ?? '';
			at += single[0].length;
		} else if (double) {
			const inner = double[1] ?? '';
			text += inner.replace(/\\\n/g, '').replace(/\\([$`"\\])/g, '$1');
			expands ||= /(?<!\\)(?:\$\$|`)/.test(inner);
			at += double[0].length;
		} else if (escaped) {
			text += escaped[1] === '\n' ? '' : (escaped[1] ?? '');
			at += escaped[0].length;
		} else if (end.test(rest)) {
			break;
		} else {
			const plain = /^(?:\$\$|[^])/.exec(rest)?.[0] ?? '';
			// In a compose file `${NAME}` is compose's own, and `$$` the shell's.
			expands ||= plain === '$$' || /[`*?]/.test(plain);
			text += plain;
			at += plain.length;
		}
	}

	return {token: {kind: 'word', text, expands}, length: at};
}

/** The words of a line that no shell sees, as compose splits a command that is one text: at white space, by quotes. */
export function splitWords(line: string): readonly string[] {
	const words: string[] = [];
	let rest = line.trimStart();
	while (rest !== '') {
		const {token, length} = word(rest, /^\s/);
		words.push(token.text);
		rest = rest.slice(length).trimStart();
	}

	return words;
}

/** A word as a shell takes it for itself. */
export function quoteWord(text: string): string {
	return /^[\w@%+=:,./${}-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}
