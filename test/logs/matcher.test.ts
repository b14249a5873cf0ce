import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {createMatcher, highlights, type Matcher} from '../../src/logs/matcher.ts';
import {withinTime} from '../../src/logs/time-limit.ts';

function matcherFor(query: string, options?: {regex: boolean}): Matcher {
	const matcher = createMatcher(query, options);
	assert.ok(matcher.ok);
	return matcher;
}

test('small letters find both, a capital only itself', () => {
	assert.ok(matcherFor('alembic').test('INFO  [Alembic]'));
	assert.ok(matcherFor('größe').test('GRÖSSE GRÖßE'));
	assert.ok(!matcherFor('Alembic').test('alembic'));
	assert.ok(matcherFor('Alembic').test('[Alembic]'));
	assert.ok(matcherFor(String.raw`a\Sb`, {regex: true}).test('AxB'), 'an escape is no capital');
});

test('text is looked for as it is', () => {
	fc.assert(
		fc.property(fc.string({minLength: 1}), fc.string(), fc.string(), (query, before, after) => {
			const text = before + query + after;
			assert.ok(matcherFor(query).test(text));
			assert.ok(matcherFor(query).ranges(text).length > 0);
		}),
	);
});

test('every place is found, with its length', () => {
	assert.deepEqual(matcherFor('ab').ranges('ab xAB ab'), [
		{start: 0, end: 2},
		{start: 4, end: 6},
		{start: 7, end: 9},
	]);
	assert.deepEqual(matcherFor('a*', {regex: true}).ranges('baac'), [{start: 1, end: 3}]);
	assert.deepEqual(matcherFor('ab').ranges('no'), []);
});

test('regular expressions may be written without care for Unicode mode', () => {
	assert.ok(matcherFor(String.raw`mlflow\-\d+`, {regex: true}).test('mlflow-3'));
	assert.ok(matcherFor('^.$', {regex: true}).test('😀'));
});

test('what cannot be looked for is said, not thrown', () => {
	assert.deepEqual(createMatcher('(', {regex: true}), {ok: false, why: 'unterminated group'});
	assert.deepEqual(createMatcher(''), {ok: false, why: 'there is nothing to look for'});
});

test('work that never ends is ended', () => {
	const matcher = matcherFor('^(a+)+$', {regex: true});
	let result: boolean | undefined;
	assert.equal(
		withinTime(20, () => {
			result = matcher.test(`${'a'.repeat(60)}b`);
		}),
		false,
	);
	assert.equal(result, undefined);
	assert.equal(
		withinTime(5000, () => {
			result = matcher.test('aaa');
		}),
		true,
	);
	assert.equal(result, true);
	assert.throws(
		() =>
			withinTime(5000, () => {
				throw new RangeError('own');
			}),
		RangeError,
	);
});

test('the screen has highlights, or none when they would take too long', () => {
	const texts = ['xaax', `${'a'.repeat(60)}b`];
	assert.deepEqual(
		highlights(matcherFor('a+', {regex: true}), texts).map(({length}) => length),
		[1, 1],
	);
	assert.deepEqual(
		highlights(matcherFor('aa'), texts).map(({length}) => length),
		[1, 30],
	);
	assert.deepEqual(highlights(matcherFor('^(a+)+$|x', {regex: true}), texts), [[], []]);
});
