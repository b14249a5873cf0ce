import {homedir} from 'node:os';
import {join} from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The folders of the XDG base directory specification; on macOS programs of the terminal use them too. */
const folders = {
	cache: ['XDG_CACHE_HOME', '.cache'],
	config: ['XDG_CONFIG_HOME', '.config'],
	data: ['XDG_DATA_HOME', '.local/share'],
	state: ['XDG_STATE_HOME', '.local/state'],
} as const;

/** mlstack's folder for a kind of files of the user's; not made here. */
export function userFolder(kind: keyof typeof folders, environment: Environment): string {
	const [variable, below] = folders[kind];
	return join(environment[variable] || join(environment['HOME'] || homedir(), below), 'mlstack');
}

/**
 * The file in which something is remembered of a project, in the user's state folder. Named by a hash: a project's name
 * may hold what a file's name may not.
 */
export function stateFile(subject: string, project: string, environment: Environment): string {
	// An `import` reads each export of it, which takes 10 ms.
	const {createHash} = process.getBuiltinModule('node:crypto');
	const name = createHash('sha256').update(project).digest('hex').slice(0, 16);
	return join(userFolder('state', environment), subject, `${name}.json`);
}
