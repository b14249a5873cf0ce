export interface ClipboardOptions {
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Writes to the terminal. */
	readonly write: (text: string) => void;
	/** Runs a program with an input; rejects when it fails. */
	readonly run: (file: string, arguments_: readonly string[], input: string) => Promise<unknown>;
}

/**
 * Bytes of text that are sent to the terminal at most. A sequence of 100,000 bytes is what every terminal takes that
 * takes any (hterm's and vim-oscyank's limit); base64 makes four bytes of three.
 */
export const mostCopied = 74_994;

/** Asks the terminal to put a text into the clipboard (OSC 52 of xterm's control sequences); works over ssh too. */
export function clipboardSequence(text: string): string {
	return `\u001B]52;c;${Buffer.from(text).toString('base64')}\u0007`;
}

/**
 * Puts a text into the clipboard of the terminal. tmux ignores the sequence from programs inside it unless
 * `set-clipboard` is `on`, which it is not by default; so it is asked to do it itself (`load-buffer -w`, tmux 3.2 and
 * later). An older one passes on what is wrapped for it. Gives what was copied: of a text that is too long for a
 * sequence the first lines.
 */
export async function copyToClipboard(
	text: string,
	{environment, write, run}: ClipboardOptions,
): Promise<string> {
	const short = firstLines(text);
	const sequence = clipboardSequence(short);
	if (!environment['TMUX']) {
		write(sequence);
		return short;
	}

	try {
		await run('tmux', ['load-buffer', '-w', '-'], text);
		return text;
	} catch {
		write(`\u001BPtmux;${sequence.replaceAll('\u001B', '\u001B\u001B')}\u001B\\`);
		return short;
	}
}

/** As many whole lines from the start as one sequence takes; of a line that alone is too long its beginning. */
function firstLines(text: string): string {
	const bytes = Buffer.from(text);
	if (bytes.length <= mostCopied) {
		return text;
	}

	const end = bytes.lastIndexOf('\n', mostCopied);
	// A character that the cut goes through is left out.
	return new TextDecoder().decode(bytes.subarray(0, end > 0 ? end : mostCopied), {stream: true});
}
