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
			strong: painter(chalk.bold),
			muted: painter(chalk.dim),
			ok: painter(chalk.green),
			busy: painter(chalk.cyan),
			warning: painter(chalk.yellow),
			error: painter(chalk.red.bold),
			accent: painter(chalk.cyan),
			selected: painter(chalk.bold.cyan),
			picked: painter(chalk.bgAnsi256(237)),
		},
		services: [chalk.cyan, chalk.magenta, chalk.green, chalk.blue, chalk.yellow, chalk.redBright].map(
			(style) => painter(style),
		),
	}),
	light: (chalk) => ({
		paint: {
			plain: String,
			strong: painter(chalk.bold),
			muted: painter(chalk.hex('#6a6a6a')),
			ok: painter(chalk.hex('#1a7f37')),
			busy: painter(chalk.hex('#0a6c8a')),
			warning: painter(chalk.hex('#8a5a00')),
			error: painter(chalk.hex('#b3261e').bold),
			accent: painter(chalk.hex('#0a6c8a')),
			selected: painter(chalk.hex('#0a6c8a').bold),
			picked: painter(chalk.bgHex('#dbe7f3')),
		},
		services: ['#0a6c8a', '#8b3a8b', '#1a7f37', '#2a50b0', '#8a5a00', '#b3261e'].map((colour) =>
			painter(chalk.hex(colour)),
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

/** A style with its ends looked up once: chalk does it for each text, which took a tenth of a frame. */
function painter(style: ChalkInstance): Paint {
	const [begin = '', end = ''] = style(' ').split(' ');
	// Styles within, and lines, are chalk's to know.
	return (text) => (text === '' || /[\n\u001B]/.test(text) ? style(text) : begin + text + end);
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
