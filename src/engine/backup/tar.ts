/**
 * The headers of a tar archive, as far as mlstack writes and reads them: regular files with short names.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar), and GNU tar's base-256 sizes:
 * https://www.gnu.org/software/tar/manual/html_node/Extensions.html
 */
export const blockSize = 512;

const fields = {
	name: [0, 100],
	mode: [100, 8],
	uid: [108, 8],
	gid: [116, 8],
	size: [124, 12],
	mtime: [136, 12],
	checksum: [148, 8],
	type: [156, 1],
	magic: [257, 8],
} as const satisfies Record<string, readonly [offset: number, length: number]>;

/** Sizes up to 8 GiB fit the octal field. */
const largestOctal = 0o77_777_777_777;

export interface TarEntry {
	readonly name: string;
	/** Bytes. */
	readonly size: number;
	/** Milliseconds since 1970. */
	readonly modifiedAt: number;
}

/** The header of a regular file that only its owner may read. */
export function tarHeader({name, size, modifiedAt}: TarEntry): Buffer {
	const header = Buffer.alloc(blockSize);
	if (Buffer.byteLength(name) > fields.name[1]) {
		throw new RangeError(`the name ${name} is too long for a tar header`);
	}

	header.write(name, fields.name[0]);
	writeOctal(header, fields.mode, 0o600);
	writeOctal(header, fields.uid, 0);
	writeOctal(header, fields.gid, 0);
	writeSize(header, size);
	writeOctal(header, fields.mtime, Math.floor(modifiedAt / 1000));
	header.write('0', fields.type[0]);
	header.write('ustar\u000000', fields.magic[0]);
	writeOctal(header, fields.checksum, checksumOf(header), 6);
	header[fields.checksum[0] + 7] = 0x20;
	return header;
}

/** What a header says; `end` for the zeros that end an archive, `undefined` for what is no header. */
export function readTarHeader(header: Buffer): TarEntry | 'end' | undefined {
	if (header.length === blockSize && header.every((byte) => byte === 0)) {
		return 'end';
	}

	const size = readSize(header);
	if (
		header.length !== blockSize ||
		readOctal(header, fields.checksum) !== checksumOf(header) ||
		size === undefined
	) {
		return undefined;
	}

	return {
		name: readText(header, fields.name),
		size,
		modifiedAt: (readOctal(header, fields.mtime) ?? 0) * 1000,
	};
}

/** The type of an entry: `0` a regular file, `5` a folder, ... */
export function tarType(header: Buffer): string {
	const type = readText(header, fields.type);
	return type === '' ? '0' : type;
}

/** Bytes that fill an entry up to whole blocks. */
export function paddingOf(size: number): number {
	return (blockSize - (size % blockSize)) % blockSize;
}

type Field = readonly [offset: number, length: number];

function writeOctal(header: Buffer, [offset, length]: Field, value: number, digits = length - 1): void {
	header.write(value.toString(8).padStart(digits, '0'), offset);
}

function readOctal(header: Buffer, field: Field): number | undefined {
	const text = readText(header, field).trim();
	return /^[0-7]*$/.test(text) ? Number.parseInt(text || '0', 8) : undefined;
}

function readText(header: Buffer, [offset, length]: Field): string {
	const text = header.toString('utf8', offset, offset + length);
	const end = text.indexOf('\u0000');
	return end === -1 ? text : text.slice(0, end);
}

function writeSize(header: Buffer, size: number): void {
	const [offset, length] = fields.size;
	if (size <= largestOctal) {
		writeOctal(header, fields.size, size);
		return;
	}

	header[offset] = 0x80;
	header.writeUIntBE(size, offset + length - 6, 6);
}

function readSize(header: Buffer): number | undefined {
	const [offset, length] = fields.size;
	if (header[offset] !== 0x80) {
		return readOctal(header, fields.size);
	}

	// 48 bits are 256 TiB; the bytes before them are zero.
	return header.subarray(offset + 1, offset + length - 6).every((byte) => byte === 0)
		? header.readUIntBE(offset + length - 6, 6)
		: undefined;
}

/** The sum of all bytes, with the checksum's own field counted as spaces. */
function checksumOf(header: Buffer): number {
	const [start, length] = fields.checksum;
	let sum = 0x20 * length;
	for (const [index, byte] of header.entries()) {
		sum += index >= start && index < start + length ? 0 : byte;
	}

	return sum;
}
