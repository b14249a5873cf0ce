import assert from 'node:assert/strict';
import {test} from 'node:test';
import * as fc from 'fast-check';
import {
	optionOf,
	pipPackages,
	readCommand,
	withOption,
	withoutOption,
	writeCommand,
} from '../../../src/stack/lint/command.ts';
import {quoteWord, splitWords, tokenize} from '../../../src/stack/lint/shell.ts';

test('a shell line is taken apart into words and operators', () => {
	const tokens = tokenize(`a 'b c'"d \\" e"f && g;h|i \\\n j # comment\nk "$$X" \${Y}`);
	assert.deepEqual(
		tokens.map(({kind, text, expands}) =>
			kind === 'operator' ? `<${text}>` : `${text}${expands ? '!' : ''}`,
		),
		['a', 'b cd " ef', '<&&>', 'g', '<;>', 'h', '<|>', 'i', 'j', '<\n>', 'k', '$$X!', '${Y}'],
	);
});

test('compose splits a command at white space and by quotes, whose line breaks stay', () => {
	assert.deepEqual(splitWords('bash  -c "\n  a &&\n  b\n" && c\n'), [
		'bash',
		'-c',
		'\n  a &&\n  b\n',
		'&&',
		'c',
	]);
	assert.deepEqual(splitWords('  '), []);
});

test('whatever a shell line holds, it is read to its end', () => {
	fc.assert(
		fc.property(
			fc.string({unit: fc.constantFrom('a', ' ', "'", '"', '\\', '\n', '$', '&', ';', '#', '`')}),
			(line) => {
				assert.ok(Array.isArray(tokenize(line)));
				assert.ok(splitWords(line).every((word) => typeof word === 'string'));
			},
		),
	);
});

test('a word in quotes is read as it was', () => {
	fc.assert(
		fc.property(
			fc.string().filter((word) => word !== '' && !word.includes('$$')),
			(word) => {
				assert.deepEqual(
					tokenize(quoteWord(word)).map(({text}) => text),
					[word],
				);
			},
		),
	);
});

test('the server and what runs before it are found in the forms that people write', () => {
	const forms: readonly (readonly [command: readonly string[], expected: unknown])[] = [
		[
			['mlflow', 'server', '--port', '1'],
			{isCut: false, before: [], server: ['mlflow', 'server', '--port', '1']},
		],
		[
			['bash', '-c', 'pip install mlflow &&\n mlflow server \n --port 1\n --host x\n'],
			{
				isCut: true,
				before: [['pip', 'install', 'mlflow']],
				server: ['mlflow', 'server', '--port', '1', '--host', 'x'],
			},
		],
		[
			['/bin/sh', '-ec', 'mlflow server \\\n --port 1'],
			{isCut: false, before: [], server: ['mlflow', 'server', '--port', '1']},
		],
		[
			['sh', '-c', 'exec python -m mlflow ui'],
			{isCut: false, before: [], server: ['python', '-m', 'mlflow', 'ui']},
		],
	];
	for (const [command, expected] of forms) {
		const {isCut, before, server} = readCommand(command) ?? assert.fail(command.join(' '));
		assert.deepEqual({isCut, before, server}, expected);
	}

	for (const other of [
		['jupyter', 'lab'],
		['sh', '-c', 'sleep 1; echo mlflow'],
		['mlflow', 'gc'],
		[],
		['bash'],
	]) {
		assert.equal(readCommand(other), undefined);
	}
});

test('a command needs its shell for variables, pipes and what comes after the server', () => {
	for (const [script, needsShell] of [
		['pip install mlflow && mlflow server', false],
		['mlflow server --backend-store-uri ${URI}', false],
		['mlflow server --backend-store-uri $$URI', true],
		['mlflow server | tee log', true],
		['mlflow server & wait', true],
		['mlflow server --port `echo 1`', true],
	] as const) {
		assert.equal(readCommand(['sh', '-c', script])?.needsShell, needsShell, script);
	}
});

test('a command that is written is read as the same command', () => {
	for (const script of [
		'a "b c" && mlflow server --x \'y z\'',
		'mlflow server --uri "$$URI"',
		'mlflow server --x 1',
	]) {
		const command = readCommand(['sh', '-c', script]) ?? assert.fail();
		const again = readCommand(writeCommand(command)) ?? assert.fail();
		assert.deepEqual([again.server, again.before], [command.server, command.before]);
	}
});

test('options are read, set and removed in both their forms', () => {
	const words = ['mlflow', 'server', '--host', 'a', '--port=1'];
	assert.equal(optionOf(words, '--host', '-h'), 'a');
	assert.equal(optionOf(words, '--port'), '1');
	assert.equal(optionOf(words, '--other'), undefined);
	assert.deepEqual(withOption(words, '--host', 'b'), ['mlflow', 'server', '--host', 'b', '--port=1']);
	assert.deepEqual(withOption(words, '--port', '2'), ['mlflow', 'server', '--host', 'a', '--port=2']);
	assert.deepEqual(withOption(['x'], '--y', 'z'), ['x', '--y', 'z']);
	assert.deepEqual(withoutOption(words, '--host'), ['mlflow', 'server', '--port=1']);
	assert.deepEqual(withoutOption(words, '--port'), ['mlflow', 'server', '--host', 'a']);
});

test('packages are known only where pip is given nothing else', () => {
	assert.deepEqual(pipPackages(splitWords("pip install -q --no-cache-dir 'mlflow>=3' psycopg2-binary")), [
		'mlflow>=3',
		'psycopg2-binary',
	]);
	assert.deepEqual(pipPackages(splitWords('python3 -m pip install mlflow')), ['mlflow']);
	for (const line of [
		'pip install -r requirements.txt',
		'pip install -i http://x mlflow',
		'apt-get install x',
		'pip list',
	]) {
		assert.equal(pipPackages(splitWords(line)), undefined);
	}
});
