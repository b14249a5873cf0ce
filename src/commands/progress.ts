import {formatBytes, formatDuration} from '../stack/format.ts';
import type {Progress} from '../stack/model.ts';
import {pullProgress, type Operation, type Output as OutputLine, type Step} from '../stack/operation.ts';
import {jsonVersion} from '../stack/status-json.ts';
import {cut} from '../text.ts';
import type {Output} from './context.ts';
import {paint} from './paint.ts';

/** How the progress of an operation is told. */
export interface Report {
	readonly progress: (progress: Progress, operation: Operation) => Promise<void>;
	/** After the last progress, whether it went well or not. */
	readonly end: (operation: Operation, failed: boolean) => Promise<void>;
}

/** One JSON object a line on standard output. */
export function jsonReport(stdout: Output): Report {
	return {
		progress: async (progress) => {
			const line = {version: jsonVersion, progress: {...progress, at: new Date(progress.at).toISOString()}};
			await stdout.write(`${JSON.stringify(line)}\n`);
		},
		end: async () => undefined,
	};
}

/** Milliseconds between two drawings of the live line. */
const drawEvery = 100;

/** How many lines of output are repeated when an operation fails. */
const linesOnFailure = 20;

/** A line for each step that ends; on a terminal a last line that shows what is at work. */
export class LineReport implements Report {
	readonly #output: Output;
	/** When the part of a step that is at work began: a container is created, then started. */
	readonly #began = new Map<string, number>();
	readonly #told = new Set<string>();
	#drawnAt = 0;
	#isDrawn = false;

	constructor(output: Output) {
		this.#output = output;
	}

	progress = async (progress: Progress, operation: Operation): Promise<void> => {
		const line = progress.type === 'step' ? this.#stepLine(progress) : this.#outputText(progress);
		if (line !== undefined) {
			await this.#print(line);
		}

		await this.#draw(progress, operation);
	};

	end = async (operation: Operation, failed: boolean): Promise<void> => {
		await this.#clear();
		if (failed) {
			for (const {text} of operation.output.filter(({level}) => level === 'info').slice(-linesOnFailure)) {
				await this.#print(`  ${text}`);
			}
		}
	};

	#stepLine(step: Step | Extract<Progress, {type: 'step'}>): string | undefined {
		const {id, at, state, kind} = step;
		if (state === 'working') {
			const isNew = !this.#began.has(id);
			this.#began.set(id, this.#began.get(id) ?? at);
			// What takes long is told when it begins, too.
			return isNew && (kind === 'pull' || kind === 'build') ? `· ${stepText(step)}` : undefined;
		}

		const began = this.#began.get(id) ?? at;
		this.#began.delete(id);
		const isDetail = kind === 'layer' || step.status === 'Cached';
		if (state === 'done' && (isDetail || this.#isRepeated(stepText(step)))) {
			return undefined;
		}

		const took = at - began >= 1000 ? `  ${formatDuration(at - began)}` : '';
		const mark = state === 'done' ? paint(this.#output, 'ok', '✓') : paint(this.#output, 'error', '✗');
		return `${mark} ${stepText(step)}${paint(this.#output, 'muted', took)}`;
	}

	#outputText({level, text}: OutputLine): string | undefined {
		if (level === 'info' || this.#isRepeated(text)) {
			return undefined;
		}

		return `${paint(this.#output, level, level)}: ${text}`;
	}

	/** compose says some things once for each service. */
	#isRepeated(text: string): boolean {
		const isRepeated = this.#told.has(text);
		this.#told.add(text);
		return isRepeated;
	}

	async #print(line: string): Promise<void> {
		await this.#clear();
		await this.#output.write(`${line}\n`);
	}

	/** What is at work, in one line that the next one overwrites. */
	async #draw(progress: Progress, operation: Operation): Promise<void> {
		const {isTTY, columns} = this.#output;
		if (!isTTY || columns === undefined || progress.at - this.#drawnAt < drawEvery) {
			return;
		}

		const text = activity(progress, operation);
		if (text !== undefined) {
			this.#drawnAt = progress.at;
			this.#isDrawn = true;
			// The last column stays free: some terminals wrap there.
			await this.#output.write(`\r\u001B[K${paint(this.#output, 'busy', cut(`◐ ${text}`, columns - 1))}`);
		}
	}

	async #clear(): Promise<void> {
		if (this.#isDrawn) {
			this.#isDrawn = false;
			this.#drawnAt = 0;
			await this.#output.write('\r\u001B[K');
		}
	}
}

/** `container kws-mlflow-1 started`; a build step names itself. */
function stepText({kind, name, status}: Pick<Step, 'kind' | 'name' | 'status'>): string {
	return `${kind === 'other' ? '' : `${kind} `}${name} ${status.toLowerCase()}`;
}

/** What a piece of progress says is at work now. */
function activity(progress: Progress, operation: Operation): string | undefined {
	if (progress.type === 'output') {
		const build = [...operation.steps.values()].find(
			({kind, state}) => kind === 'build' && state === 'working',
		);
		return build && progress.level === 'info' ? `${buildText(build)}: ${progress.text}` : undefined;
	}

	if (progress.state !== 'working') {
		return undefined;
	}

	if (progress.kind === 'layer' || progress.kind === 'pull') {
		const image = progress.kind === 'layer' ? progress.parent : progress.id;
		const name = (image === undefined ? undefined : operation.steps.get(image)?.name) ?? progress.name;
		const {current, total} = pullProgress(operation, image);
		const size = total > 0 ? `: ${formatBytes(current)} of ${formatBytes(total)}` : '';
		return `pull ${name}${size}`;
	}

	if (progress.kind === 'build') {
		return buildText(progress);
	}

	const build = progress.parent === undefined ? undefined : operation.steps.get(progress.parent);
	return build ? `${buildText(build)}: ${progress.name}` : stepText(progress);
}

function buildText({name, current, total}: Pick<Step, 'name' | 'current' | 'total'>): string {
	return `build ${name}${total === undefined ? '' : ` ${current ?? 0}/${total}`}`;
}
