import {isDeepStrictEqual} from 'node:util';
import {setTimeout as delay} from 'node:timers/promises';
import {Controller} from '../../../src/controller.ts';
import {openDockerEngine} from '../../../src/engine/docker/docker-engine.ts';
import {probeTracking} from '../../../src/engine/probe.ts';
import {LogBook} from '../../../src/logs/book.ts';
import type {Card} from '../../../src/stack/diagnosis/card.ts';
import {cards} from '../../../src/stack/diagnosis/cards.ts';
import type {History} from '../../../src/stack/startup/history.ts';
import {Store} from '../../../src/store.ts';
import type {Project} from '../../support/project.ts';
import type {FailureRow} from './row.ts';

/** How long, in ms, cards must stay as they are to count: what follows from a failure comes a little later. */
const settled = 1500;

/** What mlstack is started with. `ranBefore`: a start of the project is remembered. */
type Beginning = Pick<FailureRow, 'ranBefore' | 'environment'>;

/**
 * What mlstack says of a project, without its screen: controller and store as the screen has them, fed by the real
 * engine. It keeps every card that was shown at any moment.
 */
export class Witness {
	readonly store = new Store(new LogBook());
	/** By rule: the card as it was first shown. */
	readonly seen = new Map<string, Card>();
	readonly #controller: Controller;

	private constructor(project: Project, {ranBefore, environment: own}: Beginning) {
		// What mlstack remembers of stacks goes into the project's folder, and with it.
		const environment = {
			...process.env,
			XDG_CACHE_HOME: project.folder,
			XDG_STATE_HOME: project.folder,
			...own,
		};
		const history: History = ranBefore ? {start: [1000]} : {};
		this.#controller = new Controller({
			store: this.store,
			engine: openDockerEngine({kind: 'docker', environment}),
			request: {files: [project.file], project: project.name, directory: project.folder, environment},
			browse: async () => false,
			probe: probeTracking,
			copy: async () => '',
			page: async () => {},
			folder: project.folder,
			openOther: async () => openDockerEngine({kind: 'docker', environment}),
			interruption: async () => undefined,
			redraw: () => {},
			history: {load: async () => history, save: async () => {}},
		});
		this.store.subscribe(() => {
			for (const card of this.cards()) {
				if (!this.seen.has(card.rule)) {
					this.seen.set(card.rule, card);
				}
			}
		});
	}

	/** Watches a project from now on. */
	static async of(project: Project, beginning: Beginning = {}): Promise<Witness> {
		const witness = new Witness(project, beginning);
		await witness.#controller.start();
		return witness;
	}

	cards(): readonly Card[] {
		return cards(this.store.getState().diagnosis);
	}

	/** Presses `u`, and waits until the operation has ended, well or not. */
	async up(patience = 180_000): Promise<void> {
		this.#controller.press('u');
		await this.until('`up` to end', patience, () => {
			const {operation} = this.store.getState();
			return operation?.kind === 'up' && operation.endedAt !== undefined;
		});
	}

	/** Waits until exactly these rules are shown, in this order, and stay. */
	async shows(rules: readonly string[], patience = 150_000): Promise<readonly Card[]> {
		await this.until(`the cards [${rules.join(', ')}]`, patience, () => this.#isShown(rules), settled);
		return this.cards();
	}

	/** Puts mlstack's clock forward, in ms: for what it is patient with longer than a test can be. */
	waits(time: number): void {
		this.store.dispatch({type: 'tick', now: Date.now() + time});
	}

	/** Waits until MLflow answers, and works. */
	async works(patience = 180_000): Promise<void> {
		await this.until('MLflow to work', patience, () => this.store.getState().tracking?.works === true);
	}

	/** Waits for what is said, which must then hold for so many milliseconds. Throws with what is shown instead. */
	async until(what: string, patience: number, holds: () => boolean, lasting = 0): Promise<void> {
		const deadline = Date.now() + patience;
		let since = holds() ? Date.now() : Infinity;
		while (Date.now() - since < lasting || since === Infinity) {
			if (Date.now() > deadline) {
				throw new Error(`waited ${patience / 1000} s for ${what}; shown is:\n${this.#told()}`);
			}

			await delay(50);
			since = holds() ? Math.min(since, Date.now()) : Infinity;
		}
	}

	close(): void {
		this.#controller.close();
	}

	#isShown(rules: readonly string[]): boolean {
		return isDeepStrictEqual(
			this.cards().map(({rule}) => rule),
			rules,
		);
	}

	/** All that helps to understand a test that failed. */
	#told(): string {
		const {containers, tracking, notice} = this.store.getState();
		return [
			...this.cards().map(({id, title, why}) => `card ${id}: ${title}. ${why}`),
			...[...containers.containers.values()].map(
				({name, status, exitCode, health}) => `container ${name}: ${status} ${exitCode ?? ''} ${health}`,
			),
			`tracking: ${tracking?.word ?? 'not asked'}`,
			`notice: ${notice?.text ?? ''} ${notice?.more.join(' ') ?? ''}`,
			...Object.values(this.store.getState().diagnosis.runs).flatMap(({errors}) =>
				errors.map(({text}) => text),
			),
		].join('\n');
	}
}
