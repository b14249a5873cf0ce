import type {Key} from 'ink';

/** Ink's flags and the names of the key table, the first that is set counts. */
const flags = [
	['upArrow', 'up'],
	['downArrow', 'down'],
	['leftArrow', 'left'],
	['rightArrow', 'right'],
	['pageUp', 'pageup'],
	['pageDown', 'pagedown'],
	['home', 'home'],
	['end', 'end'],
	['return', 'enter'],
	['escape', 'escape'],
	['backspace', 'backspace'],
	['delete', 'delete'],
] as const satisfies ReadonlyArray<readonly [keyof Key, string]>;

/**
 * The names of the keys in one call of Ink's useInput. Plain characters that arrive together come as one string: each
 * is a key of its own.
 */
export function keyNames(input: string, key: Key): readonly string[] {
	if (key.tab) {
		return [key.shift ? 'shift+tab' : 'tab'];
	}

	const flag = flags.find(([name]) => key[name]);
	if (flag) {
		return [flag[1]];
	}

	if (key.ctrl) {
		return input === '' ? [] : [`ctrl+${input}`];
	}

	if (key.meta) {
		return [];
	}

	return Array.from(input, nameOf);
}

/** Keys that arrive together are read one by one, also those with ctrl, which a terminal sends as C0 characters. */
function nameOf(character: string): string {
	if (character === ' ') {
		return 'space';
	}

	if (character === '\r' || character === '\n') {
		return 'enter';
	}

	if (character === '\t') {
		return 'tab';
	}

	return character >= '\u0001' && character <= '\u001A'
		? `ctrl+${String.fromCodePoint((character.codePointAt(0) ?? 0) + 0x60)}`
		: character;
}
