import {formatDuration} from '../stack/format.ts';
import type {Progress} from '../stack/model.ts';
import {jsonVersion} from '../stack/status-json.ts';
import {formatDiskSize} from '../stack/prune/units.ts';
import {cut} from '../text.ts';
import type {CommandContext, Output} from './context.ts';
import {paint} from './paint.ts';

type Step = Extract<Progress, {type: 'step'}>;

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
			for (;;) {
				const next = await work.next();
				if (next.done) {
					return next.value;
				}

				await this.#tell(next.value);
			}
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
		} else if (progress.state === 'working') {
			this.#began.set(progress.id, this.#began.get(progress.id) ?? progress.at);
			await this.#draw(progress);
		} else {
			await this.#tellEnd(progress);
		}
	}

	async #tellOutput({level, text}: Extract<Progress, {type: 'output'}>): Promise<void> {
		if (level !== 'info') {
			await this.#print(`${paint(this.#output, level, level)}: ${text}`);
		}
	}

	async #tellEnd(step: Step): Promise<void> {
		const mark = step.state === 'done' ? paint(this.#output, 'ok', '✓') : paint(this.#output, 'error', '✗');
		const took = step.at - (this.#began.get(step.id) ?? step.at);
		const duration = took >= 1000 ? `  ${formatDuration(took)}` : '';
		await this.#print(`${mark} ${stepText(step)}${paint(this.#output, 'muted', duration)}`);
		this.#began.delete(step.id);
	}

	async #print(line: string): Promise<void> {
		await this.#clear();
		await this.#output.write(`${line}\n`);
	}

	async #draw(step: Step): Promise<void> {
		const {isTTY, columns} = this.#output;
		if (!isTTY || columns === undefined || step.at - this.#drawnAt < drawEvery) {
			return;
		}

		this.#drawnAt = step.at;
		const took = (step.at - (this.#began.get(step.id) ?? step.at)) / 1000;
		const rate = took >= 1 && step.current ? `, ${formatDiskSize(step.current / took)}/s` : '';
		const text = cut(`◐ ${stepText(step)}${rate}`, columns - 1);
		await this.#output.write(`\r\u001B[K${paint(this.#output, 'busy', text)}`);
	}

	async #clear(): Promise<void> {
		if (this.#drawnAt > 0) {
			this.#drawnAt = 0;
			await this.#output.write('\r\u001B[K');
		}
	}
}

/** `database mlflow saving: 12 MB of 40 MB` */
function stepText({kind, name, status, current, total}: Step): string {
	const what = `${kind === 'other' ? '' : `${kind} `}${name} ${status.toLowerCase()}`;
	if (current === undefined || kind !== 'other') {
		return what;
	}

	const of = total === undefined || total === current ? '' : ` of ${formatDiskSize(total)}`;
	return `${what}: ${formatDiskSize(current)}${of}`;
}
