import {setTimeout as delay} from 'node:timers/promises';
import {supportsColor} from 'chalk';
import {render, useApp} from 'ink';
import {useEffect} from 'react';
import type {MouseReport} from '../src/screen/mouse-reports.ts';
import type {Store} from '../src/store.ts';
import {App} from './app.tsx';
import {Mouse} from './mouse.ts';
import {createTheme, ThemeContext, type ThemeOptions} from './theme.ts';

interface ShowOptions {
	readonly store: Store;
	readonly onKey: (key: string) => void;
	readonly onMouse: (report: MouseReport) => void;
	readonly home: string;
	readonly theme: Omit<ThemeOptions, 'level'>;
}

export interface Screen {
	/** Settles when Ink ended by itself; rejects with the error that a component threw. */
	readonly ended: Promise<unknown>;
	/** Draws everything again, whatever else wrote to the terminal. */
	redraw(): void;
	/** Gives the terminal to another program as it was at the start, and takes it back when `run` settles; not while it is lent. */
	lend(run: () => Promise<void>): Promise<void>;
	/** Gives the terminal back as it was; one that is lent when its borrower has ended, or has had time to. */
	close(): Promise<void>;
}

type Suspend = ReturnType<typeof useApp>['suspendTerminal'];

/** How long, in ms, a program that has the terminal may take to leave it. */
const leavingTime = 1000;

/** Puts the program on the terminal's alternate screen. */
export function show({store, onKey, onMouse, home, theme}: ShowOptions): Screen {
	const level = supportsColor === false ? 0 : supportsColor.level;
	let suspend: Suspend | undefined;
	let lent: Promise<void> | undefined;
	const mouse = new Mouse(process.stdin, process.stdout, onMouse);
	const unsubscribe = store.subscribe(() => mouse.switch(store.getState().view.mouse && !lent));
	const instance = render(
		<ThemeContext value={createTheme({...theme, level})}>
			<App store={store} onKey={onKey} home={home} />
			<Lender
				onReady={(ready) => {
					suspend = ready;
				}}
			/>
		</ThemeContext>,
		{
			stdin: mouse.stdin,
			alternateScreen: true,
			incrementalRendering: true,
			// What changes much is held back before it comes here (batch.ts); a key must not wait for the next of 30 frames a second.
			maxFps: 120,
			exitOnCtrlC: false,
			patchConsole: false,
			interactive: true,
		},
	);
	return {
		ended: instance.waitUntilExit(),
		redraw: () => instance.clear(),
		async lend(run) {
			if (!suspend || lent) {
				return;
			}

			mouse.switch(false);
			lent = suspend(run);
			try {
				await lent;
			} finally {
				lent = undefined;
				mouse.switch(store.getState().view.mouse);
			}
		},
		async close() {
			await Promise.race([lent?.catch(() => undefined), delay(leavingTime, undefined, {ref: false})]);
			unsubscribe();
			mouse.switch(false);
			instance.unmount();
		},
	};
}

/** Ink gives what lends the terminal only to components. */
function Lender({onReady}: {readonly onReady: (suspend: Suspend) => void}) {
	const {suspendTerminal} = useApp();
	useEffect(() => onReady(suspendTerminal), [onReady, suspendTerminal]);
	return null;
}
