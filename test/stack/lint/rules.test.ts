import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parse} from 'yaml';
import {fix, lint, lintRules} from '../../../src/stack/lint/lint.ts';
import {inputOf} from './compose.ts';
import {examples, mark} from './examples.ts';

/** The mark becomes a comment that a mend must leave where it is. */
const comment = '# the port';

for (const rule of lintRules) {
	const {source, mended, engineVersion} = examples[rule.id] ?? {source: ''};
	const text = source.replace(mark, comment);
	const input = inputOf(text, engineVersion === undefined ? {} : {engineVersion});

	test(`the rule ${rule.id} finds its example, and says where`, () => {
		assert.ok(source.includes(mark), `${rule.id} has no example`);
		const [finding, ...more] = lint(input).filter(({rule: id}) => id === rule.id);
		assert.ok(finding);
		assert.deepEqual(more, []);
		const line = text.slice(0, text.indexOf(comment)).split('\n').length;
		const isOwnLine = /^\s*# the port$/m.test(text);
		assert.deepEqual([finding.place.file, finding.place.line], ['compose.yaml', isOwnLine ? line - 1 : line]);
		assert.equal(text.split('\n')[finding.place.line - 1]?.[finding.place.column - 2] ?? ' ', ' ');
		for (const sentence of [finding.reason, finding.fix]) {
			assert.match(sentence, /\S/);
		}

		assert.doesNotMatch(finding.what, /\.$/);
		assert.doesNotMatch(JSON.stringify(finding), /hunter2|0000/);
		assert.equal(finding.fixable, mended !== undefined);
	});

	test(`the rule ${rule.id} ${mended ? 'mends its example' : 'leaves its example to the user'}`, () => {
		const findings = lint(input);
		const only = findings.filter(({rule: id}) => id === rule.id);
		const {source: fixed, changes} = fix(input, only);
		if (!mended) {
			assert.equal(fixed, text);
			return;
		}

		assert.equal(changes.length, 1);
		for (const part of mended) {
			assert.ok(fixed.includes(part), `${part}\n--- is not in ---\n${fixed}`);
		}

		parse(fixed);
		const again = lint(inputOf(fixed, engineVersion === undefined ? {} : {engineVersion}));
		assert.deepEqual(
			again.filter(({rule: id}) => id === rule.id),
			[],
		);
		// The mend brings no fault of its own.
		const before = new Set(findings.map(({rule: id}) => id));
		assert.deepEqual(
			again.filter(({rule: id}) => !before.has(id)),
			[],
		);
	});
}

test('rules have different names', () => {
	assert.equal(new Set(lintRules.map(({id}) => id)).size, lintRules.length);
});

test('a stack that is right has no findings', () => {
	const right = `
services:
  postgres:
    image: postgres:18-trixie
    environment: {POSTGRES_USER: mlflow, POSTGRES_PASSWORD: "\${DB_PASSWORD:?}", POSTGRES_DB: mlflow}
    volumes: [pgdata:/var/lib/postgresql]
    ports: ["127.0.0.1:5432:5432"]
    shm_size: 256mb
    healthcheck: {test: [CMD-SHELL, "pg_isready -h 127.0.0.1 -U mlflow -d mlflow"]}
  mlflow:
    image: registry.example.org/kws/mlflow:3.17.2
    command: [mlflow, server, --host, 0.0.0.0, --artifacts-destination, /mlartifacts]
    environment:
      MLFLOW_BACKEND_STORE_URI: postgresql+psycopg2://mlflow:\${DB_PASSWORD}@postgres/mlflow
    depends_on: {postgres: {condition: service_healthy}}
    volumes: [artifacts:/mlartifacts]
    ports: ["127.0.0.1:5000:5000"]
    healthcheck: {test: [CMD, curl, http://127.0.0.1:5000/health]}
volumes: {pgdata: , artifacts: }
`;
	assert.deepEqual(lint(inputOf(right)), []);
});

test('findings stand in the order of their lines', () => {
	const findings = lint(inputOf(examples['password-number']?.source ?? ''));
	const lines = findings.map(({place}) => place.line);
	assert.deepEqual(
		lines,
		lines.toSorted((a, b) => a - b),
	);
});

test('a text that is no YAML is one finding, where the parser stopped', () => {
	const [finding, ...more] = lint({...inputOf('services: {}\n'), source: 'services:\n  db: [1\n  x: 2\n'});
	assert.deepEqual(more, []);
	assert.equal(finding?.rule, 'yaml');
	assert.ok((finding?.place.line ?? 0) > 1);
});

test('an older PostgreSQL wants its volume one folder deeper', () => {
	const source = `services:\n  db:\n    image: pgvector/pgvector:pg17\n    volumes:\n      - type: volume\n        source: pgdata\n        target: /var/lib/postgresql\nvolumes: {pgdata: {}}\n`;
	const input = inputOf(source);
	const findings = lint(input).filter(({rule}) => rule === 'mount-path');
	assert.deepEqual(
		findings.map(({place}) => place.line),
		[7],
	);
	const {source: fixed, changes} = fix(input, findings);
	assert.match(fixed, /target: \/var\/lib\/postgresql\/data\n/);
	assert.match(changes[0]?.caution ?? '', /copy it first/);
});

test('a password that is weak makes an open port an error', () => {
	const severities = ['"0000"', 'mlflow', '"kj3h4kjh5kjh3"', '${DB_PASSWORD}'].map((password) => {
		const source = `services:\n  db:\n    image: postgres:18-trixie\n    environment:\n      POSTGRES_PASSWORD: ${password}\n    ports:\n      - target: 5432\n        published: 5432\n`;
		return lint(inputOf(source)).find(({rule}) => rule === 'open-port')?.severity;
	});
	assert.deepEqual(severities, ['error', 'error', 'warning', 'warning']);
});

test('variables and loopback addresses leave a port alone; its long form is mended, too', () => {
	const source = `services:\n  db:\n    image: postgres:18-trixie\n    ports:\n      - "127.0.0.1:5432:5432"\n      - "[::1]:5432:5432"\n      - "\${BIND}:5433:5432"\n      - target: 5432\n        published: 5434\n      - "5435"\n`;
	const input = inputOf(source);
	const findings = lint(input).filter(({rule}) => rule === 'open-port');
	assert.deepEqual(
		findings.map(({place}) => place.line),
		[8, 10],
	);
	assert.match(
		fix(input, findings).source,
		/published: 5434\n {8}host_ip: 127\.0\.0\.1\n {6}- "127\.0\.0\.1::5435"\n/,
	);
});

test('a password from a variable is no secret in the file', () => {
	const secrets = (uri: string): number =>
		lint(inputOf(`services:\n  mlflow:\n    image: x\n    environment:\n      URI: ${uri}\n`)).filter(
			({rule}) => rule === 'secret-in-file',
		).length;
	for (const uri of [
		'postgresql+psycopg2://kws:${DB_PASSWORD:?say it in .env}@db:5432/kws',
		'postgresql+psycopg2://${USER:-mlflow}@db:5432/${NAME:-kws}',
		'postgresql://db:5432/kws',
		'http://proxy:8080/a@b',
	]) {
		assert.equal(secrets(uri), 0, uri);
	}

	assert.equal(secrets('postgresql+psycopg2://${USER:-mlflow}:hunter2@db/kws'), 1);
	assert.equal(secrets('redis://:hunter2@cache'), 1);
});

test('artifacts are kept where a volume is, however their folder is written', () => {
	const kept = (options: string, rest: string): boolean =>
		!lint(
			inputOf(
				`services:\n  mlflow:\n    image: ghcr.io/mlflow/mlflow:v3.17.2\n    command: mlflow server ${options}\n    volumes: ["a:/data/mlartifacts"]\n${rest}`,
			),
		).some(({rule}) => rule === 'artifacts-not-kept');
	assert.equal(kept('--artifacts-destination /data/mlartifacts/x', ''), true);
	assert.equal(kept('--artifacts-destination /data', ''), false);
	assert.equal(kept('--artifacts-destination s3://kws', ''), true);
	assert.equal(kept('', ''), true);
	assert.equal(kept('--artifacts-destination ./files', ''), false);
	assert.equal(kept('--artifacts-destination x', '    working_dir: /data/mlartifacts\n'), true);
});

test('of two files each answers for the services that it names', () => {
	const other = 'services:\n  other:\n    image: nginx:1\n';
	const {config} = inputOf(examples['mount-path']?.source ?? '');
	assert.deepEqual(lint({...inputOf(other), config}), []);
});

test('a command that needs its shell keeps it', () => {
	const source = `services:\n  mlflow:\n    image: ghcr.io/mlflow/mlflow:v3.17.2\n    command:\n      - bash\n      - -c\n      - |\n        pip install -r requirements.txt\n        mlflow server\n          --host 0.0.0.0\n          --backend-store-uri "$$DB_URI"\n`;
	const input = inputOf(source);
	const findings = lint(input);
	assert.equal(findings.find(({rule}) => rule === 'install-at-start')?.fixable, false);
	const {source: fixed} = fix(
		input,
		findings.filter(({rule}) => rule === 'command-cut'),
	);
	const {command} = parse(fixed).services.mlflow;
	assert.deepEqual(command, [
		'bash',
		'-c',
		'pip install -r requirements.txt && exec mlflow server --host 0.0.0.0 --backend-store-uri "$$DB_URI"',
	]);
});

test('a database that is the same but for the password is told from one that matches', () => {
	const source = (uri: string): string =>
		`services:\n  db:\n    image: postgres:18-trixie\n    environment: {POSTGRES_USER: root, POSTGRES_PASSWORD: 0000, POSTGRES_DB: KWS}\n  mlflow:\n    image: ghcr.io/mlflow/mlflow:v3.17.2\n    command: mlflow server --backend-store-uri ${uri}\n`;
	const whats = (uri: string): readonly string[] =>
		lint(inputOf(source(uri)))
			.filter(({rule}) => rule === 'uri-mismatch')
			.map(({what}) => what);
	assert.deepEqual(whats('postgresql+psycopg2://root:0000@db:5432/KWS'), []);
	assert.deepEqual(whats('postgresql+psycopg2://root:0001@db:5432/KWS'), [
		'The database URI has another password than db',
	]);
	assert.deepEqual(whats('postgresql+psycopg2://mlflow:0000@db/kws?sslmode=off'), [
		'The database URI has another user and database than db',
	]);
	assert.deepEqual(whats('postgresql+psycopg2://mlflow:0000@elsewhere/kws'), []);
});
