import {Failure} from '../../failure.ts';
import {removeIn, setIn} from '../../stack/lint/edit.ts';
import {keysAt, nodeAt, parseSource, textAt, type Path, type Source} from '../../stack/lint/source.ts';
import {isRecord, stringIn} from '../json.ts';

/** What has to change in a compose file for another major version of PostgreSQL. */
export interface UpgradeEdit {
	/** The file's new text. */
	readonly text: string;
	/** The image is named by a variable: it is set instead. */
	readonly variable?: {readonly name: string; readonly image: string};
	/** The volume that is used no longer, by its name in the file. */
	readonly oldVolume?: string;
}

/** From this version on the image keeps each major version in a folder of its own, below the mount. */
const folderPerMajor = 18;

/** Where the image's data are, by docker-library's README: https://hub.docker.com/_/postgres */
const mounts = {old: '/var/lib/postgresql/data', new: '/var/lib/postgresql'};

/**
 * Edits a compose file so that a service runs a newer major version, on a new volume where the old one's files would be
 * in its way. Throws a Failure for a file that is made in a way which has to be edited by hand.
 */
export function editForMajor(text: string, service: string, from: number, to: number): UpgradeEdit {
	const source = parseSource(text);
	const imagePath = ['services', service, 'image'];
	const image = textAt(source, imagePath) ?? '';
	const [, name, fallback] = /^\$\{(\w+):?-([^}]+)\}$/.exec(image) ?? [];
	const newer = imageOfMajor(fallback ?? image, from, to);
	const withImage = name === undefined ? setIn(text, imagePath, newer) : text;
	const variable = name === undefined ? {} : {variable: {name, image: newer}};
	return from >= folderPerMajor
		? {text: withImage, ...variable}
		: {...withNewVolume(parseSource(withImage), service, to), ...variable};
}

/** `postgres:17.4-trixie` → `postgres:18-trixie`, `pgvector/pgvector:pg17` → `pgvector/pgvector:pg18` */
export function imageOfMajor(image: string, from: number, to: number): string {
	const [, name = '', before = '', major, after = ''] =
		/^([^@]*[^@/]):((?:[\w.-]*pg)?)(\d+)((?:\.\d+)*(?:-[\w.-]+)?)$/.exec(image) ?? [];
	if (Number(major) !== from) {
		throw byHand(`its image is \`${image}\`, which does not name version ${from}`);
	}

	return `${name}:${before}${to}${after.replace(/^(?:\.\d+)+/, '')}`;
}

function withNewVolume(source: Source, service: string, to: number): Pick<UpgradeEdit, 'text' | 'oldVolume'> {
	const {path, target, key} = dataMount(source, service);
	if (textAt(source, ['services', service, 'environment', 'PGDATA']) !== undefined) {
		throw byHand('PGDATA is set to a place of its own');
	}

	const fresh = freshKey(source, key, to);
	const mount = target.replace(mounts.old, to >= folderPerMajor ? mounts.new : mounts.old);
	const mounted =
		path.length === 4
			? setIn(source.text, path, `${fresh}:${mount}`)
			: setIn(
					setIn(source.text, [...path.slice(0, 4), 'source'], fresh),
					[...path.slice(0, 4), 'target'],
					mount,
				);
	const definition: unknown = nodeAt(source, ['volumes', key])?.toJSON() ?? {};
	if (isRecord(definition) && ('external' in definition || 'name' in definition)) {
		throw byHand(`the volume ${key} has a name of its own, or is external`);
	}

	const declared = setIn(mounted, ['volumes', fresh], definition ?? {});
	// Compose would count it to the stack, and `down --volumes` would remove it.
	return {text: usesVolume(declared, key) ? declared : removeIn(declared, ['volumes', key]), oldVolume: key};
}

/** The mount of the data, in the short form (`pgdata:/var/lib/postgresql/data`) or the long one. */
function dataMount(
	source: Source,
	service: string,
): {readonly path: Path; readonly key: string; readonly target: string} {
	const base: Path = ['services', service, 'volumes'];
	const list: unknown = nodeAt(source, base)?.toJSON();
	for (const [index, item] of (Array.isArray(list) ? list : []).entries()) {
		if (typeof item === 'string') {
			const [key = '', ...target] = item.split(':');
			if (target[0] === mounts.old && /^[\w-][\w.-]*$/.test(key)) {
				return {path: [...base, index], key, target: target.join(':')};
			}
		} else if (stringIn(item, 'target') === mounts.old && stringIn(item, 'type') === 'volume') {
			return {path: [...base, index, 'source'], key: stringIn(item, 'source') ?? '', target: mounts.old};
		}
	}

	throw byHand(`no named volume of it is mounted at ${mounts.old}`);
}

/** `pgdata` → `pgdata18`, `pgdata17` → `pgdata18` */
function freshKey(source: Source, key: string, to: number): string {
	const base = `${key.replace(/[-_]?\d+$/, '')}${to}`;
	const taken = new Set(keysAt(source, ['volumes']));
	let fresh = base;
	for (let count = 2; taken.has(fresh); count++) {
		fresh = `${base}_${count}`;
	}

	return fresh;
}

function usesVolume(text: string, key: string): boolean {
	const source = parseSource(text);
	return keysAt(source, ['services']).some((service) => {
		const list: unknown = nodeAt(source, ['services', service, 'volumes'])?.toJSON();
		return (Array.isArray(list) ? list : []).some(
			(item: unknown) =>
				stringIn(item, 'source') === key || (typeof item === 'string' && item.startsWith(`${key}:`)),
		);
	});
}

/** Sets a variable in the text of a .env file. */
export function withVariable(text: string, name: string, value: string): string {
	const line = `${name}=${value}`;
	const present = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=.*$`, 'm');
	if (present.test(text)) {
		return text.replace(present, line);
	}

	return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
}

function byHand(why: string): Failure {
	return new Failure('the compose file has to be changed by hand for this upgrade', {
		code: 'upgrade-by-hand',
		why,
		next: [
			'mlstack backup',
			'change the image, and give the database a new volume',
			'mlstack restore FILE   (the file of that backup)',
		],
	});
}
