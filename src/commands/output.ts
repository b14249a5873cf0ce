import type {Output} from './context.ts';

/** What is used of standard output and standard error; what only a terminal has is missing elsewhere. */
export interface OutputStream {
	readonly isTTY?: boolean | undefined;
	readonly columns?: number | undefined;
	readonly getColorDepth?: () => number;
	readonly write: (text: string, done: () => void) => boolean;
}

/** Standard output or standard error, as commands write to them. */
export function streamOutput(
	stream: OutputStream,
	environment: Readonly<Record<string, string | undefined>>,
): Output {
	return {
		isTTY: stream.isTTY === true,
		get columns() {
			return stream.columns;
		},
		get colors() {
			return wantsColors(stream, environment);
		},
		async write(text) {
			// An error is told to the stream's listener; whoever wrote need not know that nobody reads.
			return new Promise((resolve) => {
				stream.write(text, () => resolve());
			});
		},
	};
}

/** NO_COLOR (no-color.org) wins; FORCE_COLOR is for pipes into a pager; else a terminal that can show colours. */
function wantsColors(
	stream: OutputStream,
	environment: Readonly<Record<string, string | undefined>>,
): boolean {
	if (environment['NO_COLOR']) {
		return false;
	}

	const forced = environment['FORCE_COLOR'];
	if (forced !== undefined) {
		return forced !== '0' && forced !== 'false';
	}

	return stream.isTTY === true && (stream.getColorDepth?.() ?? 1) > 1;
}
