import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as fc from 'fast-check';
import {parse, stringify} from 'yaml';
import {addItem, onOneLine, quoted, removeIn, renameKey, setIn} from '../../../src/stack/lint/edit.ts';

const file = `# The stack of the team.
services:

  db:   # do not rename
    image: 'postgres'
    ports: ["5432:5432"]   # for psql
    environment: {USER: root, "PASSWORD": 0000}

    # the data
    volumes:
    - pgdata:/data
    command: >
      postgres
      -c x=1

volumes:
  pgdata:
`;

/** The file with one part replaced, to compare with what an edit made of it. */
const replaced = (from: string, to: string): string => {
	assert.ok(file.includes(from));
	return file.replace(from, () => to);
};

test('a value is replaced, and nothing else', () => {
	assert.equal(
		setIn(file, ['services', 'db', 'image'], 'postgres:18'),
		replaced("'postgres'", 'postgres:18'),
	);
	assert.equal(
		setIn(file, ['services', 'db', 'ports', 0], quoted('127.0.0.1:5432:5432')),
		replaced('"5432:5432"', '"127.0.0.1:5432:5432"'),
	);
	assert.equal(
		setIn(file, ['services', 'db', 'environment', 'PASSWORD'], quoted('0000')),
		replaced('0000', '"0000"'),
	);
	assert.equal(
		setIn(file, ['services', 'db', 'volumes', 0], 'pgdata:/other'),
		replaced('pgdata:/data', 'pgdata:/other'),
	);
	assert.equal(setIn(file, ['volumes', 'pgdata'], {}), replaced('  pgdata:\n', '  pgdata: {}\n'));
});

test('a value of several lines takes the place of another', () => {
	assert.equal(
		setIn(file, ['services', 'db', 'command'], ['postgres', '-c', 'x=1']),
		replaced(
			'command: >\n      postgres\n      -c x=1',
			'command:\n      - postgres\n      - -c\n      - x=1',
		),
	);
	assert.equal(
		setIn(file, ['services', 'db', 'ports'], ['1:1', '2:2']),
		replaced('ports: ["5432:5432"]   # for psql', 'ports: # for psql\n      - 1:1\n      - 2:2'),
	);
	assert.equal(
		setIn(file, ['services', 'db', 'image'], 'a\nb\n'),
		replaced("'postgres'", '|\n      a\n      b'),
	);
	assert.equal(
		setIn(file, ['services', 'db', 'command'], 'one'),
		replaced('>\n      postgres\n      -c x=1', 'one'),
	);
});

test('a key that is missing is added at the end of its map, with what is missing above it', () => {
	assert.equal(
		setIn(file, ['services', 'db', 'healthcheck'], {test: onOneLine(['CMD', 'true']), retries: 3}),
		replaced(
			'      -c x=1\n',
			'      -c x=1\n    healthcheck:\n      test: [CMD, "true"]\n      retries: 3\n',
		),
	);
	assert.equal(
		setIn(file, ['services', 'db', 'environment', 'DB'], 'kws'),
		replaced('"PASSWORD": 0000}', '"PASSWORD": 0000, DB: kws}'),
	);
	assert.equal(
		setIn(file, ['services', 'db', 'depends_on', 'x', 'condition'], 'y'),
		replaced('      -c x=1\n', '      -c x=1\n    depends_on:\n      x:\n        condition: y\n'),
	);
});

test('a key without a value is taken for an empty map; another value is not written over', () => {
	assert.equal(
		setIn(file, ['volumes', 'pgdata', 'external'], true),
		replaced('  pgdata:\n', '  pgdata:\n    external: true\n'),
	);
	assert.equal(setIn(file, ['services', 'db', 'image', 'x'], 1), file);
});

test('an item is added to a list of either form, or a list made for it', () => {
	const path = ['services', 'db'];
	assert.equal(
		addItem(file, [...path, 'volumes'], 'b:/b'),
		replaced('- pgdata:/data\n', '- pgdata:/data\n    - b:/b\n'),
	);
	assert.equal(addItem(file, [...path, 'ports'], '1:1'), replaced('["5432:5432"]', '["5432:5432", 1:1]'));
	assert.equal(
		addItem(file, [...path, 'dns'], 'a'),
		replaced('      -c x=1\n', '      -c x=1\n    dns:\n      - a\n'),
	);
});

test('a key is removed with its lines, comments before it stay', () => {
	assert.equal(
		removeIn(file, ['services', 'db', 'ports']),
		replaced('    ports: ["5432:5432"]   # for psql\n', ''),
	);
	assert.equal(
		removeIn(file, ['services', 'db', 'volumes']),
		replaced('    volumes:\n    - pgdata:/data\n', ''),
	);
	assert.equal(removeIn(file, ['services', 'db', 'environment', 'USER']), replaced('USER: root, ', ''));
	assert.equal(
		removeIn(file, ['services', 'db', 'environment', 'PASSWORD']),
		replaced(', "PASSWORD": 0000', ''),
	);
	assert.equal(removeIn(file, ['nothing']), file);
	assert.equal(removeIn('version: "3"\n\nservices: {}\n', ['version']), 'services: {}\n');
});

test('a key is renamed in its place', () => {
	assert.equal(renameKey(file, ['services', 'db', 'image'], 'build'), replaced('image:', 'build:'));
});

test('a file without a last line break, or with Windows’ line breaks, stays one', () => {
	assert.equal(setIn('a: 1', ['b'], 2), 'a: 1\nb: 2');
	assert.equal(parse(setIn('a: 1\r\nb:\r\n  c: 3\r\n', ['b', 'd'], 4)).b.d, 4);
});

type Tree = string | number | readonly string[] | {readonly [key: string]: Tree};

const key = fc.stringMatching(/^[a-z]{1,4}$/);
const leaf = fc.oneof(
	fc.stringMatching(/^[a-z0-9 :#-]{0,12}$/),
	fc.integer(),
	fc.array(fc.stringMatching(/^[a-z]{1,5}$/), {minLength: 1, maxLength: 3}),
);
const tree = fc.letrec<{map: Record<string, Tree>; node: Tree}>((tie) => ({
	map: fc.dictionary(key, tie('node'), {minKeys: 1, maxKeys: 4, noNullPrototype: true}),
	node: fc.oneof({depthSize: 'small', withCrossShrink: true}, leaf, tie('map')),
})).map;

const setDeep = (
	map: Record<string, Tree>,
	[first = '', ...rest]: readonly string[],
	value: Tree,
): Record<string, Tree> => {
	const inner = map[first];
	const isMap = typeof inner === 'object' && !Array.isArray(inner);
	return {
		...map,
		[first]:
			rest.length === 0 ? value : setDeep(isMap ? {...(inner as Record<string, Tree>)} : {}, rest, value),
	};
};

/** Whether the path leads through maps only, as far as it leads. */
const leads = (map: Tree, [first = '', ...rest]: readonly string[]): boolean =>
	typeof map === 'object' &&
	!Array.isArray(map) &&
	(rest.length === 0 || !(first in map) || leads((map as Record<string, Tree>)[first] ?? '', rest));

test('whatever is set in whatever file is there afterwards, all else is unchanged, and every other comment stays', () => {
	fc.assert(
		fc.property(
			tree,
			fc.array(key, {minLength: 1, maxLength: 3}),
			fc.oneof(leaf, tree),
			(map, path, value) => {
				fc.pre(leads(map, path));
				const text = stringify(map, {lineWidth: 0})
					.trimEnd()
					.split('\n')
					.map(
						(line, index) => `# before ${index}\n${line}${/[|>]-?$/.test(line) ? '' : ` # behind ${index}`}`,
					)
					.join('\n');
				fc.pre(!/[|>]-?\n/.test(text));
				const changed = setIn(`${text}\n`, path, value);
				assert.deepEqual(parse(changed), setDeep(map, path, value));
				const isReplaced = path.reduce<Tree | undefined>(
					(inner, key) => (typeof inner === 'object' ? (inner as Record<string, Tree>)[key] : undefined),
					map,
				);
				if (isReplaced === undefined) {
					for (const comment of text.match(/# (?:before|behind) \d+/g) ?? []) {
						assert.ok(changed.includes(comment), comment);
					}
				}
			},
		),
	);
});
