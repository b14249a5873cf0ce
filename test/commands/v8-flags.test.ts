import assert from 'node:assert/strict';
import {test} from 'node:test';
import {execa} from 'execa';

const moduleOf = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);

/** Something that V8 compiles with whatever it has. */
const script = `
const {tuneForFloods, tuneForManyLines} = await import(${moduleOf('commands/v8-flags.ts')});
tuneForFloods();
function hotLoop(numbers) {
	let sum = 0;
	for (let at = 0; at < 1000; at++) sum += numbers[at % numbers.length] * at;
	return sum;
}
for (let run = 0; run < 20_000; run++) hotLoop([1, 2, 3]);
function onceAFrame(numbers) {
	return numbers.map((number) => number + 1).filter((number) => number > 2).length;
}
for (let frame = 0; frame < 900; frame++) onceAFrame([1, 2, 3]);
`;

/** So many lines come, and the same function goes on. */
const goOnAfter = (lines: number) => `
const {LogBook} = await import(${moduleOf('logs/book.ts')});
const {Store} = await import(${moduleOf('store.ts')});
const store = new Store(new LogBook(), {columns: 80, rows: 24, stats: false});
tuneForManyLines(store);
for (let line = 0; line < ${lines}; line += 1000) {
	store.book.append('mlflow', new Array(1000).fill({time: 1, stamp: '', stream: 'stdout', text: ''}));
	store.dispatch({type: 'logs'});
}
for (let run = 0; run < 100_000; run++) hotLoop([1, 2, 3]);
`;

/** The names of the compilers that compiled a function. */
async function compilersOf(name: string, more = ''): Promise<readonly string[]> {
	const {stdout} = await execa(process.execPath, [
		'--trace-opt',
		'--import',
		'tsx',
		'--input-type=module',
		'--eval',
		script + more,
	]);
	const compiled = stdout
		.split('\n')
		.filter((line) => line.startsWith('[completed compiling ') && line.includes(` ${name} `));
	return [...new Set(compiled.flatMap((line) => /target ([A-Z]+)/.exec(line)?.[1] ?? []))];
}

const [major = ''] = process.versions.v8.split('.');
const hasMaglev = Number(major) >= 13;

test('where Turbofan is off, Maglev compiles: else a flood would be drawn by an interpreter', async () => {
	assert.deepEqual(await compilersOf('hotLoop'), [hasMaglev ? 'MAGLEV' : 'TURBOFAN']);
});

for (const [lines, compilers] of [
	[249_000, ['MAGLEV']],
	[251_000, ['MAGLEV', 'TURBOFAN']],
] as const) {
	test(
		`after ${lines} lines V8 has compiled with ${compilers.join(', then ')}`,
		{skip: !hasMaglev && 'no Maglev'},
		async () => {
			assert.deepEqual(await compilersOf('hotLoop', goOnAfter(lines)), compilers);
		},
	);
}

test(
	'what has run 900 times is not worth the memory to compile it',
	{skip: !hasMaglev && 'no Maglev'},
	async () => {
		assert.deepEqual(await compilersOf('onceAFrame'), []);
	},
);
