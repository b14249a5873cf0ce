export interface ClipboardOptions {
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Writes to the terminal. */
	readonly write: (text: string) => void;
	/** Runs a program with an input; rejects when it fails. */
	readonly run: (file: string, arguments_: readonly string[], input: string) => Promise<unknown>;
}

/** Asks the terminal to put a text into the clipboard (OSC 52 of xterm's control sequences); works over ssh too. */
export function clipboardSequence(text: string): string {
	return `\u001B]52;c;${Buffer.from(text).toString('base64')}\u0007`;
}

/**
 * Puts a text into the clipboard of the terminal. tmux ignores the sequence from programs inside it unless
 * `set-clipboard` is `on`, which it is not by default; so it is asked to do it itself (`load-buffer -w`, tmux 3.2 and
 * later). An older one passes on what is wrapped for it.
 */
export async function copyToClipboard(
	text: string,
	{environment, write, run}: ClipboardOptions,
): Promise<void> {
	const sequence = clipboardSequence(text);
	if (!environment['TMUX']) {
		write(sequence);
		return;
	}

	try {
		await run('tmux', ['load-buffer', '-w', '-'], text);
	} catch {
		write(`\u001BPtmux;${sequence.replaceAll('\u001B', '\u001B\u001B')}\u001B\\`);
	}
}
