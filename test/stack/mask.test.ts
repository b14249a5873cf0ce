import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as fc from 'fast-check';
import {isSecretName, mask, maskCommand, maskEnvironment, maskRules} from '../../src/stack/mask.ts';

for (const {form, examples} of maskRules) {
	for (const [text, masked] of examples) {
		test(`masks ${form}: ${JSON.stringify(text)}`, () => {
			assert.equal(mask(text), masked);
			assert.equal(mask(masked), masked);
		});
	}
}

const harmless = [
	'postgres:18@sha256:1b2f3c4d5e6f',
	'image: postgres:18-trixie@sha256:0123456789abcdef',
	'ghcr.io/mlflow/mlflow:v3.17.2',
	'127.0.0.1:5432->5432/tcp',
	'http://localhost:5000/#/experiments/0',
	'http://registry:5000/kws/@scope/package',
	'{"a":"http://host:80","b":"x@y"}',
	'ssh://root@build.example.org',
	'FATAL:  password authentication failed for user "root"',
	'LOG:  statement: SET password_encryption = on',
	'POSTGRES_PASSWORD_FILE=/run/secrets/postgres_password',
	'POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?run mlstack init}',
	'PGPASSWORD=$POSTGRES_PASSWORD psql',
	'required variable POSTGRES_PASSWORD is missing a value: run mlstack init',
	'error: unexpected token: }',
	'PWD=/home/kws',
	'TOKENIZERS_PARALLELISM=false max_tokens=256 token_count: 12',
	'tool --no-password --password --verbose',
	'sort_key=name primary-key: id',
	'docker run --user 1000:1000 busybox',
	'{"password": null, "secret": true}',
	'keyword spotting',
];

for (const text of harmless) {
	test(`leaves alone: ${text}`, () => {
		assert.equal(mask(text), text);
	});
}

test('names that declare a secret, and names that only sound so', () => {
	const secret = [
		'POSTGRES_PASSWORD',
		'PGPASSWORD',
		'dbPassword',
		'AWS_SECRET_ACCESS_KEY',
		'MLFLOW_TRACKING_TOKEN',
	];
	secret.push(
		'DB_PWD',
		'MLFLOW_FLASK_SERVER_SECRET_KEY',
		'POSTGRES_PASSWORD_URLENCODED',
		'--token',
		'fernet.key',
	);
	const plain = [
		'PWD',
		'OLDPWD_',
		'POSTGRES_PASSWORD_FILE',
		'AWS_ACCESS_KEY_ID',
		'PUBLIC_KEY',
		'TOKENIZERS',
		'KEY',
		'',
	];
	assert.deepEqual(secret.filter(isSecretName), secret);
	assert.deepEqual(plain.filter(isSecretName), []);
});

test('an environment keeps its names and everything harmless', () => {
	assert.deepEqual(
		maskEnvironment({
			POSTGRES_USER: 'root',
			POSTGRES_PASSWORD: '0',
			EMPTY_PASSWORD: '',
			ALLOW_EMPTY_PASSWORD: 'yes',
			MLFLOW_BACKEND_STORE_URI: 'postgresql+psycopg2://root:0@postgres:5432/KWS',
		}),
		{
			POSTGRES_USER: 'root',
			POSTGRES_PASSWORD: '***',
			EMPTY_PASSWORD: '',
			ALLOW_EMPTY_PASSWORD: 'yes',
			MLFLOW_BACKEND_STORE_URI: 'postgresql+psycopg2://root:***@postgres:5432/KWS',
		},
	);
});

test('a command is masked across its words', () => {
	assert.deepEqual(
		maskCommand([
			'tool',
			'--password',
			'hunter2',
			'--user',
			'root',
			'--token=x',
			'redis://:y@cache',
			'--password',
			'-v',
		]),
		['tool', '--password', '***', '--user', 'root', '--token=***', 'redis://:***@cache', '--password', '-v'],
	);
});

const printable = (pattern: RegExp) =>
	fc.string({unit: 'grapheme-ascii', minLength: 1}).filter((text) => pattern.test(text));

test('whatever the password, a URI shows none of it', () => {
	const password = printable(/^(?!\d{1,5}\/)[^\s"',;|&]+$/);
	fc.assert(
		fc.property(password, (secret) => {
			assert.equal(
				mask(`mlflow server --backend-store-uri postgresql://root:${secret}@db:5432/kws --port 5000`),
				'mlflow server --backend-store-uri postgresql://root:***@db:5432/kws --port 5000',
			);
		}),
	);
});

test('whatever the password, JSON of it shows none and still parses', () => {
	const password = fc.string().filter((text) => !/^(?:|\*+|\$.*|true|false|yes|no|null|none)$/is.test(text));
	fc.assert(
		fc.property(password, fc.integer(), (secret, port) => {
			const once = mask(JSON.stringify({user: 'root', password: secret, port}));
			assert.deepEqual(JSON.parse(once), {user: 'root', password: '***', port});
			assert.deepEqual(JSON.parse(mask(JSON.stringify({POSTGRES_PASSWORD: port, port}))), {
				POSTGRES_PASSWORD: '***',
				port,
			});
		}),
	);
});

test('whatever the password, a variable before a command shows none of it', () => {
	const password = printable(/^(?![:=])[\w!#%*+./:<>?@^~-]*[a-z\d]$/i).filter(
		(text) => !/^(?:true|false|yes|no|null|none)$/i.test(text),
	);
	fc.assert(
		fc.property(password, (secret) => {
			assert.equal(mask(`PGPASSWORD=${secret} psql -h db`), 'PGPASSWORD=*** psql -h db');
			assert.equal(mask(`tool --password ${secret.replace(/^[-:]+/, '')}1 run`), 'tool --password *** run');
		}),
	);
});

test('masking twice is masking once, and nothing makes it throw', () => {
	const piece = fc.oneof(
		fc.constantFrom(
			'password',
			'PGPASSWORD',
			'--token',
			'=',
			': ',
			'"',
			"'",
			'\\',
			'://',
			'@',
			':',
			'a',
			' ',
			'\n',
		),
		fc.constantFrom(
			'postgresql://u:',
			'https://',
			'***',
			'${X}',
			'curl -u a:',
			'{',
			'}',
			',',
			'&',
			'0',
			'null',
		),
		fc.string({maxLength: 4}),
	);
	fc.assert(
		fc.property(fc.array(piece, {maxLength: 20}), (pieces) => {
			const once = mask(pieces.join(''));
			assert.equal(mask(once), once);
		}),
		{numRuns: 2000},
	);
});

test('a very long line takes no long time', () => {
	const started = performance.now();
	for (const unit of [
		'a',
		'password',
		'a://b:',
		'"',
		'\\',
		'curl -u a',
		'password=',
		'--token ',
		'Authorization: ',
	]) {
		mask(unit.repeat(10_000));
	}

	assert.ok(performance.now() - started < 5000);
});
