import {ByteParts} from './byte-parts.ts';
import {stampLength} from './stamp.ts';

/** A record of a TTY container's log, or a part of one. */
export interface TtyRecord {
	/** With the newline, if this is where it ends. */
	readonly bytes: Uint8Array;
	/** It begins with the engine's stamp; otherwise it goes on where the one before it stopped. */
	readonly stamped: boolean;
}

/** Bytes of an unfinished line that are held before they are handed on as they are. */
const longestHeld = 32 * 1024;

const newline = 0x0a;

/** Docker's stamp, and the space after it. */
const innerStamp = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /g;

/**
 * Finds the records in the log of a container with a TTY, which the engine sends with nothing between them: a line over
 * 16 KiB has stamps in its middle, and so has the line after a restart when the container's last one had no newline.
 * A stamp within a line is the engine's when it is not older than the record it stands in; a program's own stamps are,
 * as it writes them before the engine reads them.
 */
export class TtyRecords {
	readonly #parts = new ByteParts();
	/** The stamp of the record that is under way; empty at a line's start. */
	#stamp = '';

	/** The records, or parts of them, that are there with these bytes. The bytes may be cut anywhere, and are not kept. */
	push(bytes: Uint8Array): TtyRecord[] {
		const records: TtyRecord[] = [];
		const end = bytes.lastIndexOf(newline) + 1;
		if (end > 0) {
			const lines = this.#parts.take(bytes.subarray(0, end));
			for (let at = 0; at < lines.length;) {
				const next = lines.indexOf(newline, at) + 1;
				this.#split(lines.subarray(at, next), 0, records);
				this.#stamp = '';
				at = next;
			}
		}

		if (end < bytes.length) {
			this.#parts.keep(new Uint8Array(bytes.subarray(end)));
		}

		if (this.#parts.held > longestHeld) {
			const part = this.#parts.take(new Uint8Array(0));
			// A stamp may begin in the last bytes and end in those to come.
			this.#parts.keep(new Uint8Array(part.subarray(this.#split(part, stampLength, records))));
		}

		return records;
	}

	/** The log has ended: what is left of a line without a newline. */
	flush(): TtyRecord[] {
		const records: TtyRecord[] = [];
		if (this.#parts.held > 0) {
			this.#split(this.#parts.take(new Uint8Array(0)), 0, records);
		}

		this.#stamp = '';
		return records;
	}

	/** Cuts at each stamp, and leaves out the last `spare` bytes. Gives the number of bytes cut. */
	#split(bytes: Uint8Array, spare: number, records: TtyRecord[]): number {
		// One character a byte, so that places in the text are places in the bytes.
		const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
		let from = 0;
		let stamped = false;
		if (this.#stamp === '') {
			stamped = true;
			this.#stamp = text.slice(0, stampLength);
		}

		innerStamp.lastIndex = stamped ? 1 : 0;
		for (let match = innerStamp.exec(text); match; match = innerStamp.exec(text)) {
			const stamp = match[0].slice(0, stampLength);
			if (stamp < this.#stamp) {
				continue;
			}

			if (match.index > from) {
				records.push({bytes: bytes.subarray(from, match.index), stamped});
			}

			from = match.index;
			stamped = true;
			this.#stamp = stamp;
		}

		const end = Math.max(stamped ? from + stampLength + 1 : from, bytes.length - spare);
		if (end > from) {
			records.push({bytes: bytes.subarray(from, end), stamped});
		}

		return end;
	}
}
