import assert from 'node:assert/strict';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {projectNameOf} from '../../src/engine/docker/init-files.ts';
import {runCli} from '../support/cli.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {aStack} from '../support/stack.ts';
import {configOf} from '../stack/lint/compose.ts';

/** Nothing of this machine's engine: no docker command is on the PATH. */
const environment = {PATH: '/nowhere', HOME: '/nowhere'};

function folder(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
	const path = mkdtempSync(join(tmpdir(), 'mlstack-Init-'));
	t.after(() => rmSync(path, {recursive: true, force: true}));
	for (const [name, text] of Object.entries(files)) {
		writeFileSync(join(path, name), text);
	}

	return path;
}

const read = (path: string, name: string): string => readFileSync(join(path, name), 'utf8');

test('into an empty folder it writes a stack of its own, and says what to do next', async (t) => {
	const path = folder(t);
	const {code, stdout, questions} = await runCli(['init', 'kws'], {directory: path, environment});
	const into = join(path, 'kws');
	assert.equal(code, 0);
	assert.deepEqual(questions, []);
	assert.deepEqual(readdirSync(into).toSorted(), ['.env', '.gitignore', 'compose.yaml', 'constraints.txt']);
	assert.equal(statSync(join(into, '.env')).mode & 0o777, 0o600);
	assert.match(read(into, '.env'), /^MLSTACK_DB_PASSWORD=\w{24}$/m);
	assert.match(read(into, '.env'), /^MLSTACK_PROJECT=kws$/m);
	assert.equal(read(into, '.gitignore'), '.env\n');
	assert.doesNotMatch(read(into, 'compose.yaml'), /a newer mlstack replaces it|mlstack up writes/);
	assert.match(stdout, /next: cd .*kws\n +docker compose up -d --wait .*\n +open http:\/\/localhost:\d+\n$/);
	assert.doesNotMatch(stdout, /DB_PASSWORD/);
});

test('it adds to a .env and a .gitignore what they lack, and changes nothing else there', async (t) => {
	const path = folder(t, {'.env': 'AWS_REGION=eu-west-1\nMLFLOW_PORT=5099\n', '.gitignore': 'mlruns/'});
	const {stdout} = await runCli(['init', '--json'], {directory: path, environment});
	const {url, written} = JSON.parse(stdout) as {url: string; written: readonly string[]};
	assert.match(read(path, '.env'), /^AWS_REGION=eu-west-1\nMLFLOW_PORT=5099\n[^]*MLSTACK_DB_PASSWORD=/);
	assert.equal(read(path, '.gitignore'), 'mlruns/\n.env\n');
	assert.equal(url, 'http://localhost:5099');
	assert.deepEqual(written, ['compose.yaml', 'constraints.txt', '.env', '.gitignore']);
	const ignored = read(path, '.gitignore');
	rmSync(join(path, 'compose.yaml'));
	rmSync(join(path, 'constraints.txt'));
	const before = read(path, '.env');
	await runCli(['init'], {directory: path, environment});
	assert.equal(read(path, '.env'), before, 'the password of a database that may be there already is kept');
	assert.equal(read(path, '.gitignore'), ignored);
});

test('what has no place is refused before anything is written', async (t) => {
	const path = folder(t, {'constraints.txt': 'mine\n'});
	const {code, stderr} = await runCli(['init'], {directory: path, environment});
	assert.equal(code, 1);
	assert.match(stderr, /constraints\.txt is there already, and is not written over/);
	assert.deepEqual(readdirSync(path), ['constraints.txt']);
});

test('on a terminal it asks, and a no leaves the folder as it is; --yes asks nothing', async (t) => {
	const path = folder(t);
	const asked = await runCli(['init'], {directory: path, environment, isTTY: true, answer: false});
	assert.equal(asked.questions.length, 1);
	assert.match(asked.stderr, /Nothing was written/);
	assert.deepEqual(readdirSync(path), []);
	const told = await runCli(['init', '--yes'], {directory: path, environment, isTTY: true});
	assert.deepEqual(told.questions, []);
	assert.equal(readdirSync(path).length, 4);
});

test('a compose file that is there is corrected, and kept as it was beside it', async (t) => {
	const blog = readFileSync(new URL('../fixtures/blog.docker-compose.yml', import.meta.url), 'utf8');
	const config: unknown = JSON.parse(
		readFileSync(new URL('../fixtures/blog.config.json', import.meta.url), 'utf8'),
	);
	const path = folder(t, {'docker-compose.yml': blog});
	const file = join(path, 'docker-compose.yml');
	const engine = new FakeEngine();
	engine.stack = aStack({files: [file], directory: path});
	engine.onComposeConfig = () => {
		const now = readFileSync(file, 'utf8');
		return now === blog ? config : configOf(now);
	};
	const {code, stderr} = await runCli(['init', '--yes'], {engine, directory: path, environment});
	assert.equal(code, 0, stderr);
	assert.match(stderr, /is there already: it is corrected, not replaced/);
	const [backup = '', ...others] = readdirSync(path).filter((name) => name !== 'docker-compose.yml');
	assert.deepEqual(others, []);
	assert.equal(read(path, backup), blog);
	assert.notEqual(read(path, 'docker-compose.yml'), blog);
});

test('a compose file of something else is left alone', async (t) => {
	const text = 'services: {web: {image: nginx}}\n';
	const path = folder(t, {'compose.yaml': text});
	const engine = new FakeEngine();
	engine.stack = aStack({origin: 'own'});
	const {code, stderr} = await runCli(['init', '--yes'], {engine, directory: path, environment});
	assert.equal(code, 1);
	assert.match(stderr, /has a compose file of another kind/);
	assert.deepEqual([readdirSync(path), read(path, 'compose.yaml')], [['compose.yaml'], text]);
});

test('a project is named after its folder, as compose does it', () => {
	assert.deepEqual(
		['/home/ana/kws', '/tmp/My Project.v2', '/_x', '/', '/ÄÖ'].map((path) => projectNameOf(path)),
		['kws', 'myprojectv2', 'x', 'mlstack', 'mlstack'],
	);
});
