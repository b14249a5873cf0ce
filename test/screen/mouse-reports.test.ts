import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {MouseReports, type MouseReport} from '../../src/screen/mouse-reports.ts';

/** What comes of a terminal's characters in these pieces, the mouse being on. */
function taken(pieces: readonly string[], isOn = true): {keys: string; reports: readonly MouseReport[]} {
	const mouse = new MouseReports();
	mouse.isOn = isOn;
	let keys = '';
	const reports: MouseReport[] = [];
	for (const piece of pieces) {
		const came = mouse.take(piece);
		keys += came.keys;
		reports.push(...came.reports);
	}

	return {keys: keys + (mouse.isWaiting ? mouse.release() : ''), reports};
}

for (const [text, kind] of [
	['\u001B[<0;10;5M', 'press'],
	['\u001B[<16;10;5M', 'press'],
	['\u001B[<64;10;5M', 'wheel-up'],
	['\u001B[<65;10;5M', 'wheel-down'],
	['\u001B[<69;10;5M', 'wheel-down'],
	['\u001B[<0;10;5m', undefined],
	['\u001B[<2;10;5M', undefined],
	['\u001B[<35;10;5M', undefined],
	['\u001B[<0;0;5M', undefined],
	['\u001B[<M', undefined],
] as const) {
	test(`${JSON.stringify(text)} is ${kind ?? 'nothing'}`, () => {
		assert.deepEqual(taken([text]), {keys: '', reports: kind ? [{kind, column: 9, row: 4}] : []});
	});
}

test('keys around reports are keys, also those that begin with Escape', () => {
	const {keys, reports} = taken(['j\u001B[<64;1;1M\u001B[Ak\u001B[<0;2;2M\u001BOP\u001B']);
	assert.equal(keys, 'j\u001B[Ak\u001BOP\u001B');
	assert.deepEqual(
		reports.map(({kind}) => kind),
		['wheel-up', 'press'],
	);
});

const number = fc.nat({max: 300});
const whole = fc
	.tuple(fc.constantFrom(0, 1, 2, 16, 64, 65), number, number, fc.constantFrom('M', 'm'))
	.map(([button, column, row, end]) => `\u001B[<${button};${column};${row}${end}`);

test('reports that come in any pieces are what they are whole, and no key', () => {
	fc.assert(
		fc.property(
			fc.array(whole, {maxLength: 8}),
			fc.array(fc.integer({min: 1, max: 12})),
			(reports, lengths) => {
				const text = reports.join('');
				const pieces: string[] = [];
				for (let at = 0, turn = 0; at < text.length; turn++) {
					const length = lengths[turn % lengths.length] ?? text.length;
					pieces.push(text.slice(at, at + length));
					at += length;
				}

				const inPieces = taken(pieces);
				assert.equal(inPieces.keys, '');
				assert.deepEqual(inPieces.reports, taken([text]).reports);
				assert.equal(taken([text], false).keys, '');
			},
		),
	);
});

test('a report that breaks off is no key: what comes next is taken for itself', () => {
	fc.assert(
		fc.property(
			whole,
			fc.nat({max: 12}),
			fc.constantFrom('\u001B[A', 'q', '\u001B[<0;3;4M'),
			(report, at, next) => {
				const broken = report.slice(0, Math.max(3, Math.min(at, report.length - 1)));
				const {keys, reports} = taken([broken, next]);
				assert.equal(keys, next.endsWith('M') ? '' : next);
				assert.equal(reports.length, next.endsWith('M') ? 1 : 0);
			},
		),
	);
});

test('a report without an end does not grow', () => {
	const mouse = new MouseReports();
	for (let count = 0; count < 1000; count++) {
		assert.equal(mouse.take(count === 0 ? '\u001B[<' : '').keys, '');
	}

	assert.equal(mouse.take(`${'1'.repeat(100)}q`).keys, 'q');
});

test('a terminal of the old kind, which sends three bytes, presses no key either', () => {
	assert.deepEqual(taken(['\u001B[M qd']), {keys: '', reports: []});
	assert.deepEqual(taken(['\u001B[M', ' q', 'dj']), {keys: 'j', reports: []});
});

test('while the mouse is off nothing waits, so that Escape is as quick as ever', () => {
	const mouse = new MouseReports();
	assert.equal(mouse.take('\u001B').keys, '\u001B');
	mouse.isOn = true;
	assert.equal(mouse.take('\u001B').keys, '');
	assert.equal(mouse.isWaiting, true);
	assert.equal(mouse.release(), '\u001B');
});
