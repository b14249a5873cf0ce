/**
 * What crosses an engine's border arrives as `unknown`; these look inside it without believing anything.
 * A field that is missing or of another type reads as undefined.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The string in `value[key]`. Works on errors too, for their `code`. */
export function stringIn(value: unknown, key: string): string | undefined {
	const field = isRecord(value) ? value[key] : undefined;
	return typeof field === 'string' ? field : undefined;
}

export function numberIn(value: unknown, key: string): number | undefined {
	const field = isRecord(value) ? value[key] : undefined;
	return typeof field === 'number' && Number.isFinite(field) ? field : undefined;
}

/** The object in `value[key]`; an empty one when there is none, so that a path can be walked. */
export function recordIn(value: unknown, key: string): JsonObject {
	const field = isRecord(value) ? value[key] : undefined;
	return isRecord(field) ? field : {};
}

/** The array in `value[key]`; an empty one when there is none. */
export function arrayIn(value: unknown, key: string): readonly unknown[] {
	const field = isRecord(value) ? value[key] : undefined;
	return Array.isArray(field) ? field : [];
}

/** The strings of an object of strings, such as labels. */
export function stringsOf(value: unknown): Readonly<Record<string, string>> {
	const strings: Record<string, string> = {};
	for (const [key, field] of Object.entries(isRecord(value) ? value : {})) {
		if (typeof field === 'string') {
			strings[key] = field;
		}
	}

	return strings;
}
