import assert from 'node:assert/strict';
import {test} from 'node:test';
import {openDockerEngine} from '../../src/engine/docker/docker-engine.ts';
import type {Engine} from '../../src/engine/engine.ts';
import {runCli, type CliOptions, type CliResult} from '../support/cli.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {docker, lightStack, withProject, type Project} from '../support/project.ts';

const skip = {skip: skipWithoutEngine};

async function down(
	project: Project,
	engine: Engine,
	words: readonly string[],
	options: CliOptions = {},
): Promise<CliResult> {
	return runCli(['-f', project.file, '-p', project.name, 'down', ...words], {
		engine: {...engine, close: () => undefined},
		environment: process.env,
		...options,
	});
}

async function volumesOf({name}: Project): Promise<string> {
	return docker('volume', 'ls', '-q', '--filter', `label=com.docker.compose.project=${name}`);
}

test(
	'`down --volumes` asks as prune does, before anything is stopped, and removes what it showed',
	skip,
	async () => {
		const engine = await openDockerEngine({kind: 'docker', environment: process.env});
		await withProject(lightStack, async (project) => {
			const {name} = project;
			await project.compose('up', '-d', '--quiet-pull');
			const script = await down(project, engine, ['--volumes', '--yes']);
			assert.equal(script.code, 2);
			assert.match(script.stderr, new RegExp(`--yes --volumes=${name}_data`));
			const wrong = await down(project, engine, ['--volumes'], {isTTY: true, lines: ['n', 'yes']});
			assert.match(
				wrong.stderr,
				new RegExp(
					`This is lost, and nothing makes it again:\\n {2}${name}_data; 0 B; (?:seconds|\\d+m) old; empty`,
				),
			);
			assert.match(wrong.stderr, /Nothing was done\.\n$/);
			const strange = await down(project, engine, ['--yes', '--volumes=other']);
			assert.equal(strange.code, 2);
			assert.equal((await project.compose('ps', '-q')).split('\n').length, 2, 'both still run');
			assert.equal(await volumesOf(project), `${name}_data`);

			const {code, stderr, questions} = await down(project, engine, ['--volumes'], {
				isTTY: true,
				lines: ['n', name],
			});
			assert.equal(code, 0, stderr);
			assert.equal(questions.at(-1), `Type \`${name}\` to remove 1 volume:`);
			assert.equal(await volumesOf(project), '');
			assert.equal(await project.compose('ps', '-aq'), '');
		});
		engine.close();
	},
);
