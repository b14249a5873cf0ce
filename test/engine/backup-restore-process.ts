import {dirname, join} from 'node:path';
import {Journal} from '../../src/engine/backup/journal.ts';
import {restore} from '../../src/engine/backup/restore.ts';
import {openDockerEngine} from '../../src/engine/docker/docker-engine.ts';

/** Restores a backup as a program of its own, for a test that kills it: prints the name of each step that works. */
const [composeFile = '', project = '', folder = '', file = ''] = process.argv.slice(2);
const engine = await openDockerEngine({kind: 'docker', environment: process.env});
const stack = await engine.resolve({
	files: [composeFile],
	project,
	directory: dirname(composeFile),
	environment: process.env,
});
const options = {
	file,
	safetyFile: join(folder, 'safety.tar'),
	createdBy: '0.1.0',
	confirmation: project,
	journal: new Journal(project, {XDG_STATE_HOME: folder}),
};
for await (const progress of restore(engine, stack, options, new AbortController().signal)) {
	if (progress.type === 'step' && progress.state === 'working') {
		process.stdout.write(`${progress.name}\n`);
	}
}

engine.close();
