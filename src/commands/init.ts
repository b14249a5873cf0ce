import {resolve} from 'node:path';
import {composeFileOf} from '../engine/docker/compose-files.ts';
import type {DockerCommand} from '../engine/docker/docker-command.ts';
import {resolveEndpoint} from '../engine/docker/endpoint.ts';
import {projectNameOf, writeInitialStack, type InitialStack} from '../engine/docker/init-files.ts';
import {Failure, type ExitReason} from '../failure.ts';
import {jsonVersion} from '../stack/status-json.ts';
import type {CommandContext} from './context.ts';

/** `mlstack init [FOLDER]`: writes mlstack's own stack into a folder, or corrects the compose file that is there. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, positionals, request, stdout, stderr, isTTY, ask, signal} = context;
	const folder = resolve(request.directory, positionals[0] ?? '.');
	if (request.files.length > 0 || (await composeFileOf(folder)) !== undefined) {
		return correct(context, folder);
	}

	const question = `Write compose.yaml, constraints.txt, .env and a line of .gitignore into ${folder}?`;
	if (isTTY && !values.yes && !values.json && !(await ask(question))) {
		await stderr.write('Nothing was written.\n');
		return 'fine';
	}

	const project = request.project ?? projectNameOf(folder);
	const stack = await writeInitialStack(folder, project, await dockerOf(context), signal);
	await stdout.write(
		values.json
			? `${JSON.stringify({version: jsonVersion, folder, ...stack}, undefined, '\t')}\n`
			: writtenText(folder, stack, folder === request.directory),
	);
	return 'fine';
}

function writtenText(folder: string, {written, notes, url}: InitialStack, isHere: boolean): string {
	const steps = [
		...(isHere ? [] : [`cd ${/\s/.test(folder) ? `'${folder}'` : folder}`]),
		'docker compose up -d --wait (or: mlstack up --wait)',
		`open ${url}`,
	];
	return [
		`wrote ${written.join(', ')} in ${folder}`,
		'  .env holds the generated password of the database: keep it, and out of version control',
		...notes.map((note) => `  ${note}`),
		...steps.map((step, index) => `  ${index === 0 ? 'next: ' : '      '}${step}`),
		'',
	].join('\n');
}

/** As `mlstack doctor --fix` does it. */
async function correct(context: CommandContext, directory: string): Promise<ExitReason> {
	const {values, stderr, openEngine, signal} = context;
	const request = {...context.request, directory};
	const stack = await (await openEngine()).resolve(request, signal);
	if (stack.origin !== 'files') {
		throw new Failure(`${directory} has a compose file of another kind, which is left as it is`, {
			code: 'init-exists',
			why: 'none of its services is recognised as PostgreSQL or MLflow',
			next: [
				'mlstack init OTHER-FOLDER',
				'or label the services: `mlstack.role: database`, `mlstack.role: tracking`',
			],
		});
	}

	if (!values.json) {
		await stderr.write(`${stack.files.join(', ')} is there already: it is corrected, not replaced\n`);
	}

	const doctor = await import('./doctor.ts');
	const reason = await doctor.run({...context, request, values: {...values, fix: true}});
	if (!values.json && reason === 'fine') {
		await stderr.write('next: docker compose up -d --wait (or: mlstack up --wait)\n');
	}

	return reason;
}

/** The docker command with the options that mean the chosen engine. */
async function dockerOf({engine, request: {environment}}: CommandContext): Promise<DockerCommand> {
	const {cliArguments} = await resolveEndpoint(engine);
	return {command: 'docker', arguments: cliArguments, environment};
}
