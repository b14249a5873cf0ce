import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import fc from 'fast-check';
import {fuzzTargets} from './fuzz-targets.ts';

/**
 * A long run is `MLSTACK_FUZZ_RUNS=100000 npm test -- --only test/logs/fuzz`: what fails is made small, and saved in
 * `test/fixtures/fuzz`, from where it is tried first for ever after.
 */
const longRuns = Number(process.env['MLSTACK_FUZZ_RUNS'] ?? 0);
const runs = longRuns || 100;

const folder = fileURLToPath(new URL('../fixtures/fuzz', import.meta.url));

interface Case {
	readonly name: string;
	readonly bytes: Uint8Array;
	readonly cuts: readonly number[];
}

/** The saved cases of a target: lines of `bytes` as JavaScript writes them in a string, one character a byte, and `cuts`. */
function casesOf(target: string): readonly Case[] {
	return readdirSync(folder)
		.filter((name) => name.startsWith(`${target}-`))
		.map((name) => {
			const saved: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
			assert.ok(typeof saved === 'object' && saved && 'bytes' in saved && 'cuts' in saved, name);
			const {bytes, cuts} = saved;
			assert.ok(typeof bytes === 'string' && Array.isArray(cuts) && cuts.every(Number.isInteger), name);
			return {name, bytes: Buffer.from(bytes, 'latin1'), cuts};
		});
}

function save(target: string, bytes: Uint8Array, cuts: readonly number[]): string {
	const text = `${JSON.stringify({bytes: Buffer.from(bytes).toString('latin1'), cuts}, undefined, '\t')}\n`;
	const path = join(folder, `${target}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}.json`);
	mkdirSync(folder, {recursive: true});
	writeFileSync(path, text);
	return path;
}

/** What bites: beginnings and ends of sequences, controls, half characters, headers, stamps, JSON. */
const pieces = fc
	.oneof(
		fc.constantFrom(
			'\u001B',
			'\u001B[',
			'\u001B]52;c;',
			'\u001BP',
			'\u001B\\',
			'\u001B[31m',
			'\u001B[>4m',
			'\u001B[?1049h',
			'\u001B[8',
			'm',
			'0;',
			'H',
			'2J',
			'\u0007',
			'\b',
			'\r',
			'\n',
			'\t',
			'\r\n',
			'ERROR: ',
			'10%\r',
			'\u001B[G',

			'\u0085',
			'\u009B31m',
			'\u009D0;',
			'\u009C',
			'\u202E',
			'\u200F',
			'\uFEFF',
			'漢',
			'e\u0301',
			'👩🏽‍🔬',
			'\u00AD',
			'2026-11-24T05:34:25.087180742Z ',
			'2026-11-24T05:34:2',
			' '.repeat(20),
			'x'.repeat(70),
			'{"a":',
			'"\\u00',
			'1}\n',
			'[]\n',
			'null\n',
			'"',
		),
		fc.string({maxLength: 6}),
	)
	.map((text) => Buffer.from(text));
const raw = fc.oneof(
	fc.uint8Array({maxLength: 12}).map((bytes) => Buffer.from(bytes)),
	fc
		.constantFrom('\u009B', '\u009D', '\u0090', '\u0085', '\u00E9', '\u00F0\u009F', '\u00C3')
		.map((text) => Buffer.from(text, 'latin1')),
	fc.tuple(fc.nat(4), fc.nat(20)).map(([type, size]) => Buffer.from([type, 0, 0, 0, 0, 0, 0, size])),
);
const random = fc
	.array(fc.oneof({weight: 3, arbitrary: pieces}, raw), {maxLength: 30})
	.map((all) => Buffer.concat(all));
const large = fc
	.tuple(random, fc.integer({min: 16_000, max: 70_000}), random)
	.map(([head, size, tail]) => Buffer.concat([head, Buffer.alloc(size, head.length > 0 ? head : 'x'), tail]));
const cuts = fc.array(fc.integer({min: 1, max: 60}), {minLength: 1, maxLength: 6});

for (const {name, check} of fuzzTargets) {
	const saved = casesOf(name);
	for (const {name: file, bytes, cuts} of saved) {
		test(`saved case ${file}`, async () => check(bytes, cuts));
	}

	test(`fuzzing: ${name}`, async () => {
		/** A saved case with something else in its middle. */
		const mutated = fc.tuple(fc.nat(), fc.nat(), random, fc.nat(8)).map(([which, at, inserted, dropped]) => {
			const {bytes} = saved[which % saved.length] ?? {bytes: Buffer.alloc(0)};
			const place = at % (bytes.length + 1);
			return Buffer.concat([bytes.subarray(0, place), inserted, bytes.subarray(place + dropped)]);
		});
		const bytes = fc.oneof(
			{weight: 6, arbitrary: random},
			{weight: 3, arbitrary: mutated},
			{weight: name === 'ring' ? 0 : 1, arbitrary: large},
		);
		const {failed, counterexample, errorInstance} = await fc.check(
			fc.asyncProperty(bytes, cuts, async (bytes, cuts) => check(bytes, cuts)),
			{numRuns: runs},
		);
		if (failed && counterexample) {
			const where = longRuns > 0 ? save(name, ...counterexample) : 'not saved: this was no long run';
			const [bytes, cuts] = counterexample;
			assert.fail(
				`${where}\n${JSON.stringify(bytes.toString('latin1').slice(0, 500))} ${JSON.stringify(cuts)}\n${errorInstance instanceof Error ? errorInstance.stack : String(errorInstance)}`,
			);
		}
	});
}
