import assert from 'node:assert/strict';
import {test} from 'node:test';
import {App} from '../../components/app.tsx';
import {createTheme, ThemeContext} from '../../components/theme.ts';
import {Failure} from '../../src/failure.ts';
import {LogBook} from '../../src/logs/book.ts';
import {Store, type AppEvent} from '../../src/store.ts';
import {askedAt} from '../../src/screen/question.ts';
import {draw, type DrawnScreen} from '../support/screen.tsx';
import {aContainer, aService, aStack, now, someLines} from '../support/stack.ts';

interface Drawn {
	readonly screen: DrawnScreen;
	readonly store: Store;
	readonly keys: string[];
}

async function withApp(
	{columns = 120, rows = 36, ascii = false}: {columns?: number; rows?: number; ascii?: boolean},
	events: readonly AppEvent[],
	check: (drawn: Drawn) => Promise<void>,
): Promise<void> {
	const store = new Store(new LogBook(), {columns, rows}, now);
	for (const event of events) {
		store.dispatch(event);
	}

	const keys: string[] = [];
	const screen = draw(
		<ThemeContext value={createTheme({name: 'dark', ascii, environment: {}, level: 1})}>
			<App store={store} onKey={(key) => keys.push(key)} home="/home/ana" />
		</ThemeContext>,
		columns,
		rows,
	);
	try {
		await check({screen, store, keys});
	} finally {
		screen.close();
	}
}

const snapshot = (...containers: ReturnType<typeof aContainer>[]): AppEvent => ({
	type: 'engine-event',
	event: {type: 'snapshot', at: now, containers},
});
const running = [
	{type: 'stack', stack: aStack()} as const,
	snapshot(aContainer('postgres'), aContainer('mlflow', {health: 'starting', startedAt: now - 4000})),
];

test('the dashboard shows each service with glyph, word, time, image and address', async () => {
	await withApp({}, running, async ({screen}) => {
		const text = await screen.text();
		assert.match(text, /mlstack {2}kws {2}~\/kws\/compose\.yaml .* 2 of 2 running/);
		assert.match(text, /▸ ● postgres {2}healthy +3m {2}postgres:18-trixie +127\.0\.0\.1:5432/);
		assert.match(text, /◐ mlflow {4}starting +4 s {2}mlstack\/mlflow:3\.17\.2-py3\.13 +127\.0\.0\.1:5000/);
		assert.match(text, /u up {2}d down .*q quit/);
	});
});

for (const [columns, rows] of [
	[200, 60],
	[120, 36],
	[80, 24],
	[60, 15],
	[40, 12],
	[20, 5],
] as const) {
	test(`at ${columns}x${rows} name and state of every service are on the screen, and no row is too long`, async () => {
		await withApp({columns, rows}, running, async ({screen, store}) => {
			store.book.append('mlflow', someLines(100, 'x'.repeat(300)));
			store.dispatch({type: 'logs'});
			const shown = await screen.rows();
			const text = shown.join('\n');
			assert.match(text, /postgres/);
			if (columns >= 30) {
				assert.match(text, /postgres +healthy/);
				assert.match(text, /mlflow +starting/);
			}

			assert.equal(shown.length, rows);
			assert.ok(shown.every((row) => row.length <= columns));
		});
	});
}

test('ASCII mode draws nothing but ASCII', async () => {
	await withApp({ascii: true}, running, async ({screen, store}) => {
		store.book.append('mlflow', someLines(3, 'x'.repeat(300)));
		store.dispatch({type: 'logs'});
		assert.match(await screen.text(), /xxx~\|/);
		assert.match(await screen.text(), /^[\n\u0020-\u007E]*$/);
	});
});

test('a change is drawn from the event itself', async () => {
	await withApp({}, running, async ({screen, store}) => {
		store.dispatch({
			type: 'engine-event',
			event: {
				type: 'change',
				at: now,
				id: 'id-postgres',
				change: {status: 'exited', exitCode: 137, finishedAt: now},
			},
		});
		assert.match(await screen.text(), /✗ postgres {2}exited \(137\)/);
	});
});

test('a held log stays where it is while lines arrive, and says how many are below', async () => {
	await withApp({}, running, async ({screen, store}) => {
		store.book.append('mlflow', someLines(100));
		store.dispatch({type: 'logs'});
		assert.match(await screen.text(), /line 100\b/);
		store.dispatch({
			type: 'view',
			view: {...store.getState().view, position: {follow: false, index: 0, row: 0}},
		});
		store.book.append('mlflow', someLines(50, 'later', now + 1000));
		store.dispatch({type: 'logs'});
		const text = await screen.text();
		assert.match(text, /line 1\b/);
		assert.doesNotMatch(text, /line 100\b/);
		assert.match(text, /\[held\].* below/);
	});
});

test('keys that arrive together are keys of their own; a paste is none', async () => {
	await withApp({}, running, async ({screen, keys}) => {
		await screen.type('jj');
		await screen.type('\u001B[A');
		await screen.type('\u001B[200~down\u001B[201~');
		await screen.type(' ');
		await screen.type('a\u0015\tb');
		assert.deepEqual(keys, ['j', 'j', 'up', 'space', 'a', 'ctrl+u', 'tab', 'b']);
	});
});

test('without an engine the card says what is wrong and what to do, and becomes the dashboard', async () => {
	const failure = new Failure('no Docker Engine answers', {
		code: 'no-engine',
		why: 'Nothing listens at /var/run/docker.sock.',
		next: ['Start Docker Desktop.', 'Or install Docker.'],
		reason: 'noEngine',
	});
	await withApp(
		{columns: 80, rows: 24},
		[
			{type: 'stack', stack: aStack()},
			{type: 'no-engine', failure},
		],
		async ({screen, store}) => {
			const text = await screen.text();
			assert.match(text, /✗ no Docker Engine answers/);
			assert.match(text, /Nothing listens at \/var\/run\/docker\.sock\./);
			assert.match(text, /1\. Start Docker Desktop\./);
			assert.match(text.replaceAll(/\s+/g, ' '), /this becomes the dashboard when the engine answers\./);
			store.dispatch(snapshot(aContainer('postgres')));
			assert.match(await screen.text(), /● postgres +healthy/);
		},
	);
});

test('the engine going away is said calmly, and what was true stays on the screen', async () => {
	await withApp({}, running, async ({screen, store}) => {
		store.dispatch({type: 'engine-event', event: {type: 'disconnected', at: now, why: 'socket closed'}});
		const text = await screen.text();
		assert.match(text, /engine away, looking for it/);
		assert.match(text, /postgres {2}healthy/);
	});
});

test('a question is drawn over the dashboard', async () => {
	await withApp({}, running, async ({screen, store}) => {
		store.dispatch({
			type: 'view',
			view: {
				...store.getState().view,
				dialog: {
					kind: 'confirm',
					action: 'down',
					title: 'Take kws down?',
					lines: ['Volumes are kept.'],
					question: askedAt(now),
				},
			},
		});
		const text = await screen.text();
		assert.match(text, /Take kws down\?/);
		assert.match(text, /Volumes are kept\./);
		assert.match(text, /y yes +n no, leave everything as it is/);
	});
});

test('more services than rows scroll with the selection', async () => {
	const names = Array.from({length: 30}, (_, index) => `worker-${index}`);
	await withApp(
		{columns: 80, rows: 24},
		[
			{type: 'stack', stack: aStack({services: names.map((name) => aService(name))})},
			snapshot(...names.map((name) => aContainer(name))),
		],
		async ({screen, store}) => {
			store.dispatch({type: 'view', view: {...store.getState().view, selected: 'worker-29'}});
			const text = await screen.text();
			assert.match(text, /▸ ● worker-29/);
			assert.doesNotMatch(text, /worker-0\b/);
			assert.match(text, /of 30/);
		},
	);
});

test('a search is typed into the title of the log, and what it finds is inverse', async () => {
	await withApp({}, running, async ({screen, store}) => {
		store.book.append('mlflow', someLines(100));
		store.dispatch({
			type: 'view',
			view: {...store.getState().view, input: 'search', search: {text: 'LINE 42', regex: false}},
		});
		assert.match(await screen.text(), /\/LINE 42 +0 found/);
		store.dispatch({
			type: 'view',
			view: {...store.getState().view, search: {text: 'line 42', regex: false}},
		});
		const text = await screen.text();
		assert.match(text, /\/line 42 +1 of 1/);
		assert.match(text, /▸ line 42\b/);
		assert.match(text, /enter keep +esc clear +ctrl-r regular expression/);
	});
});

test('a filter that cannot be understood says so in the title, and hides nothing', async () => {
	await withApp({}, running, async ({screen, store}) => {
		store.book.append('mlflow', someLines(5));
		store.dispatch({
			type: 'view',
			view: {...store.getState().view, minimum: 'error', filter: {text: '(', regex: true}},
		});
		assert.match(await screen.text(), /&\( \[regex\] +unterminated group .*\[errors\]/);
	});
});

test("times are of the clock, of UTC, ages, since the container's start, or off", async () => {
	await withApp({}, running, async ({screen, store}) => {
		store.book.append('mlflow', someLines(1, 'line', now + 1000));
		store.dispatch({type: 'tick', now: now + 4000});
		for (const [timestamps, shown] of [
			['utc', /│12:00:01\.000 mlflow +│ line 1/],
			['relative', /│ {2}3s ago mlflow +│ line 1/],
			['since start', /│ \+0:05\.000 mlflow +│ line 1/],
			['off', /│mlflow +│ line 1/],
		] as const) {
			store.dispatch({type: 'view', view: {...store.getState().view, timestamps}});
			assert.match(await screen.text(), shown);
		}
	});
});

test('what is wrong is said as a card: what happened, the line it was read from, and the mend', async () => {
	await withApp({}, running, async ({screen, store}) => {
		const text = 'Error: in 18+, these Docker images are configured to store database data in a';
		store.dispatch({
			type: 'lines',
			lines: [
				{service: 'postgres', role: 'database', at: now, text},
				{
					service: 'postgres',
					role: 'database',
					at: now,
					text: '       /var/lib/postgresql/data (unused mount/volume)',
				},
			],
		});
		store.dispatch({
			type: 'engine-event',
			event: {
				type: 'change',
				at: now + 10,
				id: 'id-postgres',
				change: {status: 'exited', exitCode: 1, finishedAt: now + 10},
			},
		});
		store.dispatch({type: 'tick', now: now + 5000});
		const drawn = await screen.text();
		assert.match(drawn, /✗ postgres stopped: PostgreSQL 18 found a volume/);
		assert.match(drawn, /“Error: in 18\+/);
		assert.match(drawn, /- VOLUME:\/var\/lib\/postgresql/);
	});
});

test('what is typed is seen on a narrow screen, of a long text the end', async () => {
	await withApp({columns: 40, rows: 12}, running, async ({screen, store}) => {
		store.book.append('mlflow', someLines(30));
		const search = {text: 'line', regex: false};
		store.dispatch({type: 'view', view: {...store.getState().view, input: 'search', search}});
		assert.match(await screen.text(), /\/line +30 of 30/);
		const long = {text: `${'x'.repeat(60)}end`, regex: false};
		store.dispatch({type: 'view', view: {...store.getState().view, search: long}});
		assert.match(await screen.text(), /\/…x+end +0 found/);
	});
});
