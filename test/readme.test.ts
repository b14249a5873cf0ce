import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {commandsMarkdown, exitCodesMarkdown, optionsMarkdown} from '../src/commands/markdown.ts';
import {ownStackSettings} from '../src/engine/docker/own-stack.ts';
import {keysMarkdown} from '../src/keys.ts';
import {statusJsonMarkdown} from '../src/stack/status-json.ts';
import {serviceStates} from '../src/stack/status.ts';

const path = fileURLToPath(new URL('../README.md', import.meta.url));

const sections: Readonly<Record<string, () => string>> = {
	settings: () =>
		table(
			['variable', 'without it', ''],
			ownStackSettings.map(({variable, fallback, meaning}) => [
				`\`${variable}\``,
				fallback === '' ? '' : `\`${fallback}\``,
				meaning,
			]),
		),
	states: () =>
		table(
			['', 'state', ''],
			Object.values(serviceStates).map(({glyph, word, meaning}) => [glyph, word, meaning]),
		),
	keys: keysMarkdown,
	commands: commandsMarkdown,
	options: optionsMarkdown,
	'exit-codes': exitCodesMarkdown,
	'status-json': statusJsonMarkdown,
};

for (const [name, generate] of Object.entries(sections)) {
	test(`the README's section ${name} is what its table says`, () => {
		const readme = readFileSync(path, 'utf8');
		const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
		const from = readme.indexOf(start) + start.length;
		const to = readme.indexOf(end);
		assert.ok(from >= start.length && to >= from, `the README has no section ${name}`);
		const wanted = `\n${generate().trim()}\n\n`;
		if (process.env['UPDATE_README']) {
			writeFileSync(path, readme.slice(0, from) + wanted + readme.slice(to));
		} else {
			assert.equal(readme.slice(from, to), wanted);
		}
	});
}

function table(titles: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
	const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [row(titles), row(titles.map(() => '---')), ...rows.map(row)].join('\n');
}
