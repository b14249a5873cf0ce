import assert from 'node:assert/strict';
import {
	chmodSync,
	lstatSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {sealed} from '../../src/engine/docker/own-stack-files.ts';
import {openEngine} from '../../src/engine/open.ts';
import {Failure} from '../../src/failure.ts';
import {runCli, type CliOptions, type CliResult} from '../support/cli.ts';
import {skipWithoutEngine} from '../support/engine-available.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {aStack} from '../support/stack.ts';
import {configOf} from '../stack/lint/compose.ts';

const fixture = (name: string): string =>
	readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
const blog = fixture('blog.docker-compose.yml');
const fixed = fixture('blog.fixed.docker-compose.yml');
const blogConfig: unknown = JSON.parse(fixture('blog.config.json'));

/** A folder with a compose file, and an engine whose stack it is. */
interface World {
	readonly folder: string;
	readonly file: string;
	readonly engine: FakeEngine;
}

function world(t: TestContext, text = blog): World {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mlstack-test-doctor-')));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const file = join(folder, 'docker-compose.yml');
	writeFileSync(file, text);
	const engine = new FakeEngine();
	engine.stack = aStack({files: [file], directory: folder});
	engine.onComposeConfig = () => {
		const now = readFileSync(file, 'utf8');
		return now === blog ? blogConfig : configOf(now);
	};
	return {folder, file, engine};
}

async function doctor(
	{engine}: World,
	arguments_: readonly string[] = [],
	options: CliOptions = {},
): Promise<CliResult> {
	return runCli(['doctor', ...arguments_], {engine, ...options});
}

const backupsIn = ({folder}: World): readonly string[] =>
	readdirSync(folder).filter((name) => name !== 'docker-compose.yml');

test('it says what the stack runs on, then each finding with place, reason and mend', async (t) => {
	const here = world(t);
	const {code, stdout, stderr} = await doctor(here);
	assert.match(
		stdout,
		/^engine {3}docker 28\.5\.2, API 1\.51, linux\/amd64 \(default, .*\)\nmachine {2}2 cpus, 7\.45 GiB of memory, amd64\ncompose {2}2\.40\.3\nbuildx {3}0\.29\.1\ndisk {5}40\.0 GiB free for the engine \(\/var\/lib\/docker\)\nstack {4}kws, from .*docker-compose\.yml\n\n/,
	);
	assert.ok(
		stdout.includes(
			`\n${here.file}:7:7 error password-number\n       A password is written as a number.\n  why: YAML reads what looks like a number as one:`,
		),
		stdout,
	);
	assert.match(stdout, /\n {2}fix: Write it in quotes\. \(--fix does it\)\n/);
	assert.match(stdout, /\n {2}fix: Put it into \.env .*write \$\{POSTGRES_PASSWORD:\?\}\.\n/);
	assert.match(
		stdout,
		/\n6 errors, 9 warnings, 3 pieces of advice; `mlstack doctor --fix` mends 16, and shows how first\.\n$/,
	);
	assert.deepEqual([code, stderr], [1, '']);
	assert.equal(readFileSync(here.file, 'utf8'), blog);
});

test('a file of the folder is named as in the folder', async (t) => {
	const here = world(t);
	const {stdout} = await runCli(['doctor'], {engine: here.engine, directory: here.folder});
	assert.match(stdout, /\ndocker-compose\.yml:7:7 error password-number\n/);
});

test('nothing is wider than the terminal but places', async (t) => {
	const {stdout} = await doctor(world(t), [], {isTTY: true, columns: 60});
	for (const line of stdout.split('\n').filter((each) => each.startsWith('  '))) {
		assert.ok(line.length <= 60, line);
	}
});

test('--json has the findings with their places, and no password', async (t) => {
	const here = world(t);
	const {code, stdout, stderr} = await doctor(here, ['--json']);
	const document = JSON.parse(stdout);
	assert.deepEqual([document.version, document.project, document.errors], [1, 'kws', 6]);
	assert.deepEqual([document.engine.cpus, document.engine.memory], [2, 8e9]);
	assert.deepEqual(
		document.findings.find(({rule}: {rule: string}) => rule === 'password-number'),
		{
			rule: 'password-number',
			severity: 'error',
			service: 'postgres',
			what: 'A password is written as a number',
			fix: 'Write it in quotes.',
			reason:
				'YAML reads what looks like a number as one: leading zeros are lost, so the password is another than the one that is written.',
			fixable: true,
			file: here.file,
			line: 7,
			column: 7,
		},
	);
	assert.deepEqual([document.fixed, code, stderr], [[], 1, '']);
	assert.doesNotMatch(stdout, /\b0000\b/);
});

test('what is wrong with the environment comes first, counts, and is in --json', async (t) => {
	const here = world(t, fixed);
	here.engine.environmentFacts = {
		ports: [{service: 'mlflow', port: 5000, state: 'taken', owner: 'the container other-1'}],
	};
	const {code, stdout} = await doctor(here);
	assert.match(stdout, /\nports {4}5000 taken by the container other-1\n/);
	assert.match(
		stdout,
		/\n\nenvironment error port-taken\n {7}Port 5000, which mlflow publishes, is taken by the container other-1\.\n/,
	);
	assert.match(stdout, /\n1 error, 2 warnings\.\n$/);
	assert.equal(code, 1);
	const document = JSON.parse((await doctor(here, ['--json'])).stdout);
	assert.equal(document.errors, 1);
	assert.deepEqual(
		document.environment.findings.map(({check, severity}: Record<string, string>) => [check, severity]),
		[['port-taken', 'error']],
	);
	assert.deepEqual(document.environment.ports, here.engine.environmentFacts.ports);
});

test('--fix shows the difference, asks, writes, and keeps the file as it was', async (t) => {
	const here = world(t);
	chmodSync(here.file, 0o640);
	const {code, stdout, questions} = await doctor(here, ['--fix'], {isTTY: true, answer: true});
	assert.deepEqual(questions, [`Write 14 changes to ${here.file}? A copy of what it was is kept.`]);
	assert.match(stdout, /\n-version: "3"\n/);
	assert.match(stdout, /\n- {6}POSTGRES_PASSWORD: \*\*\*\n\+ {6}POSTGRES_PASSWORD: "\*\*\*"\n/);
	assert.doesNotMatch(stdout, /\b0000\b/);
	assert.match(stdout, /\n- POSTGRES_PASSWORD is in quotes\n {2}caution: A volume that was initialised/);
	assert.match(stdout, /\n2 warnings left\.\n$/);
	assert.equal(readFileSync(here.file, 'utf8'), fixed);
	const [backup = '', ...more] = backupsIn(here);
	assert.match(backup, /^docker-compose\.yml\.bak-\d{8}-\d{6}$/);
	assert.deepEqual(more, []);
	assert.ok(stdout.includes(join(here.folder, backup)));
	assert.equal(readFileSync(join(here.folder, backup), 'utf8'), blog);
	for (const name of ['docker-compose.yml', backup]) {
		assert.equal(statSync(join(here.folder, name)).mode & 0o777, 0o640);
	}

	assert.equal(code, 0);
});

test('no is no', async (t) => {
	const here = world(t);
	const {code, stderr} = await doctor(here, ['--fix'], {isTTY: true, answer: false});
	assert.deepEqual([code, stderr], [1, 'Nothing was written.\n']);
	assert.equal(readFileSync(here.file, 'utf8'), blog);
	assert.deepEqual(backupsIn(here), []);
});

test('a script has to say --yes, also on a terminal when it wants JSON', async (t) => {
	const here = world(t);
	const {code, stdout, stderr} = await doctor(here, ['--fix']);
	assert.equal(code, 2);
	assert.match(stdout, /\n-version: "3"\n/);
	assert.match(stderr, /nobody can be asked here, so nothing was written/);
	const json = await doctor(here, ['--fix', '--json'], {isTTY: true, answer: true});
	assert.deepEqual([json.code, json.questions], [2, []]);
	assert.equal(JSON.parse(json.stdout).error.code, 'confirmation-needed');
	assert.equal(readFileSync(here.file, 'utf8'), blog);
	assert.deepEqual(backupsIn(here), []);
});

test('--fix --yes --json tells what was written, and what is left', async (t) => {
	const here = world(t);
	const {code, stdout} = await doctor(here, ['--fix', '--yes', '--json']);
	const document = JSON.parse(stdout);
	const [{file, backup, diff, changes}] = document.fixed;
	assert.equal(file, here.file);
	assert.deepEqual([join(here.folder, backupsIn(here)[0] ?? '')], [backup]);
	assert.match(diff, /^--- .*\n\+\+\+ .*\n@@ /);
	assert.doesNotMatch(stdout, /\b0000\b/);
	assert.equal(changes.length, 14);
	assert.deepEqual(
		document.findings.map(({rule}: {rule: string}) => rule),
		['secret-in-file', 'secret-in-file'],
	);
	assert.deepEqual([document.errors, code], [0, 0]);
	assert.equal(readFileSync(here.file, 'utf8'), fixed);
});

test('a file that is right already is not written again', async (t) => {
	const here = world(t, fixed);
	const {code, stdout, questions} = await doctor(here, ['--fix'], {isTTY: true, answer: true});
	assert.match(stdout, /\n2 warnings\.\n$/);
	assert.deepEqual([code, questions, backupsIn(here)], [0, [], []]);
});

test('a backup is never written over', async (t) => {
	t.mock.timers.enable({apis: ['Date'], now: Date.UTC(2026, 10, 24, 8, 0, 0)});
	const here = world(t);
	const first = `${here.file}.bak-20261124-080000`;
	writeFileSync(first, 'an older one');
	assert.equal((await doctor(here, ['--fix', '--yes'])).code, 0);
	assert.equal(readFileSync(first, 'utf8'), 'an older one');
	assert.equal(readFileSync(`${first}-2`, 'utf8'), blog);
});

test('a file that changed after it was shown is left as it is', async (t) => {
	const here = world(t);
	const changed = `${blog}# edited meanwhile\n`;
	const {code, stderr} = await doctor(here, ['--fix', '--yes'], {
		onWrite: (text) => {
			if (text.includes('+++ ')) {
				writeFileSync(here.file, changed);
			}
		},
	});
	assert.equal(code, 1);
	assert.match(stderr, /was changed meanwhile, so it is left as it is/);
	assert.equal(readFileSync(here.file, 'utf8'), changed);
	assert.deepEqual(backupsIn(here), []);
});

test('when compose refuses the corrected file, it is again as it was', async (t) => {
	const here = world(t);
	here.engine.onComposeConfig = () => {
		if (readFileSync(here.file, 'utf8') !== blog) {
			throw new Failure('services.mlflow.build is no map', {code: 'compose-config'});
		}

		return blogConfig;
	};
	const {code, stderr} = await doctor(here, ['--fix', '--yes']);
	assert.equal(code, 1);
	assert.match(stderr, /compose refuses the corrected file.*\n {2}why: services\.mlflow\.build is no map/);
	assert.equal(readFileSync(here.file, 'utf8'), blog);
	assert.deepEqual(backupsIn(here), []);
});

/** A file over the other one, in which something is wrong, too. */
function withOverride(here: World): string {
	const override = join(here.folder, 'docker-compose.override.yml');
	writeFileSync(override, 'services:\n  mlflow:\n    ports:\n      - "5000:5000"\n');
	here.engine.stack = {...here.engine.stack, files: [here.file, override]};
	here.engine.onComposeConfig = () => blogConfig;
	return override;
}

test('each of several files is corrected, after one question', async (t) => {
	const here = world(t);
	const override = withOverride(here);
	const {questions, stdout} = await doctor(here, ['--fix'], {isTTY: true, answer: true, columns: 200});
	assert.deepEqual(questions, [
		`Write 15 changes to ${here.file}, ${override}? A copy of what it was is kept.`,
	]);
	assert.deepEqual(
		stdout.split('\n').filter((line) => line.startsWith(`${override}:`)),
		[`${override}:4:9 warning open-port`],
		'what stands in the first file is told of that one alone',
	);
	assert.equal(stdout.match(/no-tracking-healthcheck/g)?.length, 1);
	assert.equal(readFileSync(here.file, 'utf8'), fixed);
	assert.match(readFileSync(override, 'utf8'), /"127\.0\.0\.1:5000:5000"/);
	assert.equal(backupsIn(here).filter((name) => name.includes('.bak-')).length, 2);
});

test('when one of several files cannot be written, none is', async (t) => {
	const here = world(t);
	const override = withOverride(here);
	const {code, stderr} = await doctor(here, ['--fix', '--yes'], {
		onWrite: (text) => {
			if (text.includes(`+++ ${override}`)) {
				writeFileSync(override, 'services: {}\n');
			}
		},
	});
	assert.equal(code, 1);
	assert.match(stderr, /override\.yml was changed meanwhile/);
	assert.equal(readFileSync(here.file, 'utf8'), blog);
	assert.deepEqual(backupsIn(here), ['docker-compose.override.yml']);
});

test('a link stays a link: the file that it leads to is corrected', async (t) => {
	const here = world(t);
	const target = join(here.folder, 'real.yml');
	renameSync(here.file, target);
	symlinkSync(target, here.file);
	assert.equal((await doctor(here, ['--fix', '--yes'])).code, 0);
	assert.ok(lstatSync(here.file).isSymbolicLink());
	assert.equal(readFileSync(target, 'utf8'), fixed);
});

test('a file in another encoding is not damaged', async (t) => {
	const here = world(t);
	const bytes = Buffer.from(`${blog}# für\n`, 'latin1');
	writeFileSync(here.file, bytes);
	const {code, stderr} = await doctor(here, ['--fix', '--yes']);
	assert.equal(code, 1);
	assert.match(stderr, /is not written in UTF-8/);
	assert.deepEqual(readFileSync(here.file), bytes);
});

/** The folder’s stack as mlstack’s own, whose files are written. */
function asOwn(here: World): World {
	const file = join(here.folder, 'compose.yaml');
	renameSync(here.file, file);
	writeFileSync(join(here.folder, '.env'), '');
	here.engine.stack = {...here.engine.stack, origin: 'own', files: [file]};
	here.engine.onComposeConfig = () => configOf(readFileSync(file, 'utf8'));
	return {...here, file};
}

test('mlstack’s own stack is not corrected while nobody edited it', async (t) => {
	const ours = sealed(blog);
	const here = asOwn(world(t, ours));
	const {stdout} = await doctor(here, ['--fix', '--yes']);
	assert.match(stdout, /compose\.yaml \(as mlstack wrote it\)\n/);
	assert.doesNotMatch(stdout, /--fix/);
	assert.equal(readFileSync(here.file, 'utf8'), ours);
	writeFileSync(here.file, `${ours}# edited\n`);
	assert.equal((await doctor(here, ['--fix', '--yes'])).code, 0);
	assert.doesNotMatch(readFileSync(here.file, 'utf8'), /^version/m);
});

test('mlstack’s own stack, as it is, has nothing wrong', async (t) => {
	const template = readFileSync(new URL('../../src/stack/own/compose.yaml', import.meta.url), 'utf8');
	const here = asOwn(world(t, sealed(template)));
	const {code, stdout} = await doctor(here);
	assert.match(stdout, /\nNothing is wrong\.\n$/);
	assert.equal(code, 0);
});

test('a stack without a file to check says why there is none', async () => {
	const engine = new FakeEngine();
	engine.stack = aStack({origin: 'project', files: [], directory: ''});
	const named = await runCli(['doctor'], {engine});
	assert.match(
		named.stdout,
		/\nThe compose file of kws is not known here; name it: mlstack -f FILE doctor\n$/,
	);
	assert.equal(named.code, 0);
	engine.stack = aStack({origin: 'own', files: ['/nowhere/compose.yaml']});
	assert.match(
		(await runCli(['doctor'], {engine})).stdout,
		/is not written yet: `mlstack up` writes it\.\n$/,
	);
	engine.stack = aStack({origin: 'own', files: []});
	assert.match((await runCli(['doctor'], {engine})).stdout, /\nkws runs as plain processes,/);
});

test('without an engine the file is checked all the same', async (t) => {
	const here = world(t);
	here.engine.failure = new Failure('No engine answers.', {
		code: 'no-engine',
		reason: 'noEngine',
		next: ['start Docker'],
	});
	const {code, stdout, stderr} = await doctor(here);
	assert.match(stdout, /^engine {3}none: No engine answers\.\n/);
	assert.match(stdout, /error password-number/);
	assert.match(stderr, /next: start Docker/);
	assert.equal(code, 3);
	const document = JSON.parse((await doctor(here, ['--json'])).stdout);
	assert.equal(document.error.code, 'no-engine');
	assert.equal(document.errors, 6);
	here.engine.resolveFailure = new Failure('There is no docker.', {code: 'docker-cli-missing'});
	assert.equal((await doctor(here)).code, 3);
});

test('a file that compose refuses is told after what the stack would run on', async () => {
	const engine = new FakeEngine();
	engine.resolveFailure = new Failure('The file is no YAML.', {code: 'compose-config'});
	const {code, stdout, stderr} = await runCli(['doctor'], {engine});
	assert.match(stdout, /^engine {3}docker/);
	assert.match(stderr, /The file is no YAML\./);
	assert.equal(code, 1);
});

test('compose itself takes the corrected file', {skip: skipWithoutEngine}, async (t) => {
	const {folder, file} = world(t);
	const environment = process.env;
	const engine = await openEngine({kind: 'docker', environment});
	const {code, stdout} = await runCli(['-f', file, 'doctor', '--fix', '--yes'], {
		engine,
		environment,
		directory: folder,
	});
	assert.match(stdout, /\n2 warnings left\.\n$/);
	assert.equal(code, 0);
	assert.equal(readFileSync(file, 'utf8'), fixed);
});
