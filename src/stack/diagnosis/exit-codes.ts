/**
 * What exit codes usually mean: Docker's own (`docker run`: Exit status), a shell's (126, 127), and 128 + the number of
 * the signal that ended the process.
 */
export const exitCodes: Readonly<Record<number, string>> = {
	0: 'it ended by itself, without an error',
	1: 'the program reported an error',
	2: 'a wrong option or argument, or a misuse of the shell',
	125: 'Docker could not run the container',
	126: 'the command was found but could not be run: no permission, or not a program',
	127: 'the command was not found in the image',
	129: 'it was ended by SIGHUP',
	130: 'it was interrupted (SIGINT)',
	132: 'it ran an instruction that this processor lacks (SIGILL)',
	134: 'it aborted itself (SIGABRT)',
	135: 'memory could not be reached (SIGBUS), often /dev/shm being full',
	137: 'it was killed (SIGKILL): by `docker kill`, by `docker stop` once the grace period was over, or by the kernel because memory ran out',
	139: 'it crashed (SIGSEGV)',
	141: 'the reader of its output went away (SIGPIPE)',
	143: 'it was asked to stop (SIGTERM)',
	255: 'the program reported an error outside the usual range',
};

/** The usual meaning of an exit code, as the end of a sentence. */
export function meaningOf(exitCode: number): string {
	const known = exitCodes[exitCode];
	if (known !== undefined) {
		return known;
	}

	return exitCode > 128 && exitCode < 160
		? `it was ended by signal ${exitCode - 128}`
		: 'the program’s own code; its last lines say more';
}

/** These come from being asked to stop, and are no failure. */
export function isStop(exitCode: number): boolean {
	return exitCode === 130 || exitCode === 143;
}
