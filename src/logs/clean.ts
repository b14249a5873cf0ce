import {plainText} from '../narrow-text.ts';
import {width} from '../text.ts';
import {Style} from './sgr.ts';

/**
 * What no clean text holds: control characters (C0, DEL, C1), and characters that are invisible but reorder or break up
 * the text around them: soft hyphen, bidirectional controls (Unicode 16, UAX #9), line separators, the byte order mark,
 * interlinear annotations.
 */
const unsafe =
	/[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u200E\u200F\u2028-\u202E\u2066-\u206F\uFEFF\uFFF9-\uFFFB]/;

/**
 * Control sequences as ECMA-48 writes them, then single unsafe characters. In turn: CSI with its parameters,
 * intermediates and final, of which SGR (captured) may stay; a string (OSC, DCS, SOS, PM, APC) with its terminator; an escape of few characters. What is
 * begun but not ended is no sequence, so that it cannot hide the text after it.
 */
const special = new RegExp(
	[
		/\u001B\[([0-?]*)m|(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]/,
		/(?:\u001B[\]PX^_]|[\u0090\u0098\u009D-\u009F])[^\u0000-\u001F\u007F-\u009F]*(?:\u0007|\u001B\\|\u009C)/,
		/\u001B[ -/]{0,2}[0-OQ-WYZ\\`-~]/,
		unsafe,
	]
		.map(({source}) => source)
		.join('|'),
	'g',
);

/** A carriage return, or the cursor sent to the first column: what follows is written over what was there. */
const overwrite = /\r|\u001B\[[01]?G/;

/** Columns between tab stops. */
const tabStop = 8;

/** Columns after which a tab is a single space, so that a line of tabs stays small. */
const lastTabStop = 4096;

/**
 * A line of a log as text that cannot act on the terminal: colours and the like stay (sgr.ts), and are reset at the
 * end; other control sequences are gone; lone control characters are visible marks (␇, ␛, U+FFFD); of a progress bar
 * that overwrites itself the last state is left; a backspace takes a character away; tabs are spaces.
 */
export function cleanLine(text: string): string {
	if (!unsafe.test(text)) {
		return text;
	}

	if (!overwrite.test(text)) {
		return new Cleaner(text).clean();
	}

	// A state that shows nothing only wiped the one before it.
	for (const state of text.split(overwrite).reverse()) {
		const cleaned = new Cleaner(state).clean();
		if (plainText(cleaned).trim() !== '') {
			return copied(cleaned);
		}
	}

	return '';
}

/** The same text, but no view of the line that it was cut out of, which would be kept in memory with it. */
function copied(text: string): string {
	return Buffer.from(text).toString();
}

class Cleaner {
	readonly #text: string;
	/** Texts and SGR sequences. */
	readonly #parts: string[] = [];
	/** Where in the parts there is text that a backspace can take away. */
	readonly #texts: number[] = [];
	readonly #style = new Style();
	readonly #hasTabs: boolean;
	/** Counted only where there are tabs, and no further than they go. */
	#column = 0;

	constructor(text: string) {
		this.#text = text;
		this.#hasTabs = text.includes('\t');
	}

	clean(): string {
		let at = 0;
		special.lastIndex = 0;
		for (let match = special.exec(this.#text); match; match = special.exec(this.#text)) {
			const [found, style] = match;
			this.#add(this.#text.slice(at, match.index));
			at = special.lastIndex;
			if (style !== undefined) {
				this.#parts.push(this.#style.apply(style));
			} else if (found === '\b') {
				this.#removeCharacter();
			} else if (found === '\t') {
				this.#add(' '.repeat(this.#column < lastTabStop ? tabStop - (this.#column % tabStop) : 1));
			} else if (found.length === 1) {
				this.#add(markFor(found));
			}
		}

		this.#add(this.#text.slice(at));
		this.#parts.push(this.#style.close());
		return this.#parts.join('');
	}

	#add(text: string): void {
		if (text === '') {
			return;
		}

		this.#texts.push(this.#parts.length);
		this.#parts.push(text);
		if (this.#hasTabs && this.#column < lastTabStop) {
			this.#column += width(text);
		}
	}

	#removeCharacter(): void {
		const last = this.#texts.at(-1);
		const text = last === undefined ? undefined : this.#parts[last];
		if (last === undefined || text === undefined) {
			return;
		}

		const size = /[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(-2)) ? 2 : 1;
		this.#parts[last] = text.slice(0, -size);
		if (text.length === size) {
			this.#texts.pop();
		}

		if (this.#hasTabs && this.#column < lastTabStop) {
			this.#column -= width(text.slice(-size));
		}
	}
}

/** What is shown in place of a character that would act; nothing for those that have no shape of their own. */
function markFor(character: string): string {
	const code = character.charCodeAt(0);
	if (code < 0x20) {
		// The control pictures stand in the order of the controls.
		return String.fromCharCode(0x2400 + code);
	}

	if (code === 0x7f) {
		return '\u2421';
	}

	return code < 0xa0 ? '\uFFFD' : '';
}
