import assert from 'node:assert/strict';
import {test} from 'node:test';
import {editForMajor, imageOfMajor, withVariable} from '../../src/engine/backup/upgrade-edit.ts';

const images: ReadonlyArray<readonly [string, string]> = [
	['postgres:17', 'postgres:18'],
	['postgres:17.4-trixie', 'postgres:18-trixie'],
	['postgres:17-alpine', 'postgres:18-alpine'],
	['docker.io/library/postgres:17', 'docker.io/library/postgres:18'],
	['localhost:5055/library/postgres:17', 'localhost:5055/library/postgres:18'],
	['pgvector/pgvector:pg17', 'pgvector/pgvector:pg18'],
	['timescale/timescaledb:latest-pg17', 'timescale/timescaledb:latest-pg18'],
];
for (const [image, newer] of images) {
	test(`the next version of ${image} is ${newer}`, () => {
		assert.equal(imageOfMajor(image, 17, 18), newer);
	});
}

for (const image of ['postgres', 'postgres:latest', 'postgres:16', 'postgres@sha256:1b2f', 'kws-db', '']) {
	test(`\`${image}\` has no next version that is known`, () => {
		assert.throws(() => imageOfMajor(image, 17, 18), {code: 'upgrade-by-hand'});
	});
}

test('from 17 to 18 the image, the volume and its mount change, and nothing else', () => {
	const {text, oldVolume} = editForMajor(
		`# Ana's stack
services:
  db:
    image: postgres:17 # pinned
    environment: {POSTGRES_PASSWORD: geheim}
    volumes:
      - ./init:/docker-entrypoint-initdb.d:ro
      - pgdata:/var/lib/postgresql/data
  mlflow:
    build: .
    volumes: [artifacts:/mlartifacts]

volumes:
  pgdata:
    labels: {io.mlstack.data: database}
  artifacts:
`,
		'db',
		17,
		18,
	);
	assert.equal(
		text,
		`# Ana's stack
services:
  db:
    image: postgres:18 # pinned
    environment: {POSTGRES_PASSWORD: geheim}
    volumes:
      - ./init:/docker-entrypoint-initdb.d:ro
      - pgdata18:/var/lib/postgresql
  mlflow:
    build: .
    volumes: [artifacts:/mlartifacts]

volumes:
  artifacts:
  pgdata18:
    labels:
      io.mlstack.data: database
`,
	);
	assert.equal(oldVolume, 'pgdata');
});

test('the long form of a mount is edited too, and a volume that another service uses stays declared', () => {
	const {text} = editForMajor(
		`services:
  db:
    image: postgres:16
    volumes:
      - type: volume
        source: data16
        target: /var/lib/postgresql/data
  peek:
    image: busybox
    volumes: ["data16:/x:ro"]
volumes: {data16: , data17: }
`,
		'db',
		16,
		17,
	);
	assert.match(text, /source: data17_2\n {8}target: \/var\/lib\/postgresql\/data\n/);
	assert.match(text, /data16/);
	assert.match(text, /volumes: \{data16: , data17: , data17_2: \{\}\}|data17_2: \{\}/);
});

test('from 18 on only the image changes: each version has its own folder in the volume', () => {
	const before = 'services:\n  db:\n    image: postgres:18\n    volumes: ["pgdata:/var/lib/postgresql"]\n';
	const {text, oldVolume} = editForMajor(before, 'db', 18, 19);
	assert.equal(text, before.replace('postgres:18', 'postgres:19'));
	assert.equal(oldVolume, undefined);
});

test('an image that a variable names is changed by the variable', () => {
	const before = 'services:\n  db:\n    image: ${POSTGRES_IMAGE:-postgres:18-trixie}\n';
	const {text, variable} = editForMajor(before, 'db', 18, 19);
	assert.equal(text, before);
	assert.deepEqual(variable, {name: 'POSTGRES_IMAGE', image: 'postgres:19-trixie'});
});

const byHand: ReadonlyArray<readonly [what: string, service: string, volumes: string]> = [
	['a folder of the host', 'image: postgres:17\n    volumes: ["./data:/var/lib/postgresql/data"]', ''],
	['no mount', 'image: postgres:17', ''],
	[
		'a data directory elsewhere',
		'image: postgres:17\n    environment: {PGDATA: /x}\n    volumes: ["d:/var/lib/postgresql/data"]',
		'volumes: {d: }',
	],
	[
		'an external volume',
		'image: postgres:17\n    volumes: ["d:/var/lib/postgresql/data"]',
		'volumes: {d: {external: true}}',
	],
	['an image that is built', 'build: .\n    volumes: ["d:/var/lib/postgresql/data"]', 'volumes: {d: }'],
];
for (const [what, service, volumes] of byHand) {
	test(`${what} has to be upgraded by hand`, () => {
		assert.throws(() => editForMajor(`services:\n  db:\n    ${service}\n${volumes}\n`, 'db', 17, 18), {
			code: 'upgrade-by-hand',
		});
	});
}

test('a variable is set in its place, or added', () => {
	assert.equal(withVariable('A=1\n export B=2\nC=3', 'B', 'x'), 'A=1\nB=x\nC=3');
	assert.equal(withVariable('A=1', 'B', 'x'), 'A=1\nB=x\n');
	assert.equal(withVariable('', 'B', 'x'), 'B=x\n');
	assert.equal(withVariable('AB=1\n', 'B', 'x'), 'AB=1\nB=x\n');
});
