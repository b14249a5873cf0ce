import type {Engine} from '../engine/engine.ts';
import type {ControllerOptions} from '../controller.ts';
import type {ConfirmAction, View} from '../screen/view.ts';
import type {EngineKind, OperationKind} from '../stack/model.ts';
import type {Notice, Store} from '../store.ts';
import type {LogPaneShape} from '../screen/log-pane.ts';

/** What an action has at hand: the state, the engine, and ways to tell the user something. */
export interface Desk {
	readonly store: Store;
	readonly options: ControllerOptions;
	/** Aborted when the user leaves. */
	readonly signal: AbortSignal;
	/** Undefined until the engine is open. */
	readonly engine: () => Engine | undefined;
	/** Shows a sentence, and further lines, until the next key. */
	readonly say: (level: Notice['level'], text: string, more?: readonly string[]) => void;
	/** Asks a question that `y` answers with yes. */
	readonly ask: (action: ConfirmAction, title: string, lines: readonly string[]) => void;
	readonly show: (view: View) => void;
	/** Keeps the engine open until this has settled, even when the user leaves: it cleans up after itself. */
	readonly hold: (work: Promise<unknown>) => void;
	/** Carries an operation out, its progress on the screen. */
	readonly operate: (kind: OperationKind, services: readonly string[]) => Promise<void>;
	readonly cancel: () => void;
	/** Looks for the engine and the stack again. */
	readonly retry: () => void;
	/** Leaves this engine for another kind; what runs there goes on running. */
	readonly switchEngine: (kind: EngineKind) => void;
	readonly leave: () => void;
	/** The log pane as it is on the screen now. */
	readonly logPane: () => {
		readonly services: readonly string[];
		readonly rows: number;
		readonly pane: (view: View) => LogPaneShape;
	};
}
