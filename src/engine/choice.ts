import type {EngineChoice, EngineKind} from '../stack/model.ts';

/** What an engine is chosen by. */
export interface ChoiceFacts {
	/** By --engine, MLSTACK_ENGINE or a key. */
	readonly asked?: EngineKind;
	/** A compose file was named, which only Docker can run. */
	readonly namesFile: boolean;
	/** --host, --context, DOCKER_HOST or DOCKER_CONTEXT named an engine. */
	readonly namesEngine: boolean;
	/** The engine of the project's last `up`. */
	readonly last?: EngineKind;
	/** Something listens where Docker would. */
	readonly answers: boolean;
	/** The folder, or one above it, has a compose file with PostgreSQL or MLflow. */
	readonly findsFile: boolean;
	/** This system can run the stack without Docker. */
	readonly hasNative: boolean;
}

/** A row: when it applies, and what it chooses, with the end of the sentence that says why. */
interface Rule {
	readonly applies: (facts: ChoiceFacts) => boolean;
	readonly kind: EngineKind;
	readonly why: string;
	readonly isFallback?: true;
}

/** The first that applies is taken. The data come first: a project goes on where its runs are. */
export const choiceRules: readonly Rule[] = [
	{applies: ({asked}) => asked === 'docker', kind: 'docker', why: 'it was asked for'},
	{applies: ({asked}) => asked === 'native', kind: 'native', why: 'it was asked for'},
	{applies: ({namesFile}) => namesFile, kind: 'docker', why: 'a compose file was named'},
	{applies: ({namesEngine}) => namesEngine, kind: 'docker', why: 'an engine was named'},
	{applies: ({last}) => last === 'native', kind: 'native', why: 'the project last ran on it'},
	{applies: ({answers}) => answers, kind: 'docker', why: 'it answers'},
	{applies: ({last}) => last === 'docker', kind: 'docker', why: 'the project last ran on it'},
	{applies: ({findsFile}) => findsFile, kind: 'docker', why: 'the compose file of this folder needs it'},
	{applies: ({hasNative}) => !hasNative, kind: 'docker', why: 'this system has no other'},
	{applies: () => true, kind: 'native', why: 'no Docker answered', isFallback: true},
];

/** Which engine runs a stack. Pure. */
export function chooseEngine(facts: ChoiceFacts): EngineChoice {
	const rule = choiceRules.find(({applies}) => applies(facts));
	if (!rule) {
		throw new Error('the last row of the table applies always');
	}

	const {kind, why, isFallback} = rule;
	const hasOther = facts.hasNative && !facts.namesFile;
	return {
		kind,
		why,
		...(isFallback && {isFallback}),
		...(hasOther && {other: kind === 'docker' ? 'native' : 'docker'}),
	};
}

/** What the user is told of a choice that nobody made. */
export function fallbackLine({kind, why}: EngineChoice): string {
	return `${why}: the stack runs as plain processes of yours (--engine ${kind})`;
}
