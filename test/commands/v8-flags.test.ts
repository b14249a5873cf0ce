import assert from 'node:assert/strict';
import {test} from 'node:test';
import {execa} from 'execa';

const module = new URL('../../src/commands/v8-flags.ts', import.meta.url).href;

/** Something that V8 compiles with whatever it has. */
const script = `
const {tuneForFloods} = await import(${JSON.stringify(module)});
tuneForFloods();
function hotLoop(numbers) {
	let sum = 0;
	for (let at = 0; at < 1000; at++) sum += numbers[at % numbers.length] * at;
	return sum;
}
for (let run = 0; run < 20_000; run++) hotLoop([1, 2, 3]);
`;

test('where Turbofan is off, Maglev compiles: else a flood would be drawn by an interpreter', async () => {
	const {stdout} = await execa(process.execPath, [
		'--trace-opt',
		'--import',
		'tsx',
		'--input-type=module',
		'--eval',
		script,
	]);
	const compiled = stdout.split('\n').filter((line) => /^\[completed compiling .*\bhotLoop\b/.test(line));
	const compilers = new Set(compiled.map((line) => /target (\w+)/.exec(line)?.[1]));
	const [major = ''] = process.versions.v8.split('.');
	assert.deepEqual([...compilers], [Number(major) >= 13 ? 'MAGLEV' : 'TURBOFAN']);
});
