import {Failure} from '../../failure.ts';

const units: Readonly<Record<string, number>> = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};

/**
 * A time as people write it, as an RFC 3339 stamp: `10m` or `2h30m` ago, seconds since 1970, or a date with or without a
 * time; without a zone it is local. `now` is in milliseconds since 1970. Throws a Failure with reason `wrongCall`.
 */
export function readTime(option: string, text: string, now: number): string {
	if (/^(?:\d+[smhd])+$/.test(text)) {
		const parts = [...text.matchAll(/(\d+)([smhd])/g)];
		const ago = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? 0), 0);
		return stamp(option, text, now - ago);
	}

	if (/^\d+(?:\.\d+)?$/.test(text)) {
		return stamp(option, text, Number(text) * 1000);
	}

	// With a zone and nanoseconds it is what the engine takes, exactly as it is.
	if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text)) {
		stamp(option, text, Date.parse(text));
		return text;
	}

	// JavaScript takes a date alone for UTC, but a date with a time for local.
	const isDate = /^\d{4}-\d\d-\d\d$/.test(text);
	const isTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?$/.test(text);
	return stamp(
		option,
		text,
		isDate ? Date.parse(`${text}T00:00`) : isTime ? Date.parse(text.replace(' ', 'T')) : Number.NaN,
	);
}

/** The largest time that a Date holds (ECMA-262, "Time Values and Time Range"). */
const largest = 8.64e15;

function stamp(option: string, text: string, milliseconds: number): string {
	if (!(Math.abs(milliseconds) <= largest)) {
		throw new Failure(`\`${option}\` needs a time, not \`${text}\``, {
			code: 'bad-time',
			reason: 'wrongCall',
			why: 'a time is a duration ago (10m, 2h30m), a date, or a date and a time (2026-11-24T08:00:00Z)',
			next: ['mlstack help logs'],
		});
	}

	return new Date(milliseconds).toISOString();
}
