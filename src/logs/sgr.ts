/** The attributes that SGR codes set and clear, as bits. */
const foreground = 1;
const background = 2;
const bold = 4;
const dim = 8;
const italic = 16;
const underline = 32;
const inverse = 64;
const strike = 128;

interface StyleCode {
	readonly from: number;
	readonly to?: number;
	readonly sets?: number;
	readonly clears?: number;
}

/**
 * The SGR codes (ECMA-48, 8.3.117, and the bright colours of aixterm) that a log line may use. Missing on purpose:
 * blinking (5, 6), and concealing (8), which hides text.
 */
const styleCodes: readonly StyleCode[] = [
	{from: 0, clears: -1},
	{from: 1, sets: bold},
	{from: 2, sets: dim},
	{from: 3, sets: italic},
	{from: 4, sets: underline},
	{from: 7, sets: inverse},
	{from: 9, sets: strike},
	{from: 22, clears: bold + dim},
	{from: 23, clears: italic},
	{from: 24, clears: underline},
	{from: 27, clears: inverse},
	{from: 29, clears: strike},
	{from: 30, to: 37, sets: foreground},
	{from: 39, clears: foreground},
	{from: 40, to: 47, sets: background},
	{from: 49, clears: background},
	{from: 90, to: 97, sets: foreground},
	{from: 100, to: 107, sets: background},
];

/** The codes that a colour of the palette, or of three bytes, follows; 58, the underline's colour, is dropped with it. */
const colourCodes: Readonly<Record<string, number>> = {38: foreground, 48: background, 58: 0};

/** Characters of one sequence's parameters, and sequences in a line: what is beyond is dropped. */
const longestParameters = 100;
const mostSequences = 500;

/** What a sequence's parameters come to. */
interface Effect {
	/** The sequence to write; empty when nothing of it may stay. */
	readonly sequence: string;
	readonly sets: number;
	readonly clears: number;
}

/** Programs use few sequences over and over. */
const known = new Map<string, Effect>();
const mostKnown = 500;

/** The style of a line as its SGR sequences are read from left to right. */
export class Style {
	#attributes = 0;
	#sequences = 0;

	/** The sequence to write for these parameters (the part between `ESC [` and `m`); empty when nothing of it may stay. */
	apply(parameters: string): string {
		if (parameters.length > longestParameters || this.#sequences >= mostSequences) {
			return '';
		}

		let effect = known.get(parameters);
		if (!effect) {
			effect = effectOf(parameters);
			if (known.size >= mostKnown) {
				known.clear();
			}

			known.set(parameters, effect);
		}

		this.#sequences++;
		this.#attributes = (this.#attributes & ~effect.clears) | effect.sets;
		return effect.sequence;
	}

	/** What ends the line: a reset when an attribute is still set. */
	close(): string {
		return this.#attributes === 0 ? '' : '\u001B[0m';
	}
}

function effectOf(text: string): Effect {
	const parameters = /^[\d:;]*$/.test(text) ? text.split(';') : [];
	const codes: string[] = [];
	let sets = 0;
	let clears = 0;
	for (let at = 0; at < parameters.length; at++) {
		// ECMA-48 has sub-parameters after colons; only those of a colour are kept.
		const [code = '', ...details] = (parameters[at] ?? '').split(':');
		const colour = colourCodes[code];
		if (colour === undefined) {
			const style = styleCodes.find(({from, to = from}) => Number(code) >= from && Number(code) <= to);
			if (style) {
				codes.push(String(Number(code)));
				clears |= style.clears ?? 0;
				sets = (sets & ~(style.clears ?? 0)) | (style.sets ?? 0);
			}

			continue;
		}

		const values = colourValues(details.length > 0 ? details : parameters.slice(at + 1));
		if (!values) {
			break;
		}

		at += details.length > 0 ? 0 : values.length;
		if (colour > 0) {
			codes.push(code, ...values);
			sets |= colour;
		}
	}

	return {sequence: codes.length > 0 ? `\u001B[${codes.join(';')}m` : '', sets, clears};
}

/** The kind and the numbers of the colour that `parameters` begin with; undefined when they name none. */
function colourValues(parameters: readonly string[]): readonly string[] | undefined {
	const [kind, ...numbers] = parameters;
	const length = kind === '5' ? 1 : kind === '2' ? 3 : 0;
	// `2::R:G:B` names a colour space, which nothing uses, before the colour.
	const values = length === 3 && numbers[0] === '' ? numbers.slice(1, 4) : numbers.slice(0, length);
	return kind !== undefined && values.length === length && length > 0 && values.every(isByte)
		? [kind, ...values]
		: undefined;
}

function isByte(value: string): boolean {
	return /^\d{1,3}$/.test(value) && Number(value) <= 255;
}
