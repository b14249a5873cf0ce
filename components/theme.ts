import {Chalk, type ChalkInstance} from 'chalk';
import {createContext, useContext} from 'react';
import type {SegmentTone} from '../src/screen/activity.ts';

/** What a colour is for. Colour is never the only signal: a word or a glyph says the same. */
export type Tone = SegmentTone | 'picked';

type Paint = (text: string) => string;

export interface Glyphs {
	readonly corners: readonly [topLeft: string, topRight: string, bottomRight: string, bottomLeft: string];
	readonly horizontal: string;
	readonly vertical: string;
	readonly gutter: string;
	readonly pointer: string;
	/** In a range, where the gutter is otherwise. */
	readonly picked: string;
	/** In a scroll bar: what is in the pane, where something was found, and where an error is. */
	readonly thumb: string;
	readonly found: string;
	readonly error: string;
	readonly dot: string;
	/** Where a text was cut. */
	readonly cut: string;
	readonly ascii: boolean;
}

export interface Theme {
	readonly paint: Readonly<Record<Tone, Paint>>;
	/** A stable colour for each service, by its place in the table. */
	readonly services: readonly Paint[];
	readonly glyphs: Glyphs;
	readonly colours: boolean;
}

const unicode: Glyphs = {
	corners: ['╭', '╮', '╯', '╰'],
	horizontal: '─',
	vertical: '│',
	gutter: '│',
	pointer: '▸',
	picked: '┃',
	thumb: '█',
	found: '◆',
	error: '✗',
	dot: '·',
	cut: '…',
	ascii: false,
};

const ascii: Glyphs = {
	corners: ['+', '+', '+', '+'],
	horizontal: '-',
	vertical: '|',
	gutter: '|',
	pointer: '>',
	picked: '*',
	thumb: '#',
	found: 'o',
	error: 'x',
	dot: '-',
	cut: '~',
	ascii: true,
};

type Colouring = Omit<Theme, 'glyphs' | 'colours'>;

/**
 * The themes, a row each. Dark uses the terminal's own sixteen colours, so that it suits whatever palette the user
 * chose; on a white background yellow and cyan of most palettes cannot be read, so light names darker ones.
 */
const themes: Readonly<Record<'dark' | 'light', (chalk: ChalkInstance) => Colouring>> = {
	dark: (chalk) => ({
		paint: {
			plain: String,
			strong: chalk.bold,
			muted: chalk.dim,
			ok: chalk.green,
			busy: chalk.cyan,
			warning: chalk.yellow,
			error: chalk.red.bold,
			accent: chalk.cyan,
			selected: chalk.bold.cyan,
			picked: chalk.bgAnsi256(237),
		},
		services: [chalk.cyan, chalk.magenta, chalk.green, chalk.blue, chalk.yellow, chalk.redBright],
	}),
	light: (chalk) => ({
		paint: {
			plain: String,
			strong: chalk.bold,
			muted: chalk.hex('#6a6a6a'),
			ok: chalk.hex('#1a7f37'),
			busy: chalk.hex('#0a6c8a'),
			warning: chalk.hex('#8a5a00'),
			error: chalk.hex('#b3261e').bold,
			accent: chalk.hex('#0a6c8a'),
			selected: chalk.hex('#0a6c8a').bold,
			picked: chalk.bgHex('#dbe7f3'),
		},
		services: ['#0a6c8a', '#8b3a8b', '#1a7f37', '#2a50b0', '#8a5a00', '#b3261e'].map((colour) =>
			chalk.hex(colour),
		),
	}),
};

export type ThemeName = 'auto' | keyof typeof themes;

export interface ThemeOptions {
	readonly name: ThemeName;
	readonly ascii: boolean;
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Colours the terminal shows: 0 none, 1 sixteen, 2 256, 3 millions. */
	readonly level: 0 | 1 | 2 | 3;
}

/** Builds the theme; NO_COLOR (no-color.org) takes every colour away, COLORFGBG tells a light background. */
export function createTheme({name, ascii: plainGlyphs, environment, level}: ThemeOptions): Theme {
	const colours = level > 0 && !environment['NO_COLOR'];
	const chosen = name === 'auto' ? (isLight(environment['COLORFGBG']) ? 'light' : 'dark') : name;
	return {
		...themes[chosen](new Chalk({level: colours ? level : 0})),
		glyphs: plainGlyphs ? ascii : unicode,
		colours,
	};
}

/** COLORFGBG is `foreground;background` in the sixteen colours; 7 and 9 to 15 are light backgrounds. */
function isLight(value: string | undefined): boolean {
	const background = Number(value?.split(';').at(-1) ?? Number.NaN);
	return background === 7 || (background > 8 && background <= 15);
}

export const ThemeContext = createContext<Theme>(
	createTheme({name: 'dark', ascii: false, environment: {}, level: 0}),
);

export function useTheme(): Theme {
	return useContext(ThemeContext);
}
