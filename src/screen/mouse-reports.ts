/** What a mouse did, where: from 0, at the screen's top left. */
export interface MouseReport {
	readonly kind: 'press' | 'wheel-up' | 'wheel-down';
	readonly column: number;
	readonly row: number;
}

/** Asks for reports of buttons and the wheel, written with decimal numbers (modes 1000 and 1006 of xterm's control sequences). */
export const mouseOn = '\u001B[?1000h\u001B[?1006h';
export const mouseOff = '\u001B[?1006l\u001B[?1000l';

/** A report: the button with its modifiers, column and row from 1, and whether it is down (`M`). */
const report = /^\u001B\[<(\d*);?(\d*);?(\d*)[\d;]*([Mm])/;

/** The beginning of a report, of which more may come. */
const begun = /^\u001B\[<[\d;]*/;

/** Characters: no screen has so many columns. */
const longestReport = 40;

/** A terminal that does not know mode 1006 sends three bytes after this, which may be any letters. */
const oldReport = '\u001B[M';
const oldLength = 6;

/** Bits of a button's number that say which keys were held: shift, meta and control. */
const modifiers = 4 + 8 + 16;

const kinds: Readonly<Record<number, MouseReport['kind']>> = {0: 'press', 64: 'wheel-up', 65: 'wheel-down'};

/**
 * Takes the reports of a mouse out of what a terminal sends, so that no piece of one is taken for keys: a connection may
 * cut a report anywhere, and break off within it.
 */
export class MouseReports {
	/** The terminal has been asked for reports: then also the two characters that one may begin with wait for the next. */
	isOn = false;
	#held = '';

	/** What waits for more may be the Escape key: whoever gets nothing more for a moment takes it out. */
	get isWaiting(): boolean {
		return this.#held === '\u001B' || this.#held === '\u001B[';
	}

	/** The keys in what came, and what the mouse did. */
	take(text: string): {readonly keys: string; readonly reports: readonly MouseReport[]} {
		const reports: MouseReport[] = [];
		let keys = '';
		let rest = this.#held + text;
		this.#held = '';
		while (rest !== '') {
			const escape = rest.indexOf('\u001B');
			const plain = escape < 0 ? rest : rest.slice(0, escape);
			keys += plain;
			rest = rest.slice(plain.length);
			const length = this.#lengthOf(rest);
			if (length === undefined) {
				this.#held = rest;
				break;
			}

			const parsed = parse(rest);
			if (parsed) {
				reports.push(parsed);
			}

			keys += length === 0 ? rest.slice(0, 1) : '';
			rest = rest.slice(Math.max(1, length));
		}

		return {keys, reports};
	}

	/** What waits, as keys. */
	release(): string {
		const held = this.#held;
		this.#held = '';
		return held;
	}

	/** Characters at the start that belong to a report, whole or broken; undefined when more may come. */
	#lengthOf(text: string): number | undefined {
		const [start = ''] = begun.exec(text) ?? [];
		if (start !== '') {
			const next = text.charAt(start.length);
			const isWhole = next !== '' || start.length > longestReport;
			return isWhole ? start.length + Number(next === 'M' || next === 'm') : undefined;
		}

		if (!this.isOn) {
			return 0;
		}

		if (text.startsWith(oldReport)) {
			return text.length < oldLength ? undefined : oldLength;
		}

		return text === '\u001B' || text === '\u001B[' ? undefined : 0;
	}
}

function parse(text: string): MouseReport | undefined {
	const [, button = '', column = '', row = '', end] = report.exec(text) ?? [];
	const kind = kinds[Number(button) & ~modifiers];
	return button !== '' && Number(column) > 0 && Number(row) > 0 && end === 'M' && kind !== undefined
		? {kind, column: Number(column) - 1, row: Number(row) - 1}
		: undefined;
}
