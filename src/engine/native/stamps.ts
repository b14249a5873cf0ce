/**
 * Moments in nanoseconds since 1970, as text in RFC 3339 with nine digits of fraction. Our own are all of one length
 * and in UTC, so that they sort as text.
 */
export function formatStamp(nanoseconds: bigint): string {
	const milliseconds = Number(nanoseconds / 1_000_000n);
	const rest = String(nanoseconds % 1_000_000n).padStart(6, '0');
	return `${new Date(milliseconds).toISOString().slice(0, -1)}${rest}Z`;
}

const stampForm = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;

/** The nanoseconds of any RFC 3339 stamp; `undefined` for anything else. */
export function parseStamp(stamp: string): bigint | undefined {
	const match = stampForm.exec(stamp);
	if (!match) {
		return undefined;
	}

	const [, seconds, fraction = '', zone] = match;
	const milliseconds = Date.parse(`${seconds}${zone}`);
	return Number.isNaN(milliseconds)
		? undefined
		: BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** How far, in ns, the fine clock may drift from the system's before it is set anew. */
const tolerance = 2_000_000n;

/** A clock of nanoseconds that never stands still and never goes back, not even behind `last`. */
export function stampClock(last = 0n): () => bigint {
	let offset = 0n;
	let latest = last;
	return () => {
		const system = BigInt(Date.now()) * 1_000_000n;
		const fine = process.hrtime.bigint();
		const drift = fine + offset - system;
		// The system's clock shows whole milliseconds: a fine one that is right is up to one ahead.
		if (drift < 0n || drift > tolerance) {
			offset = system - fine;
		}

		const now = fine + offset;
		latest = now > latest ? now : latest + 1n;
		return latest;
	};
}
