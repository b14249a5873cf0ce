/** How a line's time is shown, in the order in which a key goes through them. */
export const timestampModes = ['local', 'utc', 'relative', 'since start', 'off'] as const;

export type TimestampMode = (typeof timestampModes)[number];

/** What times are shown against, in milliseconds since 1970. */
export interface TimestampFrame {
	readonly now: number;
	/** The start of the line's container; unknown for one that is gone. */
	readonly startedAt?: number | undefined;
}

/** Columns of a timestamp: the same for every line, so that texts begin below each other. */
export const timestampColumns: Readonly<Record<TimestampMode, number>> = {
	local: 12,
	utc: 12,
	relative: 8,
	'since start': 10,
	off: 0,
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const ages = [
	[second, 's'],
	[minute, 'm'],
	[hour, 'h'],
	[day, 'd'],
	[365 * day, 'y'],
] as const;

/**
 * A line's time (`LogLine.time`, microseconds since 1970), exactly `timestampColumns` wide: `19:27:24.123`, on another
 * day `Nov 23 19:27`; `12s ago`; `+1:07.204` since the container's start, with a minus for a line of an earlier run.
 * Empty for `off`; blank when the start is unknown.
 */
export function formatTimestamp(time: number, mode: TimestampMode, {now, startedAt}: TimestampFrame): string {
	const milliseconds = Math.floor(time / 1000);
	const columns = timestampColumns[mode];
	switch (mode) {
		case 'off': {
			return '';
		}

		case 'local':
		case 'utc': {
			return clock(milliseconds, now, mode === 'utc').padEnd(columns);
		}

		case 'relative': {
			return ago(Math.max(0, now - milliseconds)).padStart(columns);
		}

		case 'since start': {
			return (startedAt === undefined ? '' : elapsed(milliseconds - startedAt)).padStart(columns);
		}
	}
}

function clock(milliseconds: number, now: number, utc: boolean): string {
	// A date shifted by the zone's distance says in UTC what the clock on the wall says.
	const onWall = (at: number) => (utc ? at : at - new Date(at).getTimezoneOffset() * minute);
	const shifted = onWall(milliseconds);
	const wall = new Date(shifted).toISOString();
	return Math.floor(shifted / day) === Math.floor(onWall(now) / day)
		? wall.slice(11, 23)
		: `${months[Number(wall.slice(5, 7)) - 1]} ${wall.slice(8, 10)} ${wall.slice(11, 16)}`;
}

function ago(milliseconds: number): string {
	if (milliseconds < second) {
		return 'now';
	}

	const [unit = day, name = 'd'] = ages.findLast(([unit]) => milliseconds >= unit) ?? [];
	return `${Math.floor(milliseconds / unit)}${name} ago`;
}

function elapsed(milliseconds: number): string {
	const sign = milliseconds < 0 ? '-' : '+';
	const length = Math.abs(milliseconds);
	const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
	if (length < hour) {
		const rest = String(Math.floor(length % second)).padStart(3, '0');
		return `${sign}${Math.floor(length / minute)}:${two((length % minute) / second)}.${rest}`;
	}

	if (length < day) {
		return `${sign}${Math.floor(length / hour)}:${two((length % hour) / minute)}:${two((length % minute) / second)}`;
	}

	const days = `${sign}${Math.floor(length / day)}d`;
	return length < 100 * day ? `${days} ${two((length % day) / hour)}:${two((length % hour) / minute)}` : days;
}
