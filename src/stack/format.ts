/** How numbers are written for people, alike on the screen and in the commands' output. */

/** A duration in milliseconds in its two largest units: `42 s`, `3m 12s`, `2h 5m`, `4d 2h`. A negative one is `0 s`. */
export function formatDuration(milliseconds: number): string {
	const seconds = Math.max(0, Math.floor(milliseconds / 1000));
	if (seconds < 60) {
		return `${seconds} s`;
	}

	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) {
		return `${minutes}m ${seconds % 60}s`;
	}

	const hours = Math.floor(minutes / 60);
	return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes in binary units, as `docker stats` counts, with three digits: `512 B`, `63.4 MiB`, `1.21 GiB`. */
export function formatBytes(bytes: number): string {
	let value = Math.max(0, bytes);
	let unit = 0;
	// 999.5 would be rounded to a fourth digit.
	while (value >= 999.5 && unit < byteUnits.length - 1) {
		value /= 1024;
		unit++;
	}

	return `${unit === 0 ? Math.round(value) : threeDigits(value)} ${byteUnits[unit]}`;
}

function threeDigits(value: number): string {
	return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}

/** A percentage with one decimal below 100 and none above: `0.3 %`, `95.0 %`, `200 %`. */
export function formatPercent(percent: number): string {
	return `${percent.toFixed(percent >= 99.95 ? 0 : 1)} %`;
}

/** A whole number in groups of three digits: `1 240`. Without ICU, whose first use takes 20 ms of a start. */
export function formatNumber(value: number): string {
	return String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/g, ' ');
}

/** `1 container`, `2 containers`: a count with its noun, whose plural takes an s unless it is given. */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
	return `${count} ${count === 1 ? noun : plural}`;
}
