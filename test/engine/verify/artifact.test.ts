import assert from 'node:assert/strict';
import {test} from 'node:test';
import {servedPath} from '../../../src/engine/verify/artifact.ts';
import {Failure} from '../../../src/failure.ts';

const run = '8c2f5a0b1d3e4f60718293a4b5c6d7e8';
const pathOf = (artifacts: string): string => servedPath({experiment: '1', run, artifacts});

const served: readonly string[] = [
	`mlflow-artifacts:/1/${run}/artifacts`,
	`mlflow-artifacts:///1/${run}/artifacts`,
	`mlflow-artifacts://mlflow:5000/1/${run}/artifacts`,
	`http://mlflow:5000/api/2.0/mlflow-artifacts/artifacts/1/${run}/artifacts`,
];
for (const uri of served) {
	test(`artifacts at ${uri} are sent through the server`, () => {
		assert.equal(pathOf(uri), `1/${run}/artifacts`);
	});
}

const local: readonly string[] = [
	`/mlruns/1/${run}/artifacts`,
	`./mlruns/1/${run}/artifacts`,
	`file:///app/mlruns/1/${run}/artifacts`,
];
for (const uri of local) {
	test(`artifacts at ${uri} stay with each client, which is a failure with its mend`, () => {
		assert.throws(
			() => pathOf(uri),
			(error) =>
				error instanceof Failure &&
				error.code === 'artifacts-client-local' &&
				/--serve-artifacts --artifacts-destination \/mlartifacts/.test(error.next.join('\n')),
		);
	});
}

test('what clients write to a bucket themselves cannot be proved; the mend names the bucket', () => {
	assert.throws(
		() => pathOf(`s3://experiments/mlflow/1/${run}/artifacts`),
		(error) =>
			error instanceof Failure &&
			error.code === 'artifacts-not-served' &&
			/--artifacts-destination s3:\/\/experiments,/.test(error.next.join('\n')),
	);
});
