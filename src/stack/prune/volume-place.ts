/** Where a volume's contents are, when they are in no folder of the engine's own. */
export interface VolumePlace {
	/** Completes "it is kept": `in the folder /srv/models`, `on NFS at 10.0.0.1:/export`. */
	readonly text: string;
	/** A look cannot hang, as it can with another machine's share, and changes nothing. */
	readonly isSafeToMount: boolean;
	/** Removing the volume leaves its contents where they are. */
	readonly stays: boolean;
}

/**
 * What a volume's driver and its options say of that; undefined for a plain one. The local driver's options are those of
 * mount(8): https://docs.docker.com/reference/cli/docker/volume/create/#driver-specific-options. `o` may hold a password, of
 * which nothing is told.
 */
export function volumePlace(
	driver: string,
	{type = '', device = '', o = ''}: Readonly<Record<string, string>>,
): VolumePlace | undefined {
	if (driver !== 'local') {
		return {text: `by the volume driver ${driver}`, isSafeToMount: false, stays: false};
	}

	if (device === '') {
		return undefined;
	}

	const options = o.split(',');
	if (type === 'tmpfs') {
		return {text: 'in memory', isSafeToMount: true, stays: false};
	}

	if (options.includes('bind') || options.includes('rbind')) {
		return {text: `in the folder ${device}`, isSafeToMount: true, stays: true};
	}

	if (type.startsWith('nfs')) {
		const host = options.find((option) => option.startsWith('addr='))?.slice('addr='.length) ?? '';
		const place = device.startsWith(':') ? host + device : device;
		return {text: `on NFS at ${place}`, isSafeToMount: false, stays: true};
	}

	return {text: `on ${device}`, isSafeToMount: false, stays: true};
}

/** What such a volume holds and where: `3 files, kept in the folder /srv/models, which stays`. */
export function placedText(contents: string, place: VolumePlace): string {
	return `${contents}, kept ${place.text}${staying(place)}`;
}

/** The same of one that was not looked into, or that could not be. */
export function unseenText(place: VolumePlace, why?: string): string {
	const reason = why === undefined ? '' : ` (${why})`;
	return `not looked into: it is kept ${place.text}${staying(place)}${reason}`;
}

function staying({stays}: VolumePlace): string {
	return stays ? ', which stays' : '';
}
