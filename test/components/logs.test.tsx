import assert from 'node:assert/strict';
import {test} from 'node:test';
import {App} from '../../components/app.tsx';
import {createTheme, ThemeContext} from '../../components/theme.ts';
import {LogBook} from '../../src/logs/book.ts';
import type {View} from '../../src/screen/view.ts';
import {Store} from '../../src/store.ts';
import {draw} from '../support/screen.tsx';
import {aContainer, aStack, now, someLines} from '../support/stack.ts';

/** The screen's rows with this view; both services have written a hundred lines. */
async function picture(
	change: (book: LogBook) => Partial<View>,
	{columns = 120, ascii = false, containers = [aContainer('postgres'), aContainer('mlflow')]} = {},
): Promise<readonly string[]> {
	const book = new LogBook();
	for (const {service, number} of containers) {
		book.append(service, someLines(100, `${service} line`), number);
	}

	const store = new Store(book, {columns, rows: 36}, now);
	store.dispatch({type: 'stack', stack: aStack()});
	store.dispatch({type: 'engine-event', event: {type: 'snapshot', at: now, containers}});
	store.dispatch({type: 'view', view: {...store.getState().view, ...change(book)}});
	const screen = draw(
		<ThemeContext value={createTheme({name: 'dark', ascii, environment: {}, level: 0})}>
			<App store={store} onKey={() => {}} home="/home/ana" />
		</ThemeContext>,
		columns,
		36,
	);
	try {
		return await screen.rows();
	} finally {
		screen.close();
	}
}

const pane = {columns: 100, rows: 20, wrap: false};

/** A range of the last three lines of mlflow. */
function lastThree(book: LogBook): Partial<View> {
	const query = {
		allLogs: false,
		selected: 'mlflow',
		position: {follow: true},
		wrap: false,
		shift: 0,
	} as const;
	const start = book.moved(query, pane, 0);
	const end = start && book.moved({...query, ...start, range: start.mark}, pane, -2);
	assert.ok(end);
	return {...query, ...end, range: start.mark};
}

for (const [ascii, marked, picked] of [
	[false, '▸', '┃'],
	[true, '>', '*'],
] as const) {
	test(`a range is seen without colours, ${ascii ? 'also in ASCII' : 'by its gutter'}, and counted`, async () => {
		const rows = await picture(lastThree, {ascii});
		assert.match(rows.join('\n'), /\[range of 3\]/);
		const gutters = rows.flatMap((row) => {
			const [, gutter, number] = /12:00:00\.\d+ (.) mlflow line (\d+)/.exec(row) ?? [];
			return Number(number) > 96 ? [gutter] : [];
		});
		assert.deepEqual(gutters, [ascii ? '|' : '│', marked, picked, picked]);
	});
}

const beside = {selected: 'mlflow', position: {follow: true}, shift: 0, side: 'right'} as const;

test('two logs side by side say which is which, also while a text is looked for in narrow ones', async () => {
	const search = {text: 'line 5', regex: false};
	const rows = await picture(() => ({allLogs: false, selected: 'postgres', beside, search}), {columns: 141});
	assert.match(rows.join('\n'), /postgres {2}\/line 5 11 found.*mlflow {2}\/line 5 11 found/);
});

test('two logs stand side by side, each with its own title, place and width', async () => {
	const rows = await picture(
		() => ({
			allLogs: false,
			selected: 'postgres',
			position: {follow: false, index: 0, row: 0},
			beside,
		}),
		{columns: 141},
	);
	const title = rows.find((row) => row.includes('Logs'));
	assert.match(title ?? '', /Logs {2}postgres {2}\[held\].*Logs {2}mlflow {2}\[follow\]/);
	assert.equal(title?.length, 141);
	assert.equal(title?.lastIndexOf('╭'), 71);
	const text = rows.join('\n');
	assert.match(text, /│ postgres line 1 .*│ mlflow line 7\d/);
	assert.match(text, /│ postgres line \d+ .*│ mlflow line 100/);
});

test('lines of a service with two containers say which of them wrote them', async () => {
	const rows = await picture(() => ({allLogs: false, selected: 'mlflow'}), {
		containers: [aContainer('mlflow'), aContainer('mlflow', {id: 'id-2', name: 'kws-mlflow-2', number: 2})],
	});
	const text = rows.join('\n');
	assert.match(text, /mlflow-1 │ mlflow line 100/);
	assert.match(text, /mlflow-2 │ mlflow line 100/);
});
