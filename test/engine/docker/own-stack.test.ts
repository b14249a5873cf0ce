import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {ownStackDefinition, ownStackFolder, ownStackSettings} from '../../../src/engine/docker/own-stack.ts';
import {
	ensureOwnStack,
	forOldEngine,
	isOwnStackWritten,
	isUntouched,
	sealed,
	templateFolder,
} from '../../../src/engine/docker/own-stack-files.ts';
import {nextFreePort} from '../../../src/engine/environment/listening.ts';
import {generatePassword} from '../../../src/engine/docker/own-stack-login.ts';
import {Failure} from '../../../src/failure.ts';
import {parseComposeConfig} from '../../../src/stack/compose-config.ts';
import {runDocker} from '../../../src/engine/docker/docker-command.ts';
import {skipWithoutEngine} from '../../support/engine-available.ts';
import {type FakeDocker, fakeDocker, temporaryFolder} from './fake-docker.ts';

const template = readFileSync(join(templateFolder(), 'compose.yaml'), 'utf8');
const constraints = readFileSync(join(templateFolder(), 'constraints.txt'), 'utf8');
const never = new AbortController().signal;

const nothingThere = `case "$*" in
	"version "*) echo 1.51 ;;
	"volume inspect"*) echo "Error response from daemon: get mlstack_pgdata: no such volume" >&2; exit 1 ;;
esac`;

/** The own stack's folder, and what stands in its files. */
function written(docker: FakeDocker): {folder: string; compose: string; variables: string} {
	const folder = ownStackFolder(docker.environment);
	return {
		folder,
		compose: readFileSync(join(folder, 'compose.yaml'), 'utf8'),
		variables: readFileSync(join(folder, '.env'), 'utf8'),
	};
}

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('its folder: MLSTACK_HOME, else the configuration folder', () => {
	assert.equal(ownStackFolder({MLSTACK_HOME: '/x', XDG_CONFIG_HOME: '/y'}), '/x/stack');
	assert.equal(ownStackFolder({XDG_CONFIG_HOME: '/y', HOME: '/home/ana'}), '/y/mlstack/stack');
	assert.equal(ownStackFolder({HOME: '/home/ana'}), '/home/ana/.config/mlstack/stack');
});

for (const {variable, fallback} of ownStackSettings) {
	test(`${variable} is said in the compose file's comment, and falls back to what is said there`, () => {
		const [, said = ''] = new RegExp(`^#   ${variable} +(\\S*) {2,}`, 'm').exec(template) ?? assert.fail();
		assert.equal(said, fallback);
		const uses = [...template.matchAll(new RegExp(`\\$\\{${variable}:-([^}]*)\\}`, 'g'))];
		assert.ok(uses.length > 0);
		for (const [, used] of uses) {
			assert.equal(used, fallback);
		}
	});
}

test('the image is named anew when the way it is built changes', () => {
	const dockerfile = template.slice(
		template.indexOf('dockerfile_inline: |'),
		template.indexOf('    restart: unless-stopped\n    depends_on'),
	);
	const checksum = createHash('sha256').update(dockerfile).update(constraints).digest('hex').slice(0, 16);
	const revision = /image: mlstack\/mlflow:\S+-py3\.13-(\d+)/.exec(template)?.[1];
	// If this fails, raise the number at the end of the image's name and note the new pair here: an image of the old
	// name is never built again.
	assert.deepEqual([revision, checksum], ['1', '0640c38c65013303']);
});

test('the first up writes everything, for its user only, with a password made for it', async (t) => {
	const docker = fakeDocker(t, nothingThere);
	assert.equal(isOwnStackWritten(ownStackFolder(docker.environment)), false);
	const own = await ensureOwnStack(docker, never);
	const {folder, compose, variables} = written(docker);
	assert.equal(own.folder, folder);
	assert.equal(own.isEdited, false);
	assert.equal(isOwnStackWritten(folder), true);
	assert.equal(compose, sealed(template));
	assert.match(variables, /^MLSTACK_DB_PASSWORD=[A-Za-z0-9]{24}$/m);
	assert.match(variables, /^MLSTACK_DB_USER=mlflow$/m);
	assert.deepEqual([mode(folder), mode(join(folder, '.env'))], ['700', '600']);
});

test('another up changes nothing, and asks no engine', async (t) => {
	const docker = fakeDocker(t, nothingThere);
	await ensureOwnStack(docker, never);
	const before = written(docker);
	const calls = docker.calls().length;
	assert.deepEqual((await ensureOwnStack(docker, never)).notes, []);
	assert.deepEqual(written(docker), before);
	assert.equal(docker.calls().length, calls);
});

test('files of an older mlstack are replaced, the .env stays', async (t) => {
	const docker = fakeDocker(t, nothingThere);
	await ensureOwnStack(docker, never);
	const {folder, variables} = written(docker);
	writeFileSync(join(folder, 'compose.yaml'), sealed('services: {}\n'));
	assert.equal((await ensureOwnStack(docker, never)).isEdited, false);
	assert.equal(written(docker).compose, sealed(template));
	assert.equal(written(docker).variables, variables);
});

test('an edited file is left as it is, and said to be edited', async (t) => {
	const docker = fakeDocker(t, nothingThere);
	await ensureOwnStack(docker, never);
	appendFileSync(join(written(docker).folder, 'compose.yaml'), '# mine\n');
	const {compose} = written(docker);
	assert.equal((await ensureOwnStack(docker, never)).isEdited, true);
	assert.equal(written(docker).compose, compose);
});

test('what the user wrote into the .env is kept; what is missing comes after it', async (t) => {
	const docker = fakeDocker(t, nothingThere);
	const folder = ownStackFolder(docker.environment);
	mkdirSync(folder);
	writeFileSync(join(folder, '.env'), '# mine\nMLFLOW_WORKERS=2\nMLSTACK_DB_USER=ana');
	await ensureOwnStack(docker, never);
	const {variables} = written(docker);
	assert.ok(variables.startsWith('# mine\nMLFLOW_WORKERS=2\nMLSTACK_DB_USER=ana\n'));
	assert.match(variables, /^MLSTACK_DB_PASSWORD=[A-Za-z0-9]{24}$/m);
	assert.match(variables, /^MLSTACK_DB_NAME=mlflow$/m);
	assert.equal(variables.match(/MLSTACK_DB_USER=/g)?.length, 1);
	assert.equal(mode(join(folder, '.env')), '600');
});

test('a password of the user’s own is kept, in the .env or from the shell', async (t) => {
	const docker = fakeDocker(t, nothingThere, {environment: {MLSTACK_DB_PASSWORD: "it's"}});
	await ensureOwnStack(docker, never);
	assert.match(written(docker).variables, /^MLSTACK_DB_PASSWORD='it\\'s'$/m);
});

test('an engine before 25 gets no start_interval, which compose would refuse', async (t) => {
	const docker = fakeDocker(t, nothingThere.replace('1.51', '1.43'));
	await ensureOwnStack(docker, never);
	const {compose} = written(docker);
	assert.doesNotMatch(compose, /^ *start_interval:/m);
	assert.equal(compose, sealed(forOldEngine(template)));
	assert.equal(compose.match(/^ {6}interval: 3s$/gm)?.length, 2);
	await ensureOwnStack(docker, never);
	assert.equal(written(docker).compose, compose);
});

test('a lost .env is written again from the container that still knows the password', async (t) => {
	const docker = fakeDocker(
		t,
		`case "$*" in
			"version "*) echo 1.51 ;;
			"volume inspect --format {{.Name}} kws_pgdata") echo kws_pgdata ;;
			"ps "*"com.docker.compose.project=kws "*) echo 0123456789ab ;;
			"inspect "*" 0123456789ab") printf 'PATH=/bin\\nPOSTGRES_USER=ana\\nPOSTGRES_PASSWORD=old=Secret\\nPOSTGRES_DB=ml\\n' ;;
			*) exit 9 ;;
		esac`,
		{environment: {MLSTACK_PROJECT: 'kws'}},
	);
	const {notes} = await ensureOwnStack(docker, never);
	const {variables} = written(docker);
	assert.match(variables, /^MLSTACK_DB_USER=ana\nMLSTACK_DB_NAME=ml\nMLSTACK_DB_PASSWORD='old=Secret'$/m);
	assert.equal(notes.length, 1);
	assert.doesNotMatch(notes.join(''), /Secret/);
});

test('a lost .env without a container is a failure that says how to mend it; no password is made up', async (t) => {
	const docker = fakeDocker(
		t,
		`case "$*" in
			"version "*) echo 1.51 ;;
			"volume inspect"*) echo mlstack_pgdata ;;
		esac`,
	);
	await assert.rejects(ensureOwnStack(docker, never), (error) => {
		assert.ok(error instanceof Failure);
		assert.equal(error.code, 'own-stack-password-lost');
		assert.match(error.next.join('\n'), /ALTER ROLE/);
		return true;
	});
	const folder = ownStackFolder(docker.environment);
	assert.equal(isOwnStackWritten(folder), false);
	assert.ok(statSync(join(folder, 'compose.yaml')).isFile(), 'the commands of the mend need it');
});

test('without an engine nothing is made up either', async (t) => {
	const docker = fakeDocker(
		t,
		'echo "Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?" >&2; exit 1',
	);
	await assert.rejects(ensureOwnStack(docker, never), {code: 'engine-unreachable', reason: 'noEngine'});
	assert.equal(isOwnStackWritten(ownStackFolder(docker.environment)), false);
});

test('a folder that cannot be made is a failure', async (t) => {
	const docker = fakeDocker(t, nothingThere);
	writeFileSync(join(docker.folder, 'stack'), 'a file stands in the way');
	await assert.rejects(ensureOwnStack(docker, never), {code: 'own-stack-unwritable'});
});

test('a port that is taken is passed over', async (t) => {
	const server = createServer().listen(0, '127.0.0.1');
	t.after(() => server.close());
	await once(server, 'listening');
	const address = server.address();
	assert.ok(address !== null && typeof address === 'object');
	assert.notEqual(await nextFreePort(address.port), address.port);
});

test('the seal shows an edit anywhere', () => {
	const text = sealed('one\ntwo\n');
	assert.ok(isUntouched(text));
	for (const edited of [`${text}three\n`, text.replace('one', 'One'), `# mine\n${text}`, 'one\ntwo\n', '']) {
		assert.equal(isUntouched(edited), false);
	}
});

test('passwords are 24 letters and digits, and never the same', () => {
	const passwords = Array.from({length: 200}, generatePassword);
	assert.ok(passwords.every((password) => /^[A-Za-z0-9]{24}$/.test(password)));
	assert.equal(new Set(passwords).size, passwords.length);
});

test('the definition is what compose makes of the template', {skip: skipWithoutEngine}, async (t) => {
	const environment = {PATH: process.env['PATH'], HOME: temporaryFolder(t)};
	for (const settings of [
		{},
		{MLFLOW_PORT: '15071', MLSTACK_PG_PORT: '15072', MLSTACK_BIND: '0.0.0.0', MLFLOW_VERSION: '3.17.1'},
		{POSTGRES_IMAGE: 'postgres:19', MLSTACK_PROJECT: 'kws'},
	]) {
		const docker = {
			command: 'docker',
			arguments: [],
			environment: {...environment, ...settings, MLSTACK_DB_PASSWORD: 'hunter2'},
		};
		const config = await configOf(t, docker, template);
		const definition = ownStackDefinition(docker.environment);
		assert.equal(config.project, definition.project);
		assert.deepEqual(
			config.services.map((service) => service.definition),
			definition.services,
		);
	}
});

test('compose takes the file for an old engine too', {skip: skipWithoutEngine}, async (t) => {
	const docker = {
		command: 'docker',
		arguments: [],
		environment: {PATH: process.env['PATH'], HOME: temporaryFolder(t), MLSTACK_DB_PASSWORD: 'x'},
	};
	assert.equal((await configOf(t, docker, forOldEngine(template))).services.length, 2);
});

async function configOf(
	t: TestContext,
	docker: {command: string; arguments: string[]; environment: Record<string, string | undefined>},
	text: string,
): Promise<ReturnType<typeof parseComposeConfig>> {
	const folder = temporaryFolder(t);
	writeFileSync(join(folder, 'compose.yaml'), text);
	const {output, errors} = await runDocker(docker, ['compose', 'config', '--format', 'json'], {
		directory: folder,
	});
	assert.equal(errors, '');
	return parseComposeConfig(JSON.parse(output));
}
