import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {asFailure, Failure} from '../failure.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Shows colours, and cuts nothing off: what git, systemd and others call when nobody says otherwise. */
const usualPager = 'less -R';

/** What only a shell understands (POSIX, "Shell Command Language"). */
const shellCharacters = /[|&;<>()$`\\"'*?[\]#~=%!{}\n]/;

/** The user's pager, as words of a command: MLSTACK_PAGER, PAGER, or less. */
export function pagerCommand(environment: Environment): readonly [file: string, ...arguments_: string[]] {
	const command =
		[environment['MLSTACK_PAGER'], environment['PAGER'], usualPager].find((text) => text?.trim()) ?? '';
	const [file = '', ...arguments_] = command.trim().split(/\s+/);
	return shellCharacters.test(command) ? ['sh', '-c', command] : [file, ...arguments_];
}

/**
 * Shows a text in the user's pager, which has the terminal meanwhile: Ctrl-C there is the pager's. Ends with the pager;
 * an aborted signal ends it. Throws a Failure when the pager cannot be started or says that it failed.
 */
export async function runPager(
	text: Iterable<string>,
	environment: Environment,
	signal: AbortSignal,
): Promise<void> {
	const [file, ...arguments_] = pagerCommand(environment);
	const command = file === 'sh' ? (arguments_.at(-1) ?? '') : [file, ...arguments_].join(' ');
	const giveBack = ignoreInterrupts();
	try {
		const child = spawn(file, arguments_, {
			stdio: ['pipe', 'inherit', 'inherit'],
			// A `less` without options shows colours too, unless its user has said what he wants of it.
			env: {...environment, LESS: environment['LESS'] ?? 'R'},
			signal,
		});
		// Who leaves the pager early has read enough.
		const fed = pipeline(Readable.from(text), child.stdin).catch(() => undefined);
		const [code, killedBy] = await once(child, 'close');
		child.stdin.destroy();
		await fed;
		if (code !== 0) {
			throw failed(
				command,
				typeof code === 'number' ? `it ended with ${code}` : `it was ended by ${killedBy}`,
			);
		}
	} catch (error) {
		if (!signal.aborted) {
			throw error instanceof Failure ? error : failed(command, asFailure(error).message);
		}
	} finally {
		giveBack();
	}
}

function failed(command: string, why: string): Failure {
	return new Failure(`the pager \`${command}\` failed`, {
		code: 'pager-failed',
		why,
		next: ['name another one in MLSTACK_PAGER or PAGER'],
	});
}

/** Ctrl-C reaches every program on the terminal; until the function that this gives is called it means nothing here. */
function ignoreInterrupts(): () => void {
	const listeners = process.listeners('SIGINT');
	const ignore = () => {};
	process.removeAllListeners('SIGINT');
	process.on('SIGINT', ignore);
	return () => {
		process.off('SIGINT', ignore);
		for (const listener of listeners) {
			process.on('SIGINT', listener);
		}
	};
}
