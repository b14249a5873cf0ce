import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {LogPage} from '../../src/logs/page.ts';
import {classify} from '../../src/logs/records.ts';
import {lineOf} from './support.ts';

const owner = {service: 'mlflow', log: 'mlflow 2'};
const plainClass = classify(undefined, 'plain');

for (const [characters, more] of [
	['of Latin-1', []],
	['of every kind', ['中', '😀', '\uD83D']],
] as const) {
	test(`a line with characters ${characters} reads the same before and after its page is full`, () => {
		const units = ['a', 'é', '\u00FF', ' ', '\u001B[31m', '\u001B[0m', ...more];
		const text = fc.string({unit: fc.constantFrom(...units)});
		const line = fc.record({
			text: fc.oneof(text, fc.constant('x'.repeat(20_000))),
			stream: fc.constantFrom('stdout' as const, 'stderr' as const),
			stamp: fc.constantFrom('', '2026-11-24T05:34:25.000000001Z', '2026-11-24T05:34:25+01:00'),
			time: fc.double({noNaN: true, noDefaultInfinity: true}),
			order: fc.double({noNaN: true, noDefaultInfinity: true}),
			rule: fc.boolean(),
		});
		fc.assert(
			fc.property(
				fc.array(line, {minLength: 250, maxLength: 600, size: 'max'}),
				fc.integer(),
				(lines, first) => {
					let page = new LogPage(owner, first);
					const added = lines.map(({text: written, order, rule, ...rest}) => {
						page = page.isFull ? new LogPage(owner, page.end) : page;
						const plain = written.replaceAll(/\u001B\[\d*m/g, '');
						return page.add(
							{...rest, text: 'as it came'},
							{text: written, plain, order, rule, lineClass: plainClass},
						);
					});
					assert.equal(page.end, first + lines.length);
					for (const [at, {text: written, stamp, stream, time, order, rule}] of lines.entries()) {
						const entry = added[at];
						assert.deepEqual(
							[
								entry?.text,
								entry?.stamp,
								entry?.stream,
								entry?.time,
								entry?.order,
								entry?.rule,
								entry?.index,
							],
							[written, stamp, stream, time, order, rule, first + at],
						);
						assert.equal(entry?.plain, written.replaceAll(/\u001B\[\d*m/g, ''));
						assert.ok((entry?.cost ?? 0) >= 2 * written.length);
					}
				},
			),
			{numRuns: 20},
		);
	});
}

test('a page ends where long lines have filled it, so that none of them is held for the others', () => {
	const page = new LogPage(owner, 0);
	const text = 'x'.repeat(64 * 1024);
	while (!page.isFull) {
		page.add(lineOf(page.end), {text, plain: text, order: 0, rule: false, lineClass: plainClass});
	}

	assert.equal(page.end, 4);
});
