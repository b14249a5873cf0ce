import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {isAtLeast, isNoise, levelBy, levelOf, levelRules, noiseRules} from '../../src/logs/levels.ts';
import {classify, type LineClass} from '../../src/logs/records.ts';

for (const {name, pattern, example} of levelRules) {
	test(`level: ${name}`, () => {
		const [line, level] = example;
		assert.equal(levelOf(line), level);
		assert.match(line, pattern);
	});
}

for (const {name, example} of noiseRules) {
	test(`noise: ${name}`, () => {
		assert.ok(isNoise(example));
	});
}

test('levels of lines that look alike', () => {
	const lines: ReadonlyArray<readonly [string, string | undefined]> = [
		['2026/11/23 19:48:23 INFO:     Uvicorn running on http://0.0.0.0:5000 (Press CTRL+C to quit)', 'info'],
		['2026/11/23 19:48:22 WARNING mlflow.store.db.utils: failed: FATAL:  role "x" does not exist', 'warning'],
		['2026-11-24 05:34:25.086 UTC [33] LOG:  database system is ready to accept connections', 'info'],
		['2026-11-24 05:34:25 UTC [33]: [1-1] user=u,db=d ERROR:  relation "x" does not exist', 'error'],
		['ERROR:  syntax error at or near "x"', 'error'],
		['PANIC:  could not write to file "pg_wal/xlogtemp.1": No space left on device', 'fatal'],
		['Error: in 18+, these Docker images are configured to store database data in a', 'error'],
		['INFO:     127.0.0.1:42906 - "GET /nope HTTP/1.1" 404 Not Found', 'info'],
		['{"msg":"x","level":50}', 'error'],
		['Registry store URI not provided. Using backend store URI.', undefined],
		['the word error in a sentence is no level', undefined],
		['Errors are information', undefined],
		['', undefined],
	];
	for (const [line, level] of lines) {
		assert.equal(levelOf(line), level, line);
	}
});

test('levels are ordered, and an unknown one counts as info', () => {
	assert.ok(isAtLeast('fatal', 'error'));
	assert.ok(isAtLeast(undefined, 'info'));
	assert.ok(!isAtLeast(undefined, 'warning'));
	assert.ok(!isAtLeast('debug', 'info'));
});

test('a health check that fails, and any other request, is no noise', () => {
	for (const line of [
		'INFO:     127.0.0.1:1 - "GET /health HTTP/1.1" 503 Service Unavailable',
		'INFO:     127.0.0.1:1 - "GET /healthy HTTP/1.1" 200 OK',
		'INFO:     127.0.0.1:1 - "POST /health HTTP/1.1" 200 OK',
		'INFO:     127.0.0.1:1 - "GET /api/2.0/mlflow/experiments/search?max_results=100 HTTP/1.1" 200 OK',
	]) {
		assert.ok(!isNoise(line), line);
	}
});

/** The records of these lines: the level, then the lines. */
function records(lines: readonly string[]) {
	const found: string[][] = [];
	let previous: LineClass | undefined;
	for (const line of lines) {
		previous = classify(previous, line);
		if (previous.start) {
			found.push([previous.level ?? 'unknown']);
		}

		found.at(-1)?.push(line);
	}

	return found.map(([level, ...lines]) => [level, lines.length]);
}

test('a retry of MLflow is one record, down to the line that says when', () => {
	const log = [
		'Registry store URI not provided. Using backend store URI.',
		'2026/11/24 05:56:19 WARNING mlflow.store.db.utils: SQLAlchemy engine could not be created. The following exception is caught.',
		'(psycopg2.OperationalError) connection to server at "127.0.0.1", port 1 failed: Connection refused',
		'\tIs the server running on that host and accepting TCP/IP connections?',
		'',
		'(Background on this error at: https://sqlalche.me/e/20/e3q8)',
		'Operation will be retried in 0.1 seconds',
	];
	assert.deepEqual(records(log), [
		['unknown', 1],
		['warning', 5],
		['unknown', 1],
	]);
});

test('chained tracebacks belong to their error', () => {
	const log = [
		'2026-11-24 05:58:04,069 ERROR mlflow.cli: Error initializing backend store',
		'Traceback (most recent call last):',
		'  File "/sqlalchemy/engine/base.py", line 149, in __init__',
		'    self._dbapi_connection = engine.raw_connection()',
		'                             ~~~~~~~~~~~~~~~~~~~~~^^',
		'psycopg2.OperationalError: connection to server at "127.0.0.1", port 1 failed: Connection refused',
		'\tIs the server running on that host and accepting TCP/IP connections?',
		'',
		'The above exception was the direct cause of the following exception:',
		'',
		'Traceback (most recent call last):',
		'  File "<string>", line 4, in <module>',
		'sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection to server failed',
		'[SQL: SELECT 1]',
		'(Background on this error at: https://sqlalche.me/e/20/e3q8)',
		'2026-11-24 05:58:04,079 INFO root: next',
	];
	assert.deepEqual(records(log), [
		['error', 15],
		['info', 1],
	]);
});

test('a traceback without an error above it is a record of its own', () => {
	const log = [
		'2026/11/23 19:48:23 INFO:     Application startup complete.',
		'Traceback (most recent call last):',
		'  File "app.py", line 1, in <module>',
		'KeyError: 1',
		'ready again',
	];
	assert.deepEqual(records(log), [
		['info', 1],
		['error', 3],
		['unknown', 1],
	]);
});

test("PostgreSQL's details belong to the error above them", () => {
	const log = [
		'2026-11-24 05:34:25.086 UTC [33] ERROR:  duplicate key value violates unique constraint "pk"',
		'2026-11-24 05:34:25.086 UTC [33] DETAIL:  Key (id)=(1) already exists.',
		'2026-11-24 05:34:25.086 UTC [33] STATEMENT:  insert into t',
		'\t values (1)',
		'2026-11-24 05:34:26.000 UTC [1] LOG:  checkpoint starting: time',
	];
	assert.deepEqual(records(log), [
		['error', 4],
		['info', 1],
	]);
});

test("what goes on with noise is noise: the source line of Starlette's warning", () => {
	const warning = classify(
		undefined,
		'/mlflow/server/fastapi_app.py:23: StarletteDeprecationWarning: starlette.middleware.wsgi is deprecated',
	);
	const source = classify(warning, '  from starlette.middleware.wsgi import WSGIResponder, build_environ');
	const next = classify(source, '2026/11/24 05:58:16 INFO:     Started server process [14]');
	assert.deepEqual(
		[warning, source, next].map(({noise}) => noise),
		[true, true, false],
	);
});

test('the quick looks at a line miss no rule that fits', () => {
	const examples = levelRules.map(({example: [line]}) => line);
	const piece = fc.oneof(
		fc
			.tuple(fc.constantFrom(...examples), fc.nat(60), fc.nat(60))
			.map(([line, from, length]) => line.slice(from, from + length)),
		fc.constantFrom(
			'[',
			']',
			' ',
			':',
			': ',
			'x',
			'2026-11-24 05:34:25',
			'2026/11/24 05:34:25 UTC',
			'ERROR',
			'info',
			'[W] ',
		),
	);
	fc.assert(
		fc.property(fc.array(piece, {maxLength: 5}), (pieces) => {
			const line = pieces.join('');
			assert.equal(levelOf(line), levelBy(levelRules, line), line);
		}),
		{numRuns: 5000},
	);
});
