import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Failure} from '../../../src/failure.ts';
import {type ComposeContext, composeLine} from '../../../src/engine/docker/compose-context.ts';
import {composeFailure, composeFailures} from '../../../src/engine/docker/compose-failures.ts';
import {clause} from '../../support/clause.ts';

const context: ComposeContext = {
	command: 'up',
	origin: 'files',
	files: ['/home/ana/kws/compose.yaml'],
	project: 'kws',
};

for (const row of composeFailures) {
	test(`compose's failure ${row.code} is recognised and explained`, () => {
		const failure = composeFailure(row.example, context);
		assert.equal(failure.code, row.code);
		assert.match(failure.message, clause);
		assert.doesNotMatch(failure.message + failure.why + failure.next.join(''), /undefined|\bnull\b/);
		assert.ok(failure.next.length > 0);
		assert.equal(failure.reason, row.reason ?? 'failed');
	});
}

const variants: ReadonlyArray<readonly [message: string, code: string, what: RegExp]> = [
	["docker: 'compose' is not a docker command.\nSee 'docker --help'", 'compose-missing', /plugin/],
	[
		"docker: unknown command: docker compose\n\nRun 'docker --help' for more information",
		'compose-missing',
		/plugin/,
	],
	['unknown flag: --progress\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]', 'compose-missing', /plugin/],
	[
		'failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory',
		'engine-unreachable',
		/unix:\/\/\/var\/run\/docker\.sock$/,
	],
	[
		`unable to get image 'busybox': error during connect: Get "http://nohost:2375/v1.51/images/busybox/json": dial tcp: lookup nohost on 10.0.0.1:53: no such host`,
		'engine-unreachable',
		/^no Docker Engine answers$/,
	],
	[
		'driver failed programming external connectivity on endpoint kws-mlflow-1 (88df): Bind for 127.0.0.1:15033 failed: port is already allocated',
		'port-taken',
		/port 15033/,
	],
	[
		'Error starting userland proxy: listen tcp4 0.0.0.0:5432: bind: address already in use',
		'port-taken',
		/port 5432/,
	],
	[
		'Ports are not available: exposing port TCP 0.0.0.0:5000 -> 0.0.0.0:0: listen tcp 0.0.0.0:5000: bind: address already in use',
		'port-taken',
		/port 5000/,
	],
	[
		'failed to bind host port for [::1]:5000:172.19.0.2:5000/tcp: address already in use',
		'port-taken',
		/port 5000/,
	],
	[
		'dependency failed to start: container kws-postgres-1 is unhealthy',
		'dependency-failed',
		/kws-postgres-1 is unhealthy/,
	],
	[`service "seed" didn't complete successfully: exit 3`, 'dependency-failed', /seed exited \(3\)/],
	['services.a Additional property imagee is not allowed', 'compose-option-unknown', /`imagee`/],
	[
		'failed to parse /home/ana/kws/compose.yaml: line 4: mapping key "a" already defined at line 2',
		'compose-file-invalid',
		/compose\.yaml, line 4/,
	],
	[
		'validating /home/ana/kws/compose.yaml: services.a.ports must be a array',
		'compose-file-invalid',
		/compose\.yaml$/,
	],
	[
		'service "a" refers to undefined volume data: invalid compose project',
		'compose-file-invalid',
		/compose\.yaml/,
	],
	[
		'invalid interpolation format for services.a.image.\nYou may need to escape any $ with another $.\n${X',
		'compose-file-invalid',
		/compose\.yaml/,
	],
	[
		'failed to solve: busy: failed to resolve source metadata for docker.io/library/busy:latest: docker.io/library/busy:latest: not found',
		'image-not-found',
		/docker\.io\/library\/busy:latest/,
	],
	[
		'failed to solve: dockerfile parse error on line 2: unknown instruction: RUM (did you mean RUN?)',
		'build-failed',
		/built/,
	],
	['unknown or invalid runtime name: nvidia', 'runtime-missing', /GPU/],
];

for (const [message, code, what] of variants) {
	test(`also ${code}: ${message.slice(0, 70)}`, () => {
		const failure = composeFailure(message, context);
		assert.equal(failure.code, code);
		assert.match(failure.message, what);
	});
}

test('a taken port of mlstack’s own stack is changed by a variable', () => {
	const own: ComposeContext = {...context, origin: 'own'};
	const message = (service: string, port: number) =>
		`failed programming external connectivity on endpoint mlstack-${service}-1 (88df): Bind for 127.0.0.1:${port} failed: port is already allocated`;
	assert.equal(composeFailure(message('mlflow', 5000), own).next[0], 'MLFLOW_PORT=5001 mlstack up');
	assert.match(composeFailure(message('mlflow', 5000), own).why, /AirPlay/);
	assert.equal(composeFailure(message('postgres', 5432), own).next[0], 'MLSTACK_PG_PORT=5433 mlstack up');
	assert.match(
		composeFailure(message('mlflow', 5000), context).next[0] ?? '',
		/5001.*\/home\/ana\/kws\/compose\.yaml/,
	);
});

test('what nobody foresaw keeps compose’s own words and the command to repeat', () => {
	const failure = composeFailure('Error response from daemon: the moon is full', context);
	assert.ok(failure instanceof Failure);
	assert.equal(failure.code, 'compose-failed');
	assert.equal(failure.message, '`docker compose up` failed');
	assert.equal(failure.why, 'the moon is full');
	assert.deepEqual(failure.next, ['docker compose -f /home/ana/kws/compose.yaml -p kws up -d']);
});

test('without a message the last lines of output are the reason', () => {
	assert.equal(composeFailure('', context, ['one', '', 'two']).why, 'one\ntwo');
});

test('a full disk is also read from what pip printed', () => {
	const failure = composeFailure(
		'failed to solve: process "pip" did not complete successfully: exit code: 1',
		context,
		[
			'Installing collected packages: mlflow',
			'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device',
		],
	);
	assert.equal(failure.code, 'disk-full');
});

test('a build’s cause is what it printed last', () => {
	const failure = composeFailure(
		'failed to solve: process "/bin/sh -c ./prepare" did not complete successfully: exit code: 3',
		context,
		['preparing', 'prepare: data.csv is not there'],
	);
	assert.equal(failure.code, 'build-failed');
	assert.match(failure.why, /data\.csv is not there\nfailed to solve/);
});

test('what a build printed does not hide a message that says more', () => {
	const failure = composeFailure('Bind for 127.0.0.1:15033 failed: port is already allocated', context, [
		'WARNING: Retrying: Failed to establish a new connection',
	]);
	assert.equal(failure.code, 'port-taken');
});

test('passwords in compose’s message are masked', () => {
	const failure = composeFailure(
		'failed to solve: process "/bin/sh -c PGPASSWORD=hunter2 psql postgresql://u:hunter2@db/kws" did not complete successfully: exit code: 2',
		context,
		['postgresql://u:hunter2@db'],
	);
	assert.doesNotMatch(JSON.stringify(failure), /hunter2/);
});

test('a command line quotes what a shell would take apart', () => {
	assert.equal(
		composeLine({command: 'down', origin: 'files', files: ["/home/ana/it's/compose.yaml"]}),
		String.raw`docker compose -f '/home/ana/it'\''s/compose.yaml' down`,
	);
});
