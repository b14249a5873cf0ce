import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Box} from 'ink';
import {createTheme, ThemeContext} from '../../components/theme.ts';
import {Verify} from '../../components/verify.tsx';
import {Failure} from '../../src/failure.ts';
import {initialVerification, update, type Verification} from '../../src/stack/verify/verification.ts';
import {draw} from '../support/screen.tsx';

async function drawn(verification: Verification, columns = 100, rows = 30, scroll = 0): Promise<string> {
	const screen = draw(
		<ThemeContext value={createTheme({name: 'dark', ascii: false, environment: {}, level: 1})}>
			<Box width={columns} height={rows}>
				<Verify dialog={{kind: 'verify', verification, scroll}} columns={columns} rows={rows} />
			</Box>
		</ThemeContext>,
		columns,
		rows,
	);
	try {
		return await screen.text();
	} finally {
		screen.close();
	}
}

const reached = update(initialVerification, {
	type: 'step',
	step: {name: 'reach', state: 'done', took: 12, detail: 'http://localhost:5000'},
});
const working = update(reached, {type: 'step', step: {name: 'log', state: 'working'}});

test('each step is shown as it goes, with what it found and its time', async () => {
	const text = await drawn(working);
	assert.match(text, /Verify {2}\(esc stops it\)/);
	assert.match(text, /✓ MLflow answers at its published address +12 ms/);
	assert.match(text, /http:\/\/localhost:5000/);
	assert.match(text, /◐ an experiment and a run/);
});

test('a failure stands under its step: what, why, and what to do; then the verdict', async () => {
	const failure = new Failure('the run is not in PostgreSQL', {
		code: 'backend-not-postgres',
		why: 'no option names a database',
		next: ['mlstack doctor'],
	});
	const failed = update(working, {type: 'step', step: {name: 'rows', state: 'failed', took: 3, failure}});
	const over = update(failed, {type: 'over', isCancelled: false});
	const text = await drawn(over);
	assert.match(
		text,
		/✗ its rows are in PostgreSQL[^]*the run is not in PostgreSQL[^]*no option names a database[^]*mlstack doctor/,
	);
	assert.match(text, /not proved: one thing is wrong/);
	assert.match(text, /esc closes/);

	const small = await drawn(over, 60, 12);
	assert.match(small, /↑↓ scroll/);
	assert.match(await drawn(over, 60, 12, 99), /not proved/);
});
