import {narrowText} from './narrow-text.ts';

interface Segment {
	readonly segment: string;
	readonly index: number;
	readonly input: string;
}

/** What Intl.Segments offers. */
interface Segments extends Iterable<Segment> {
	containing(index?: number): Segment | undefined;
}

const Segmenter = Reflect.get(Intl, 'Segmenter');
const narrowOrStyled = new RegExp(narrowText.source.replace('[', String.raw`[\u001B`));

/**
 * Stands in the bundle for Intl.Segmenter, which Ink and its helpers make at their start and ask for every line of every
 * frame. Making one takes 20 ms, and is put off until a text needs it: text of narrow characters and escape sequences,
 * nearly all of a screen, has a segment for each character.
 */
export class FastSegmenter {
	readonly #arguments: ConstructorParameters<typeof Intl.Segmenter>;
	#real: Intl.Segmenter | undefined;

	constructor(...arguments_: ConstructorParameters<typeof Intl.Segmenter>) {
		this.#arguments = arguments_;
	}

	/** The same segments, in the same order, as Intl.Segmenter gives for graphemes. */
	segment(input: string): Segments {
		if (narrowOrStyled.test(input)) {
			return eachCharacter(input);
		}

		this.#real ??= new Segmenter(...this.#arguments);
		return this.#real.segment(input);
	}
}

function eachCharacter(input: string): Segments {
	return {
		containing(index = 0) {
			return index >= 0 && index < input.length ? {segment: input.charAt(index), index, input} : undefined;
		},

		[Symbol.iterator]() {
			let index = 0;
			return {
				next(): IteratorResult<Segment> {
					if (index === input.length) {
						return {done: true, value: undefined};
					}

					const segment = input.charAt(index);
					return {done: false, value: {segment, index: index++, input}};
				},
			};
		},
	};
}
