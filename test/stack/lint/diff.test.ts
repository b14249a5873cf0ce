import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as fc from 'fast-check';
import {diff} from '../../../src/stack/lint/diff.ts';

test('a change is shown as `diff -u` shows it', () => {
	const before = `${['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'].join('\n')}\n`;
	const after = before.replace('b\n', '').replace('k\n', 'k1\nk2\n');
	assert.equal(
		diff(before, after, 'compose.yaml'),
		`--- compose.yaml
+++ compose.yaml
@@ -1,5 +1,4 @@
 a
-b
 c
 d
 e
@@ -8,5 +7,6 @@
 h
 i
 j
-k
+k1
+k2
 l
`,
	);
});

test('a file that is new, empty, or lacks its last line break is shown, too', () => {
	assert.equal(diff('', 'a\n'), '--- compose.yaml\n+++ compose.yaml\n@@ -0,0 +1 @@\n+a\n');
	assert.equal(diff('a\n', ''), '--- compose.yaml\n+++ compose.yaml\n@@ -1 +0,0 @@\n-a\n');
	assert.match(diff('a', 'a\n'), /@@ -1 \+1 @@\n-a\n\\ No newline at end of file\n\+a\n$/);
	assert.equal(diff('a\n', 'a\n'), '');
});

/** What `patch` does with a hunk, for files that end with a line break. */
function patched(before: string, patch: string): string {
	const lines = before.split('\n').slice(0, -1);
	const result: string[] = [];
	let at = 0;
	for (const line of patch.split('\n').slice(2, -1)) {
		const [, start, count] = /^@@ -(\d+)(?:,(\d+))? /.exec(line) ?? [];
		if (start !== undefined) {
			const from = count === '0' ? Number(start) : Number(start) - 1;
			result.push(...lines.slice(at, from));
			at = from;
		} else if (line.startsWith('+')) {
			result.push(line.slice(1));
		} else {
			assert.equal(lines[at], line.slice(1));
			result.push(...(line.startsWith(' ') ? [line.slice(1)] : []));
			at++;
		}
	}

	return [...result, ...lines.slice(at)].map((line) => `${line}\n`).join('');
}

test('a difference that is applied to the first text gives the second', () => {
	const text = fc
		.array(fc.constantFrom('a', 'b', 'c', '', '+x', '@@ y'), {maxLength: 30})
		.map((lines) => lines.map((line) => `${line}\n`).join(''));
	fc.assert(
		fc.property(text, text, (before, after) => {
			assert.equal(patched(before, before === after ? '--- \n+++ \n' : diff(before, after)), after);
		}),
	);
});
