// What `npm start`, `npm test` and `npm run bench` run on a fresh clone, in plain JavaScript that an older Node reads too: installs
// what is missing, builds what is stale, then goes on in the Node that the project brings.
import {spawn, spawnSync} from 'node:child_process';
import {existsSync, readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...path) => join(root, ...path);
const [task, ...rest] = process.argv.slice(2);

/** Milliseconds since 1970 of the newest file below these paths; 0 when there is none. */
function newest(...paths) {
	let time = 0;
	for (const path of paths) {
		if (!existsSync(path)) {
			continue;
		}

		const stat = statSync(path);
		time = Math.max(
			time,
			stat.isDirectory() ? newest(...readdirSync(path).map((name) => join(path, name))) : stat.mtimeMs,
		);
	}

	return time;
}

function run(command, ...arguments_) {
	const {status, error} = spawnSync(command, arguments_, {
		cwd: root,
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	if (error || status !== 0) {
		process.stderr.write(
			`mlstack: ${command} ${arguments_.join(' ')} failed${error ? `: ${error.message}` : ''}\n`,
		);
		process.exit(1);
	}
}

const installed = at('node_modules', '.package-lock.json');
if (newest(installed) < Math.max(newest(at('package-lock.json')), newest(at('package.json')))) {
	process.stderr.write('mlstack: installing what package-lock.json names ...\n');
	run('npm', 'ci', '--no-fund', '--no-audit', '--loglevel=error');
}

const node = existsSync(at('node_modules', 'node', 'bin', 'node'))
	? at('node_modules', 'node', 'bin', 'node')
	: process.execPath;
if (newest(at('dist')) < newest(at('src'), at('components'), at('bin', 'build.js'), installed)) {
	run(node, at('bin', 'build.js'));
}

// npm start is called in the clone, but the stack that is meant is the one where the user is.
const cwd = task === 'start' ? (process.env.INIT_CWD ?? process.cwd()) : root;
const entries = {
	start: [at('bin', 'mlstack.js')],
	test: ['--import', 'tsx', at('bin', 'test.js')],
	bench: ['--import', 'tsx', at('test', 'bench', 'bench.ts')],
};
const arguments_ = [...entries[task], ...rest];
const child = spawn(node, arguments_, {cwd, stdio: 'inherit'});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, () => child.kill(signal));
}

child.on('exit', (code, signal) => {
	process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
