import {drain} from '../drain.ts';
import {paceText, stepText, type ByteStep} from '../stack/byte-work.ts';
import type {Progress} from '../stack/model.ts';
import {jsonVersion} from '../stack/status-json.ts';
import {cut} from '../text.ts';
import type {CommandContext, Output} from './context.ts';
import {paint} from './paint.ts';

/** Milliseconds between two drawings of the live line. */
const drawEvery = 100;

/**
 * Tells of work that moves bytes: a line for each step that ends, with what it moved, how long that took and how fast it
 * was; on a terminal a last line that shows what is at work. With --json each progress is an object on a line.
 */
export class ByteReport {
	readonly #output: Output;
	readonly #json: boolean;
	readonly #began = new Map<string, number>();
	#drawnAt = 0;

	constructor({values, stdout, stderr}: Pick<CommandContext, 'values' | 'stdout' | 'stderr'>) {
		this.#json = values.json === true;
		this.#output = this.#json ? stdout : stderr;
	}

	/** Reports everything that work tells, and returns what it returns. */
	async follow<Result>(work: AsyncGenerator<Progress, Result>): Promise<Result> {
		try {
			return await drain(work, async (progress) => this.#tell(progress));
		} finally {
			await this.#clear();
		}
	}

	async #tell(progress: Progress): Promise<void> {
		if (this.#json) {
			const line = {version: jsonVersion, progress: {...progress, at: new Date(progress.at).toISOString()}};
			await this.#output.write(`${JSON.stringify(line)}\n`);
		} else if (progress.type === 'output') {
			await this.#tellOutput(progress);
		} else {
			const startedAt = this.#began.get(progress.id) ?? progress.at;
			this.#began.set(progress.id, startedAt);
			const step = {...progress, startedAt};
			await (step.state === 'working' ? this.#draw(step) : this.#tellEnd(step));
		}
	}

	async #tellOutput({level, text}: Extract<Progress, {type: 'output'}>): Promise<void> {
		if (level !== 'info') {
			await this.#print(`${paint(this.#output, level, level)}: ${text}`);
		}
	}

	async #tellEnd(step: ByteStep): Promise<void> {
		const mark = step.state === 'done' ? paint(this.#output, 'ok', '✓') : paint(this.#output, 'error', '✗');
		const pace = paceText(step);
		await this.#print(
			`${mark} ${stepText(step)}${pace === '' ? '' : paint(this.#output, 'muted', `  ${pace}`)}`,
		);
		this.#began.delete(step.id);
	}

	async #print(line: string): Promise<void> {
		await this.#clear();
		await this.#output.write(`${line}\n`);
	}

	async #draw(step: ByteStep): Promise<void> {
		const {isTTY, columns} = this.#output;
		if (!isTTY || columns === undefined || step.at - this.#drawnAt < drawEvery) {
			return;
		}

		this.#drawnAt = step.at;
		const text = cut(`◐ ${[stepText(step), paceText(step)].filter(Boolean).join(', ')}`, columns - 1);
		await this.#output.write(`\r\u001B[K${paint(this.#output, 'busy', text)}`);
	}

	async #clear(): Promise<void> {
		if (this.#drawnAt > 0) {
			this.#drawnAt = 0;
			await this.#output.write('\r\u001B[K');
		}
	}
}
