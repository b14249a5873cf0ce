/**
 * The supervisor: a process of its own that runs a project's services and outlives the terminal, as Docker's daemon and
 * its shims do. `node supervisor.js FOLDER PROJECT`.
 *
 * Why not one that exists: supervisord (PyPI) has no health checks, no back-off once a process ran for a while, stamps
 * no lines, tells state changes to its own children only, and after its own death starts everything a second time
 * beside the orphans; pg_ctl starts and stops but never restarts; systemd's user units are missing on macOS, in
 * containers and on most shared machines; pm2 weighs more than all of this together. What each of them would have taken
 * over (spawn, wait, rotate) is the smaller part of these files.
 *
 * Exit code 0: nothing is left to do, and the shell that guards it ends too. Anything else: to be started again.
 */
import {rmSync} from 'node:fs';
import {isHolder, takeLock} from '../lock.ts';
import {pathsOfFolder} from '../paths.ts';
import {Supervisor} from './supervisor.ts';

/** How often, in ms, the lock's time is set, which other machines read that share the folder; see lock.ts. */
const touchInterval = 30_000;

const note = (text: string): void => {
	process.stderr.write(`${new Date().toISOString()} ${text}\n`);
};

process.umask(0o077);
const [folder = '', project = ''] = process.argv.slice(2);
const paths = pathsOfFolder(folder, project);
const lock = takeLock(paths.lock);
if (isHolder(lock)) {
	note(`process ${lock.pid} on ${lock.host} supervises this project already`);
} else {
	const supervisor = new Supervisor(paths, note);
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
		process.on(signal, () => {
			note(`${signal}: ending the services`);
			void supervisor.shutDown();
		});
	}

	const timer = setInterval(() => {
		if (!lock.touch()) {
			note('the lock is gone, and with it the project: ending the services');
			void supervisor.shutDown();
		}
	}, touchInterval);
	await supervisor.begin();
	note(`process ${process.pid} supervises`);
	await supervisor.finished;
	clearInterval(timer);
	rmSync(paths.supervisorSocket, {force: true});
	lock.release();
	note(`process ${process.pid} has nothing left to supervise`);
	process.exit(0);
}
