import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {
	commandRow,
	commands,
	commonOptions,
	isCommandName,
	optionNames,
	optionRow,
	options,
	type CommandName,
	type Values,
} from '../src/arguments.ts';
import {Failure} from '../src/failure.ts';
import {levels} from '../src/logs/levels.ts';
import {nearest, parseCall} from '../src/parse-arguments.ts';

interface Understood {
	readonly line: string;
	readonly command: CommandName;
	readonly values?: Values;
	readonly positionals?: readonly string[];
}

const understood: readonly Understood[] = [
	{line: '', command: 'tui'},
	{line: 'tui', command: 'tui'},
	{line: '-f compose.yaml', command: 'tui', values: {file: ['compose.yaml']}},
	{line: 'tui -f a.yaml -p kws', command: 'tui', values: {file: ['a.yaml'], project: 'kws'}},
	{line: '-f a.yaml -f b.yaml up', command: 'up', values: {file: ['a.yaml', 'b.yaml']}},
	{line: '-f a.yaml up -f b.yaml', command: 'up', values: {file: ['a.yaml', 'b.yaml']}},
	{line: 'up postgres mlflow', command: 'up', positionals: ['postgres', 'mlflow']},
	{line: '--wait up --timeout 60', command: 'up', values: {wait: true, timeout: 60}},
	{line: 'up --timeout=60 postgres', command: 'up', values: {timeout: 60}, positionals: ['postgres']},
	{line: '--json status', command: 'status', values: {json: true}},
	{line: 'status -w --json', command: 'status', values: {watch: true, json: true}},
	{line: 'logs -f', command: 'logs', values: {follow: true}},
	{line: 'logs -f mlflow', command: 'logs', values: {follow: true}, positionals: ['mlflow']},
	{line: '-f a.yaml logs -f', command: 'logs', values: {file: ['a.yaml'], follow: true}},
	{line: 'logs --file a.yaml -f', command: 'logs', values: {file: ['a.yaml'], follow: true}},
	{line: '--follow logs', command: 'logs', values: {follow: true}},
	{line: '-n 5 logs', command: 'logs', values: {tail: 5}},
	{line: 'logs -ftn5', command: 'logs', values: {follow: true, timestamps: true, tail: 5}},
	{line: 'logs -n 5 -n 7', command: 'logs', values: {tail: 7}},
	{line: 'logs --level error', command: 'logs', values: {level: 'error'}},
	{line: 'logs --grep=-x', command: 'logs', values: {grep: '-x'}},
	{line: 'logs -- -odd', command: 'logs', positionals: ['-odd']},
	{line: '-f - up', command: 'up', values: {file: ['-']}},
	{line: '--engine native up', command: 'up', values: {engine: 'native'}},
	{line: '-H ssh://gpu -c work status', command: 'status', values: {host: 'ssh://gpu', context: 'work'}},
	{line: 'down -y', command: 'down', values: {yes: true}},
	{
		line: '--no-stats --ascii --theme light --buffer 100',
		command: 'tui',
		values: {'no-stats': true, ascii: true, theme: 'light', buffer: 100},
	},
	{line: '--help', command: 'help'},
	{line: '-h', command: 'help'},
	{line: 'logs --help', command: 'help', positionals: ['logs']},
	{line: '--help logs', command: 'help', positionals: ['logs']},
	{line: 'logs --bogus -h', command: 'help', positionals: ['logs']},
	{line: 'help logs', command: 'help', positionals: ['logs']},
	{line: '--version', command: 'version', values: {version: true}},
	{line: '-v', command: 'version', values: {version: true}},
];

function words(line: string): readonly string[] {
	return line.split(' ').filter((word) => word !== '');
}

for (const {line, command, values = {}, positionals = []} of understood) {
	test(`\`mlstack ${line}\` is understood`, () => {
		assert.deepEqual(parseCall(words(line)), {command, values, positionals});
	});
}

const refused: ReadonlyArray<readonly [line: string, what: RegExp, why?: RegExp]> = [
	['statsu', /`statsu` is not a command of mlstack/, /`status`\?/],
	['dwon', /`dwon` is not a command/, /`down`\?/],
	['rest', /`rest` is not a command/, /`restart`\?/],
	['frobnicate', /`frobnicate` is not a command/],
	['status --jsno', /`--jsno` is not an option of `mlstack status`/, /`--json`\?/],
	['status --tail 5', /`--tail` is not an option of `mlstack status`/, /belongs to `mlstack logs`/],
	['--wait status', /`--wait` is not an option of `mlstack status`/, /belongs to `mlstack up`/],
	['status -x', /`-x` is not an option of `mlstack status`/],
	['up --timeout', /`--timeout` needs a value/],
	['up --timeout soon', /`--timeout` needs a whole number, not `soon`/],
	['up --timeout=-5', /`--timeout` needs a whole number/],
	['up --timeout 1.5', /`--timeout` needs a whole number/],
	['--file --json status', /`--file` needs a value/],
	['--file= status', /`--file` needs a value/],
	['up --wait=yes', /`--wait` takes no value/],
	[
		'logs --level wraning',
		/`--level` is one of debug, info, warning, error, fatal, not `wraning`/,
		/`warning`\?/,
	],
	['--engine podman up', /`--engine` is one of auto, docker, native, not `podman`/],
	['status postgres', /`mlstack status` does not take `postgres`/],
	['help up down', /`mlstack help` does not take `down`/],
];

for (const [line, what, why] of refused) {
	test(`\`mlstack ${line}\` is a wrong call, and it says which word`, () => {
		assert.throws(
			() => parseCall(words(line)),
			(error) => {
				assert.ok(error instanceof Failure);
				assert.match(error.message, what);
				assert.equal(error.reason, 'wrongCall');
				assert.match(error.next[0] ?? '', /^mlstack help/);
				assert.match(error.why, why ?? /^$/);
				return true;
			},
		);
	});
}

test('whatever is typed, it is understood or a wrong call', () => {
	const known = optionNames.flatMap((name) => [`--${name}`, `-${optionRow(name).short ?? 'x'}`]);
	const word = fc.oneof(fc.constantFrom(...known, ...Object.keys(commands), '--', '-'), fc.string());
	fc.assert(
		fc.property(fc.array(word, {maxLength: 6}), (argv) => {
			try {
				const {command, positionals} = parseCall(argv);
				assert.ok(isCommandName(command));
				assert.ok(positionals.every((each) => argv.includes(each) || isCommandName(each)));
			} catch (error) {
				assert.ok(error instanceof Failure && error.reason === 'wrongCall', String(error));
			}
		}),
	);
});

for (const name of Object.keys(commands).filter(isCommandName)) {
	const {summary, options: own, examples, load} = commandRow(name);

	test(`\`mlstack ${name}\` has a module, a summary, and examples that are understood`, async () => {
		assert.equal(typeof (await load()).run, 'function');
		assert.match(summary, /^\S.*[^.]$/);
		assert.ok(examples.length > 0);
		for (const [example] of examples) {
			const line = /mlstack ?([^|)]*)/.exec(example)?.[1] ?? '';
			assert.ok(parseCall(words(line)).command === name || name === 'tui', example);
		}
	});

	test(`no two options of \`mlstack ${name}\` share a short name, but for -f`, () => {
		const shorts = [...own, ...commonOptions].flatMap((option) => optionRow(option).short ?? []);
		const repeated = shorts.filter((short, index) => shorts.indexOf(short) !== index);
		assert.deepEqual(repeated, name === 'logs' ? ['f'] : []);
	});
}

test('every option belongs to a command, and one that takes a value names it', () => {
	const used = new Set([
		...commonOptions,
		...Object.keys(commands)
			.filter(isCommandName)
			.flatMap((name) => commandRow(name).options),
	]);
	assert.deepEqual(
		optionNames.filter((name) => !used.has(name)),
		[],
	);
	for (const name of optionNames) {
		const {type, value} = optionRow(name);
		assert.equal(value === undefined, type === 'flag', name);
	}
});

test('--level knows the levels that logs are sorted by', () => {
	assert.deepEqual(options.level.choices, levels);
});

test('the nearest word is one that begins so, or is two slips away', () => {
	const names = ['status', 'start', 'stop', 'restart'];
	assert.equal(nearest('stat', names), 'status');
	assert.equal(nearest('strat', names), 'start');
	assert.equal(nearest('sto', names), 'stop');
	assert.equal(nearest('x', names), undefined);
	assert.equal(nearest('logs', names), undefined);
	assert.equal(nearest('', names), undefined);
});
