import type {Room, Words as WordsOf} from '../src/screen/prune-question-lines.ts';
import {width} from '../src/text.ts';
import {activityText} from './activity.tsx';
import {Dialog} from './dialog.tsx';
import {useTheme} from './theme.ts';

interface WordsProperties {
	/** The words for the room that there is. */
	readonly words: (room: Room) => WordsOf;
	readonly columns: number;
	readonly rows: number;
}

/** Wider than this, a text is hard to read. */
const widest = 84;

/** A small dialog of words over the middle of the screen. */
export function Words({words, columns, rows}: WordsProperties) {
	const theme = useTheme();
	const room = {columns: Math.min(widest, columns - 4), rows: rows - 2};
	const {title, lines} = words(room);
	const texts = lines.map((line) => activityText(theme, line));
	const wanted = Math.min(room.columns, Math.max(44, width(title) + 4, ...texts.map((text) => width(text))));
	return <Dialog title={title} lines={texts} columns={columns} rows={rows} wanted={wanted} />;
}
