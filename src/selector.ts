/**
 * What is read off a state, made anew only when one of its inputs has changed: whoever draws it sees by its identity that
 * there is nothing new.
 */
export function selector<State, const Inputs extends readonly unknown[], Result>(
	inputsOf: (state: State) => Inputs,
	make: (...inputs: Inputs) => Result,
): (state: State) => Result {
	let last: {readonly inputs: Inputs; readonly result: Result} | undefined;
	return (state) => {
		const inputs = inputsOf(state);
		if (!last || !areSame(inputs, last.inputs)) {
			last = {inputs, result: make(...inputs)};
		}

		return last.result;
	};
}

/** Whether each of some values is the very one of another time. */
export function areSame(values: readonly unknown[], before: readonly unknown[]): boolean {
	return values.length === before.length && values.every((value, place) => value === before[place]);
}
