/** Texts of some frames: twice the rows of the highest screens. */
const generation = 400;

/**
 * A function of a text that is asked for the same rows frame after frame, and remembers what it gave: at least the last
 * `generation` answers, twice as many at most.
 */
export function remembered<Result>(make: (text: string) => Result): (text: string) => Result {
	let recent = new Map<string, Result>();
	let older = new Map<string, Result>();
	return (text) => {
		const known = recent.get(text);
		if (known !== undefined) {
			return known;
		}

		const result = older.get(text) ?? make(text);
		if (recent.size >= generation) {
			older = recent;
			recent = new Map();
		}

		recent.set(text, result);
		return result;
	};
}
