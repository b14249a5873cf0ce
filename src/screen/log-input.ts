import type {Phrase} from '../logs/shown-log.ts';
import type {View} from './view.ts';

/** What the line in the log pane's title is typed for. */
export type LogInput = 'search' | 'filter';

const graphemes = new Intl.Segmenter();

/** What is typed now; empty when no line is open. */
export function phraseOf(view: View): Phrase {
	return (view.input && view[view.input]) ?? {text: '', regex: false};
}

/** The view after a key that is not one of the line's own: a character is text, every other key is nothing. */
export function typed(view: View, key: string): View {
	const character = characterOf(key);
	return character === undefined ? view : withText(view, phraseOf(view).text + character);
}

/** The character that a key types; undefined for one that types none. */
export function characterOf(key: string): string | undefined {
	const character = key === 'space' ? ' ' : key;
	return [...graphemes.segment(character)].length === 1 && !/\p{Cc}/u.test(character) ? character : undefined;
}

/** Opens the line, with what it said before. */
export function opened(view: View, input: LogInput): View {
	return {...view, input};
}

/** Takes away the last character. */
export function erased(view: View): View {
	const text = [...graphemes.segment(phraseOf(view).text)].slice(0, -1);
	return withText(view, text.map(({segment}) => segment).join(''));
}

/** Takes away everything that was typed. */
export function emptied(view: View): View {
	return withText(view, '');
}

/** Text as it is, or a regular expression. */
export function regexToggled(view: View): View {
	const phrase = phraseOf(view);
	return view.input ? {...view, [view.input]: {...phrase, regex: !phrase.regex}} : view;
}

/** Leaves the line; what it says stays, unless it says nothing. */
export function kept(view: View): View {
	return phraseOf(view).text === '' ? cleared(view) : closed(view);
}

/** Leaves the line and takes away what it said. With no line open: a range goes, the search, the filter, then the mark. */
export function cleared(view: View): View {
	if (!view.input && view.range) {
		const {range, ...rest} = view;
		return rest;
	}

	if (!view.input && !view.search && !view.filter) {
		const {mark, ...rest} = view;
		return rest;
	}

	if ((view.input ?? (view.search ? 'search' : 'filter')) === 'search') {
		const {search, mark, ...rest} = closed(view);
		return rest;
	}

	const {filter, ...rest} = closed(view);
	return rest;
}

function closed({input, ...view}: View): View {
	return view;
}

function withText(view: View, text: string): View {
	if (!view.input) {
		return view;
	}

	const {mark, ...rest} = view;
	return {...(view.input === 'search' ? rest : view), [view.input]: {...phraseOf(view), text}};
}
