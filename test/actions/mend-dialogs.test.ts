import assert from 'node:assert/strict';
import {mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {Controller} from '../../src/controller.ts';
import {LogBook} from '../../src/logs/book.ts';
import {selectPage} from '../../src/screen/pages.ts';
import {selectCards, Store} from '../../src/store.ts';
import {configOf} from '../stack/lint/compose.ts';
import {FakeEngine} from '../support/fake-engine.ts';
import {aContainer, aStack, someLines} from '../support/stack.ts';

const fixture = (name: string): string =>
	readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
const blog = fixture('blog.docker-compose.yml');
const blogConfig: unknown = JSON.parse(fixture('blog.config.json'));

interface World {
	readonly engine: FakeEngine;
	readonly store: Store;
	readonly folder: string;
	readonly file: string;
	readonly copied: string[];
	readonly press: (...keys: readonly string[]) => Promise<void>;
	/** What the open dialog says. */
	readonly page: () => string;
	readonly notice: () => string;
}

/** The controller reads the real clock, so what happens here happens now. */
const now = Date.now();
const started = {startedAt: now - 192_000};

const driverLine = "2026/11/24 05:58:01 ERROR mlflow.cli: No module named 'psycopg'";

/** A stack whose MLflow lacks a driver, as its log says `before` and `after` other lines. */
async function withTrouble(
	t: TestContext,
	{
		after = 0,
		held = 1000,
		text = driverLine,
	}: {readonly after?: number; readonly held?: number; readonly text?: string},
	body: (world: World) => Promise<void>,
): Promise<void> {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mlstack-test-mend-')));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const file = join(folder, 'docker-compose.yml');
	writeFileSync(file, blog);
	const engine = new FakeEngine(aContainer('postgres', started), aContainer('mlflow', started));
	engine.stack = aStack({files: [file], directory: folder});
	engine.onComposeConfig = () => {
		const text = readFileSync(file, 'utf8');
		return text === blog ? blogConfig : configOf(text);
	};
	const [line] = someLines(1, 'line', now);
	assert.ok(line);
	engine.log('id-mlflow', {...line, text}, ...someLines(after, 'later', now + 5000));
	const store = new Store(new LogBook({lines: held}), {columns: 100, rows: 40});
	const copied: string[] = [];
	const controller = new Controller({
		store,
		engine: Promise.resolve(engine),
		openOther: async () => engine,
		request: {files: [], directory: folder, environment: {}},
		browse: async () => true,
		probe: async (url) => ({at: now, url, answers: false, works: false, word: 'no answer', why: ''}),
		page: async () => {},
		redraw: () => {},
		copy: async (text) => {
			copied.push(text);
			return text;
		},
		folder,
		interruption: async () => undefined,
		history: {load: async () => ({}), save: async () => {}},
	});
	await controller.start();
	await delay(30);
	try {
		await body({
			engine,
			store,
			folder,
			file,
			copied,
			press: async (...keys) => {
				for (const key of keys) {
					controller.press(key);
				}

				await delay(60);
			},
			page: () =>
				(selectPage(store.getState())?.lines ?? [])
					.map(({segments}) => segments.map(({text}) => text).join(''))
					.join('\n'),
			notice: () => [store.getState().notice?.text, ...(store.getState().notice?.more ?? [])].join('\n'),
		});
	} finally {
		controller.close();
	}
}

test('e tells the whole card: what, why, what to do, and the line with its place', async (t) => {
	await withTrouble(t, {}, async ({press, page, store}) => {
		await press('e');
		assert.match(
			page(),
			/^mlflow stopped: the driver that its database URI asks for is not installed\n\nWhy\nSQLAlchemy/,
		);
		assert.match(page(), /\n\nWhat to do\nName the driver in the URI\.\n {2}MLFLOW_BACKEND_STORE_URI: /);
		const time = new Date(now).toISOString().slice(11, 23);
		assert.ok(
			page().includes(`\n\nRead from\n${time} mlflow\n  2026/11/24 05:58:01 ERROR mlflow.cli: No module`),
			page(),
		);
		await press('escape');
		assert.equal(store.getState().view.dialog, undefined);
	});
});

test('c copies the command or change, and says so', async (t) => {
	await withTrouble(t, {}, async ({press, page, copied, notice}) => {
		await press('e', 'c');
		assert.deepEqual(copied, [
			'MLFLOW_BACKEND_STORE_URI: postgresql+psycopg2://USER:PASSWORD@postgres:5432/DATABASE',
		]);
		assert.match(page(), /\ncopied\n/);
		assert.match(notice(), /sent to the clipboard/);
	});
});

test('several cards are gone through, and after the last comes the first', async (t) => {
	await withTrouble(t, {}, async ({press, page, store, engine}) => {
		engine.set(aContainer('postgres', {...started, status: 'exited', exitCode: 1, finishedAt: now - 1000}));
		await delay(30);
		const titles = selectCards(store.getState()).map(({title}) => title);
		assert.equal(titles.length, 2);
		await press('e');
		assert.match(page(), new RegExp(`^${titles[0]?.replaceAll(/[()]/g, String.raw`\$&`)}`));
		await press('right');
		assert.match(page(), /^mlflow stopped: the driver/);
		await press('right');
		assert.ok(page().startsWith(titles[0] ?? ''));
		await press('left');
		assert.match(page(), /^mlflow stopped: the driver/);
	});
});

test('l goes to the line, marked, whatever hid it', async (t) => {
	await withTrouble(t, {after: 100}, async ({press, store}) => {
		await press('&', 'x', 'y', 'enter', 'enter');
		assert.deepEqual([store.getState().view.allLogs, store.getState().view.selected], [false, 'postgres']);
		await press('l');
		const {mark, pane, position, filter} = store.getState().view;
		assert.equal(mark?.plain, driverLine);
		assert.deepEqual([pane, position.follow, filter], ['logs', false, undefined]);
	});
});

test('l reads a line again that is no longer in memory', async (t) => {
	await withTrouble(t, {after: 400, held: 100}, async ({press, store}) => {
		assert.equal(
			store.book.find('mlflow', now * 1000, () => true),
			undefined,
		);
		await press('l');
		await delay(100);
		assert.equal(store.getState().view.mark?.plain, driverLine);
	});
});

test('without a card, e and l say why they do nothing', async (t) => {
	await withTrouble(t, {}, async ({engine, press, notice, store}) => {
		engine.remove('id-mlflow');
		await delay(30);
		assert.deepEqual(selectCards(store.getState()), []);
		await press('e');
		assert.match(notice(), /e \(explain\) does nothing now: no card is on the screen/);
		await press('l');
		assert.match(notice(), /l \(log line\) does nothing now: no card/);
	});
});

test('D tells of the environment and the file; f shows the difference, y writes it with a backup', async (t) => {
	await withTrouble(t, {}, async ({press, page, notice, file, folder, store}) => {
		await press('D');
		await delay(200);
		assert.match(page(), /^6 errors, 9 warnings, 3 pieces of advice\n\nengine {3}docker 28\.5\.2/);
		assert.match(page(), /\nerror {2}docker-compose\.yml:7:7 {2}password-number\n/);
		await press('f');
		assert.match(page(), /\n-version: "3"\n/);
		assert.doesNotMatch(page(), /\b0000\b/);
		await press('y');
		assert.equal(readFileSync(file, 'utf8'), blog, 'a key that was typed ahead does not write');
		await delay(900);
		await press('y');
		await delay(300);
		assert.equal(readFileSync(file, 'utf8'), fixture('blog.fixed.docker-compose.yml'));
		const backup = readdirSync(folder).find((name) => name.includes('.bak-')) ?? '';
		assert.equal(readFileSync(join(folder, backup), 'utf8'), blog);
		assert.match(notice(), /the compose file is corrected; u applies it\n.*docker-compose\.yml\.bak-/);
		assert.equal(store.getState().view.dialog, undefined);
	});
});

test('f in a card changes what the card is about and nothing else; n goes back to it', async (t) => {
	await withTrouble(t, {}, async ({press, page, file, store}) => {
		await press('e', 'f');
		await delay(200);
		assert.match(page(), /psycopg2:\/\/root:\*\*\*@postgres/);
		assert.doesNotMatch(page(), /\n-version/);
		await press('n');
		assert.match(page(), /^mlflow stopped: the driver/);
		assert.equal(store.getState().view.dialog?.kind, 'explain');
		assert.equal(readFileSync(file, 'utf8'), blog);
	});
});

test('r looks again; what fails is told in its place', async (t) => {
	await withTrouble(t, {}, async ({engine, press, page}) => {
		await press('D');
		await delay(200);
		engine.environmentFacts = {disks: [{place: 'engine', path: '/var/lib/docker', free: 1}]};
		await press('r');
		await delay(100);
		assert.match(page(), /Only 1 B are free where the engine keeps its data/);
		engine.resolveFailure = new Error('the file is gone');
		await press('r');
		await delay(100);
		assert.match(page(), /^the file is gone/);
	});
});

test('a page is scrolled to its end and no further', async (t) => {
	await withTrouble(t, {}, async ({press, store}) => {
		await press('D');
		await delay(200);
		await press(...Array.from({length: 30}, () => 'pagedown'));
		const {dialog} = store.getState().view;
		const end = dialog && 'scroll' in dialog ? dialog.scroll : 0;
		assert.ok(end > 40 && end < 200, `${end}`);
		await press('up');
		const after = store.getState().view.dialog;
		assert.equal(after && 'scroll' in after && after.scroll, end - 1);
	});
});

test('m asks, then saves and migrates; what stops it is told', async (t) => {
	const text =
		'MlflowException: Detected out-of-date database schema (found version bda7b8c39065, but expected x)';
	await withTrouble(t, {text}, async ({press, page, notice, store, engine}) => {
		await press('e');
		assert.match(page(), /\nKeys\nm {2}save the database, then migrate its schema\n/);
		await press('m');
		const {dialog} = store.getState().view;
		assert.ok(dialog?.kind === 'confirm' && dialog.action === 'migrate');
		assert.match(dialog.lines.join(' '), /saved into a file first, then `mlflow db upgrade`/);
		await press('n');
		await press('e', 'm');
		await delay(350);
		await press('y');
		await delay(300);
		// This engine in memory keeps no data, so the backup fails before anything is migrated.
		assert.match(notice(), /^the schema is not migrated: /);
		assert.equal(store.getState().view.dialog, undefined);
		assert.deepEqual(engine.operations, ['stop mlflow', 'start mlflow']);
	});
});

test('m does nothing with another card', async (t) => {
	await withTrouble(t, {}, async ({press, notice, store}) => {
		await press('e', 'm');
		assert.match(notice(), /m \(migrate\) does nothing now: this card is not about a schema/);
		assert.equal(store.getState().view.dialog?.kind, 'explain');
	});
});
