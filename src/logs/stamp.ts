/** RFC 3339 with or without a fraction and with any zone, as other engines than Docker's write it. */
const anyStamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)(?= |$)/;

/** Characters of Docker's own stamp: always UTC, always nine digits (moby, `jsonlog.RFC3339NanoFixed`). */
export const stampLength = 30;

const space = 0x20;
const letterZ = 0x5a;

/**
 * Reads the engine's time stamps. It remembers the last second, so that a flood of lines costs nine digits each and
 * no date.
 */
export class StampReader {
	/** Microseconds since 1970 of the last stamp read; the nanoseconds are its fraction, as far as a double holds them. */
	time = 0;
	/** The last second that was read, and the point after it, in ASCII. */
	#second: Uint8Array = new Uint8Array();
	#secondTime = 0;

	/** The length of the stamp that `text` begins with, which a space or the end follows; 0 when there is none. */
	read(text: string): number {
		const match = anyStamp.exec(text);
		const [stamp = '', second = '', fraction = '', zone = ''] = match ?? [];
		const time = Date.parse(second + zone);
		if (Number.isNaN(time)) {
			return 0;
		}

		this.time = time * 1000 + Number(fraction.padEnd(9, '0')) / 1000;
		if (zone === 'Z') {
			this.#second = new TextEncoder().encode(`${second}.`);
			this.#secondTime = time * 1000;
		}

		return stamp.length;
	}

	/**
	 * Reads Docker's own stamp, and a space after it, where it stands among bytes, if it is of the second that was read
	 * last: that costs a third.
	 */
	readNext(bytes: Uint8Array, at: number): boolean {
		const second = this.#second;
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
}
