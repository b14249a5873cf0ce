/** RFC 3339 with or without a fraction and with any zone, as other engines than Docker's write it. */
const anyStamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)(?= |$)/;

/** Characters of Docker's own stamp: always UTC, always nine digits (moby, `jsonlog.RFC3339NanoFixed`). */
export const stampLength = 30;

const secondLength = 19;
const space = 0x20;
const letterZ = 0x5a;
const secondPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;

/**
 * Reads the engine's time stamps. It remembers the last second, so that a flood of lines costs nine digits each and
 * no date.
 */
export class StampReader {
	/** Microseconds since 1970 of the last stamp read; the nanoseconds are its fraction, as far as a double holds them. */
	time = 0;
	#second = '';
	/** The same and the point after it, in ASCII. */
	#secondBytes: Uint8Array = new Uint8Array();
	#secondTime = 0;

	/** The length of the stamp that `text` begins with, which a space or the end follows; 0 when there is none. */
	read(text: string): number {
		if (
			text.charAt(stampLength - 1) !== 'Z' ||
			(text.length > stampLength && text.charAt(stampLength) !== ' ')
		) {
			return this.#readAny(text);
		}

		const nanoseconds = digits(text, secondLength + 1, stampLength - 1);
		if (nanoseconds === undefined || text.charAt(secondLength) !== '.') {
			return this.#readAny(text);
		}

		if (this.#second === '' || !text.startsWith(this.#second)) {
			const second = text.slice(0, secondLength);
			const time = secondPattern.test(second) ? Date.parse(`${second}Z`) : Number.NaN;
			if (Number.isNaN(time)) {
				return 0;
			}

			this.#second = second;
			this.#secondBytes = new TextEncoder().encode(`${second}.`);
			this.#secondTime = time * 1000;
		}

		this.time = this.#secondTime + nanoseconds / 1000;
		return stampLength;
	}

	/**
	 * Reads Docker's own stamp, and a space after it, where it stands among bytes, if it is of the second that was read
	 * last: that costs a third.
	 */
	readNext(bytes: Uint8Array, at: number): boolean {
		const second = this.#secondBytes;
		const end = at + stampLength;
		if (second.length === 0 || bytes[end - 1] !== letterZ || bytes[end] !== space) {
			return false;
		}

		for (let place = 0; place < second.length; place++) {
			if (bytes[at + place] !== second[place]) {
				return false;
			}
		}

		let nanoseconds = 0;
		for (let place = at + second.length; place < end - 1; place++) {
			const digit = (bytes[place] ?? 0) - 48;
			if (!(digit >= 0 && digit <= 9)) {
				return false;
			}

			nanoseconds = nanoseconds * 10 + digit;
		}

		this.time = this.#secondTime + nanoseconds / 1000;
		return true;
	}

	#readAny(text: string): number {
		const match = anyStamp.exec(text);
		const [stamp = '', second = '', fraction = '', zone = ''] = match ?? [];
		const time = Date.parse(second + zone);
		if (Number.isNaN(time)) {
			return 0;
		}

		this.time = time * 1000 + Number(fraction.padEnd(9, '0')) / 1000;
		return stamp.length;
	}
}

/** Microseconds since 1970 of an engine's stamp; undefined when it is none. */
export function stampTime(stamp: string): number | undefined {
	const reader = new StampReader();
	return reader.read(stamp) > 0 ? reader.time : undefined;
}

/** The number that the digits from `start` to `end` make; undefined when another character is among them. */
function digits(text: string, start: number, end: number): number | undefined {
	let value = 0;
	for (let at = start; at < end; at++) {
		const digit = text.charCodeAt(at) - 48;
		if (!(digit >= 0 && digit <= 9)) {
			return undefined;
		}

		value = value * 10 + digit;
	}

	return value;
}
