import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import * as fc from 'fast-check';
import {parse, parseDocument} from 'yaml';
import {diff} from '../../../src/stack/lint/diff.ts';
import {fix, lint} from '../../../src/stack/lint/lint.ts';
import {inputOf, configOf} from './compose.ts';

const read = (name: string): string =>
	readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8');
const source = read('blog.docker-compose.yml');
/** What `docker compose config` prints for it. */
const config: unknown = JSON.parse(read('blog.config.json'));
const input = inputOf(source, {config});

test('every fault of the blog post’s file is found, in its place', () => {
	assert.deepEqual(
		lint(input).map(({rule, severity, place}) => `${place.line}:${place.column} ${severity} ${rule}`),
		[
			'1:1 advice version-obsolete',
			'4:3 warning no-database-healthcheck',
			'4:3 advice shm-size',
			'5:5 warning database-image-unpinned',
			'7:7 warning secret-in-file',
			'7:7 error password-number',
			'11:9 error open-port',
			'13:9 error mount-path',
			'15:3 advice no-tracking-healthcheck',
			'16:5 warning python-end-of-life',
			'17:5 warning secret-in-file',
			'17:5 error command-cut',
			'17:5 error plain-uri',
			'17:5 error artifacts-at-client',
			'17:5 warning install-at-start',
			'17:5 warning mlflow-old',
			'27:9 warning open-port',
			'28:5 warning started-only',
		],
	);
});

test('the blog post’s file becomes one that works', () => {
	const {source: fixed} = fix(input, lint(input));
	assert.equal(fixed, read('blog.fixed.docker-compose.yml'));
	const left = lint(inputOf(fixed));
	assert.deepEqual(
		left.map(({rule}) => rule),
		['secret-in-file', 'secret-in-file'],
	);
	assert.deepEqual(fix(inputOf(fixed), left), {source: fixed, changes: []});
});

test('what happens to data that exists is said, and no volume loses its name', () => {
	const {source: fixed, changes} = fix(input, lint(input));
	assert.deepEqual(Object.keys(parse(fixed).volumes), Object.keys(parse(source).volumes));
	const caution = (rule: string): string =>
		changes.find((change) => change.rule === rule)?.caution ?? assert.fail(`${rule} changed nothing`);
	assert.match(caution('mount-path'), /keeps its name.*refuses to start and leaves it as it is/);
	assert.match(caution('password-number'), /has the number as its password/);
	assert.match(caution('install-at-start'), /save it first/);
	assert.match(caution('artifacts-at-client'), /keep the artifact root/);
});

test('the difference can be shown before it is written', () => {
	const {source: fixed} = fix(input, lint(input));
	const shown = diff(source, fixed, 'docker-compose.yml');
	assert.match(
		shown,
		/^--- docker-compose\.yml\n\+\+\+ docker-compose\.yml\n@@ -1,34 \+1,52 @@\n-version: "3"\n/,
	);
	assert.match(shown, /\n-      POSTGRES_PASSWORD: 0000\n\+      POSTGRES_PASSWORD: "0000"\n/);
});

test('the other two forms of the blog post’s command are mended as well', () => {
	const words =
		'pip install mlflow psycopg2-binary &&\n        mlflow server\n        --backend-store-uri postgresql://root:0000@postgres:5432/KWS\n        --host 0.0.0.0\n        --port 5000\n';
	const asList = `    command:\n      - bash\n      - -c\n      - |\n        ${words}`;
	const asLiteral = `    command: |\n      bash -c "\n        ${words}      "\n`;
	for (const command of [asList, asLiteral]) {
		const other = source.replace(/ {4}command: >[^]*?"\n(?= {4}ports)/, () => command);
		const fixed = fix(inputOf(other), lint(inputOf(other))).source;
		assert.deepEqual(parse(fixed).services.mlflow.command, [
			'mlflow',
			'server',
			'--backend-store-uri',
			'postgresql+psycopg2://root:0000@postgres:5432/KWS',
			'--host',
			'0.0.0.0',
			'--port',
			'5000',
			'--artifacts-destination',
			'/app/mlruns',
		]);
	}
});

test('the resolver of these tests says of the file what compose says', () => {
	const of = (resolved: unknown): unknown => lint(inputOf(source, {config: resolved}));
	assert.deepEqual(of(configOf(source)), of(config));
});

test('whatever lines the file lacks, what is made of it can be read', () => {
	const lines = source.split('\n');
	fc.assert(
		fc.property(fc.subarray(lines.map((_line, index) => index)), (kept) => {
			const text = kept.map((index) => lines[index]).join('\n');
			const broken = {...input, source: text};
			const findings = lint(broken);
			const {source: fixed} = fix(broken, findings);
			assert.ok(
				findings.some(({rule}) => rule === 'yaml') || parseDocument(fixed).errors.length === 0,
				fixed,
			);
		}),
	);
});
