import {supportsColor} from 'chalk';
import {render} from 'ink';
import type {Store} from '../src/store.ts';
import {App} from './app.tsx';
import {createTheme, ThemeContext, type ThemeOptions} from './theme.ts';

interface ShowOptions {
	readonly store: Store;
	readonly onKey: (key: string) => void;
	readonly home: string;
	readonly theme: Omit<ThemeOptions, 'level'>;
}

export interface Screen {
	/** Settles when Ink ended by itself; rejects with the error that a component threw. */
	readonly ended: Promise<unknown>;
	/** Draws everything again, whatever else wrote to the terminal. */
	redraw(): void;
	/** Gives the terminal back as it was. */
	close(): void;
}

/** Puts the program on the terminal's alternate screen. */
export function show({store, onKey, home, theme}: ShowOptions): Screen {
	const level = supportsColor === false ? 0 : supportsColor.level;
	const instance = render(
		<ThemeContext value={createTheme({...theme, level})}>
			<App store={store} onKey={onKey} home={home} />
		</ThemeContext>,
		{
			alternateScreen: true,
			incrementalRendering: true,
			exitOnCtrlC: false,
			patchConsole: false,
			interactive: true,
		},
	);
	return {
		ended: instance.waitUntilExit(),
		redraw: () => instance.clear(),
		close: () => instance.unmount(),
	};
}
