import assert from 'node:assert/strict';
import {readFile, writeFile} from 'node:fs/promises';
import {test} from 'node:test';
import {commands, isCommandName, optionNames} from '../../src/arguments.ts';
import {commandHelp, overview} from '../../src/commands/help.ts';
import {commandsMarkdown, exitCodesMarkdown, optionsMarkdown} from '../../src/commands/markdown.ts';
import {exitCodes} from '../../src/failure.ts';
import {runCli} from '../support/cli.ts';

const names = Object.keys(commands).filter(isCommandName);

test('the overview names every command and every exit code', async () => {
	const {stdout, code} = await runCli(['help']);
	for (const name of names) {
		assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'));
	}

	for (const {code: exitCode, meaning} of Object.values(exitCodes)) {
		assert.ok(stdout.includes(`  ${exitCode}  ${meaning}`), meaning);
	}

	assert.equal(code, 0);
});

for (const name of names) {
	test(`\`mlstack help ${name}\` names every option of it, and nothing is wider than the terminal`, () => {
		for (const columns of [60, 80, 100]) {
			const text = commandHelp(name, columns);
			for (const option of commands[name].options) {
				assert.ok(text.includes(`--${option}`), option);
			}

			const [prose = ''] = text.split('\nexamples\n');
			for (const line of prose.split('\n')) {
				assert.ok(line.length <= columns, line);
			}
		}
	});
}

/** Compares with a file under test/fixtures/help; MLSTACK_UPDATE=1 writes it anew. */
async function assertSnapshot(name: string, text: string): Promise<void> {
	const file = new URL(`../fixtures/help/${name}.txt`, import.meta.url);
	if (process.env['MLSTACK_UPDATE'] === '1') {
		await writeFile(file, text);
	}

	assert.equal(text, await readFile(file, 'utf8'));
}

test('the help of logs reads as it did, and says what -f means where', async () => {
	await assertSnapshot('logs', commandHelp('logs', 80));
});

test('the overview reads as it did', async () => {
	await assertSnapshot('overview', overview(80).replace(/^mlstack \S+/, 'mlstack VERSION'));
});

test('--help anywhere is help, and a mistyped command is named', async () => {
	assert.equal((await runCli(['logs', '--help'])).stdout, (await runCli(['help', 'logs'])).stdout);
	const {code, stderr} = await runCli(['help', 'lgos']);
	assert.match(stderr, /`lgos` is not a command of mlstack\n {2}why: did you mean `logs`\?/);
	assert.equal(code, 2);
});

test('a wrong call says so on standard error, or as JSON where that was asked for', async () => {
	const plain = await runCli(['status', '--wacht']);
	assert.match(
		plain.stderr,
		/^mlstack: `--wacht` is not an option of `mlstack status`\n {2}why: did you mean `--watch`\?/,
	);
	assert.deepEqual([plain.code, plain.stdout], [2, '']);
	const json = await runCli(['status', '--wacht', '--json']);
	const {error} = JSON.parse(json.stdout) as {error: {code: string}};
	assert.equal(error.code, 'wrong-call');
	assert.deepEqual([json.code, json.stderr], [2, '']);
});

test('the tables of the README name every command, option and exit code', () => {
	for (const name of names) {
		assert.match(commandsMarkdown(), new RegExp(`^\\| \`mlstack ${name} `, 'm'));
	}

	for (const name of optionNames) {
		assert.match(optionsMarkdown(), new RegExp(`^\\| \`(?:-\\w, )?--${name}[ \`[]`, 'm'));
	}

	for (const {code} of Object.values(exitCodes)) {
		assert.match(exitCodesMarkdown(), new RegExp(`^\\| ${code} \\|`, 'm'));
	}

	for (const table of [commandsMarkdown(), optionsMarkdown(), exitCodesMarkdown()]) {
		const widths = table.split('\n').map((line) => line.split(/(?<!\\)\|/).length);
		assert.equal(new Set(widths).size, 1);
	}
});
