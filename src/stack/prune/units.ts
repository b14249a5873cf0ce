const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/**
 * Bytes on disk with three digits at most, in the decimal units of `docker images` and `docker system df`: `47 MB`,
 * `1.23 GB`. (Memory is another matter: docker counts it in binary units.)
 */
export function formatDiskSize(bytes: number): string {
	let value = bytes;
	let unit = 0;
	// 999.5 would be written as 1000.
	while (value >= 999.5 && unit < byteUnits.length - 1) {
		value /= 1000;
		unit++;
	}

	const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
	return `${Number(value.toFixed(digits))} ${byteUnits[unit]}`;
}

const ages: ReadonlyArray<readonly [milliseconds: number, unit: string]> = [
	[365 * 86_400_000, 'year'],
	[30 * 86_400_000, 'month'],
	[7 * 86_400_000, 'week'],
	[86_400_000, 'day'],
	[3_600_000, 'hour'],
	[60_000, 'minute'],
];

/** A span in its largest unit, rounded down: `3 weeks`. Less than a minute, or a clock that lags, is `seconds`. */
export function formatAge(milliseconds: number): string {
	for (const [size, unit] of ages) {
		const count = Math.floor(milliseconds / size);
		if (count >= 1) {
			return `${count} ${unit}${count === 1 ? '' : 's'}`;
		}
	}

	return 'seconds';
}
