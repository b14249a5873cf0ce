import assert from 'node:assert/strict';
import {test} from 'node:test';
import {compareVersions, parseImage, postgresMajor, releaseOf} from '../../../src/stack/lint/images.ts';

test('an image reference is taken apart', () => {
	assert.deepEqual(parseImage('docker.io/library/postgres:18-trixie@sha256:ab'), {
		repository: 'postgres',
		tag: '18-trixie',
		digest: 'sha256:ab',
	});
	assert.deepEqual(parseImage('localhost:5000/kws/mlflow'), {
		repository: 'localhost:5000/kws/mlflow',
		tag: '',
		digest: '',
	});
});

test('the major version of PostgreSQL is read off the images that keep data as the official one does', () => {
	for (const [image, major] of [
		['postgres', 18],
		['postgres:latest', 18],
		['postgres:17.2-bookworm', 17],
		['postgres:9.6', 9],
		['pgvector/pgvector:pg18', 18],
		['pgvector/pgvector:0.8.1-pg17-trixie', 17],
		['postgis/postgis:18-3.6', 18],
		['pgvector/pgvector', undefined],
		['postgres:nightly', undefined],
		['bitnami/postgresql:17', undefined],
	] as const) {
		assert.equal(postgresMajor(parseImage(image)), major, image);
	}
});

test('a release is told from one whose number begins alike', () => {
	for (const [image, release] of [
		['python:3.1', undefined],
		['python:3.10-slim', '3.10'],
		['python:3.9.25', '3.9'],
		['python:3', undefined],
		['postgres:13', '13'],
		['postgres:9.6.24', '9'],
	] as const) {
		assert.equal(releaseOf(parseImage(image))?.release, release, image);
	}
});

test('versions are compared by their numbers', () => {
	for (const [a, b, sign] of [
		['3.9', '3.10', -1],
		['3.17.2', '3.17.0', 1],
		['3.17', '3.17.0', 0],
		['2.22.5', '3.1.4', -1],
		['3.9-slim', '3.9.1', -1],
	] as const) {
		assert.equal(Math.sign(compareVersions(a, b)), sign, `${a} ${b}`);
	}
});
