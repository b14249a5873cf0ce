/** A frame of Docker's multiplexed stream; `length` may lie. */
export function frame(payload: Uint8Array, type = 1, length = payload.length): Uint8Array {
	const header = Buffer.alloc(8);
	header[0] = type;
	header.writeUInt32BE(length, 4);
	return Buffer.concat([header, payload]);
}

/** The bytes in pieces: the lengths are taken in turn, over and over; no piece is empty. */
export function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
	const pieces: Uint8Array[] = [];
	for (let at = 0, turn = 0; at < bytes.length; turn++) {
		const length = Math.max(1, lengths[turn % lengths.length] ?? 1);
		pieces.push(bytes.subarray(at, at + length));
		at += length;
	}

	return pieces;
}
