import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Chalk} from 'chalk';
import fc from 'fast-check';
import {createTheme} from '../../components/theme.ts';

test('a theme paints whatever text as chalk does', () => {
	const text = fc.oneof(
		fc.string(),
		fc.string({unit: fc.constantFrom('a', ' ', '\n', '\u001B[31m', '\u001B[39m', '\u001B[22m', '…')}),
	);
	for (const level of [0, 3] as const) {
		const theme = createTheme({name: 'dark', ascii: false, environment: {}, level});
		const chalk = new Chalk({level});
		fc.assert(
			fc.property(text, (input) => {
				assert.equal(theme.paint.plain(input), input);
				assert.equal(theme.paint.muted(input), chalk.dim(input));
				assert.equal(theme.paint.selected(input), chalk.bold.cyan(input));
				assert.equal(theme.paint.picked(input), chalk.bgAnsi256(237)(input));
				assert.equal(theme.services[1]?.(input), chalk.magenta(input));
			}),
		);
	}
});
