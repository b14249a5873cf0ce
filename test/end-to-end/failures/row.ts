import type {Card} from '../../../src/stack/diagnosis/card.ts';
import type {Project} from '../../support/project.ts';
import type {Witness} from './witness.ts';

/** What a row's stack is made with. */
export interface Place {
	/** The image of MLflow 3 with a driver for PostgreSQL. */
	readonly mlflow: string;
	/** Ports of this machine that nothing listens on. */
	readonly port: number;
	readonly otherPort: number;
}

/** A row while it runs. */
export interface Scene extends Place {
	readonly project: Project;
	readonly witness: Witness;
	/** What ends with the row: a server of the test's own. */
	readonly defer: (end: () => Promise<unknown>) => void;
}

/** A service as a compose file writes it; JSON is YAML. */
export type Service = Readonly<Record<string, unknown>>;

export interface Compose {
	readonly services: Readonly<Record<string, Service>>;
	readonly volumes?: Readonly<Record<string, unknown>>;
	readonly networks?: Readonly<Record<string, unknown>>;
}

/** A failure that is reproduced for real: a stack that has it, and what mlstack then shows. */
export interface FailureRow {
	/** In words; the name of the test. */
	readonly what: string;
	readonly stack: (place: Place) => Compose;
	/** Further files of the project's folder. */
	readonly files?: Readonly<Record<string, string>>;
	/** mlstack remembers a start of this stack that went well. */
	readonly ranBefore?: true;
	/** Variables that mlstack, and the docker command that it calls, are started with. */
	readonly environment?: Readonly<Record<string, string>>;
	/** What happened to the stack before mlstack brings it up. */
	readonly before?: (scene: Omit<Scene, 'witness'>) => Promise<void>;
	/** What happens once `up` has ended. */
	readonly after?: (scene: Scene) => Promise<void>;
	/** The rules of all cards that are shown then, in their order: one for each cause. */
	readonly cards: readonly string[];
	/** Rules whose cards may be shown until the cause is known. */
	readonly passing?: readonly string[];
	/** Of the first card. */
	readonly title: RegExp;
	/** Does what the cards say; after it none is left. */
	readonly mend?: (scene: Scene, cards: readonly Card[]) => Promise<void>;
}

/** A failure of a stack that works until then. */
export interface RunningRow {
	readonly what: string;
	readonly act: (scene: Scene) => Promise<unknown>;
	readonly cards: readonly string[];
	readonly title: RegExp;
	/** After it the stack works, and no card is left. */
	readonly heal: (scene: Scene, cards: readonly Card[]) => Promise<unknown>;
}

/** A rule whose failure is not reproduced with an engine. */
export interface CoveredRow {
	readonly rule: string;
	readonly why: string;
	/** Where it is tested: a file of test/. */
	readonly by: string;
}
