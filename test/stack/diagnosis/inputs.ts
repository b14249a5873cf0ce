import {cards} from '../../../src/stack/diagnosis/cards.ts';
import {update} from '../../../src/stack/diagnosis/diagnosis.ts';
import {initialDiagnosis, type Diagnosis} from '../../../src/stack/diagnosis/state.ts';
import type {StackInput} from '../../../src/stack/startup/input.ts';
import {appears, changes, recorded, services} from '../startup/inputs.ts';

export const known = update(initialDiagnosis, {type: 'services', services});

export const after = (diagnosis: Diagnosis, ...inputs: readonly StackInput[]): Diagnosis =>
	inputs.reduce((state, input) => update(state, input), diagnosis);

export const rulesShown = (diagnosis: Diagnosis): readonly string[] => cards(diagnosis).map(({rule}) => rule);

export const titles = (diagnosis: Diagnosis): readonly string[] => cards(diagnosis).map(({title}) => title);

/** Time passes. */
export const waits = (at: number): StackInput => ({type: 'time', at});

/** Containers that start when their recorded logs begin, what they then wrote, and how they ended. */
export function replay(name: string, exits: Readonly<Record<string, number>> = {}): readonly StackInput[] {
	const lines = recorded(name);
	const start = (lines[0]?.at ?? 0) - 1000;
	// Some logs are MLflow's alone: PostgreSQL ran beside it, and had nothing to say.
	const quiet = lines.some(({service}) => service === 'postgres')
		? []
		: [appears(start, 'postgres', {startedAt: start, health: 'healthy'})];
	const inputs: StackInput[] = [...quiet];
	const begun = new Set<string>();
	for (const line of lines) {
		if (!begun.has(line.service)) {
			begun.add(line.service);
			inputs.push(appears(line.at - 50, line.service, {startedAt: line.at - 50}));
		}

		inputs.push({type: 'line', line});
		const isLast = lines.findLast(({service}) => service === line.service) === line;
		const exitCode = exits[line.service];
		if (isLast && exitCode !== undefined) {
			inputs.push(changes(line.at + 10, line.service, {status: 'exited', exitCode}));
		}
	}

	return inputs;
}

export const lastTime = (name: string): number => recorded(name).at(-1)?.at ?? 0;
