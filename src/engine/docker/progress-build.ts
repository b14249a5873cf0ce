import {StringDecoder} from 'node:string_decoder';
import {stripVTControlCharacters} from 'node:util';
import {mask} from '../../stack/mask.ts';
import type {Progress} from '../../stack/model.ts';
import {arrayIn, isRecord, type JsonObject, numberIn, stringIn} from '../json.ts';

type Step = Extract<Progress, {type: 'step'}>;

/** The step that stands for the whole build, of however many images. */
export const buildStep = 'build';

/**
 * Reads BuildKit's `--progress rawjson` (moby/buildkit, client.SolveStatus), which compose passes on: `vertexes` are
 * the steps of the Dockerfiles, `statuses` their transfers, `logs` their output, `warnings` what the linter says.
 */
export class BuildReader {
	/** The numbered steps, `[2/3] RUN ...`, by digest: whether they are done. */
	readonly #numbered = new Map<string, boolean>();
	readonly #lines = new LineCutter();
	readonly #name: string;
	#isOpen = false;
	#told: Step | undefined;

	/** `name` says what is built: the names of the services. */
	constructor(name: string) {
		this.#name = name;
	}

	/** True for a message of BuildKit's. */
	static knows(message: JsonObject): boolean {
		return ['vertexes', 'statuses', 'logs', 'warnings'].some((key) => Array.isArray(message[key]));
	}

	read(message: JsonObject, at: number): Progress[] {
		const progress: Progress[] = [];
		const steps = arrayIn(message, 'vertexes').flatMap((vertex) => this.#vertex(vertex, at));
		progress.push(...this.#news(at), ...steps);

		for (const status of arrayIn(message, 'statuses')) {
			progress.push(...transfer(status, at));
		}

		for (const log of arrayIn(message, 'logs')) {
			const step = stringIn(log, 'vertex') ?? '';
			const data = Buffer.from(stringIn(log, 'data') ?? '', 'base64');
			for (const text of this.#lines.push(`${step} ${numberIn(log, 'stream') ?? 1}`, data)) {
				progress.push(outputLine(text, step, at));
			}
		}

		for (const warning of arrayIn(message, 'warnings')) {
			const text = Buffer.from(stringIn(warning, 'short') ?? '', 'base64').toString('utf8');
			if (text !== '') {
				progress.push({
					type: 'output',
					at,
					level: 'warning',
					text: tidy(text),
					step: stringIn(warning, 'vertex') ?? '',
				});
			}
		}

		return progress;
	}

	/** What compose itself says of the build: `Building`, `Built`. */
	announce(status: string, at: number): Progress[] {
		if (/^Built/i.test(status)) {
			return this.close('done', at);
		}

		this.#isOpen = true;
		return [this.#whole('working', status, at)];
	}

	/** Ends the build, if one is under way: with the last lines that had no end yet. */
	close(state: 'done' | 'failed', at: number): Progress[] {
		if (!this.#isOpen) {
			return [];
		}

		this.#isOpen = false;
		this.#told = undefined;
		const rest = this.#lines.end().map(({key, text}) => outputLine(text, key.split(' ')[0] ?? '', at));
		return [...rest, this.#whole(state, state === 'done' ? 'Built' : 'Failed', at)];
	}

	#vertex(vertex: unknown, at: number): Progress[] {
		const digest = stringIn(vertex, 'digest');
		const name = stringIn(vertex, 'name');
		if (digest === undefined || name === undefined || isHousekeeping(name)) {
			return [];
		}

		const error = stringIn(vertex, 'error');
		const isStarted = stringIn(vertex, 'started') !== undefined;
		const isDone = stringIn(vertex, 'completed') !== undefined;
		if (/^\[(?:[^\]]* )?\d+\/\d+\] /.test(name)) {
			this.#numbered.set(digest, isDone && error === undefined);
		}

		if (!isStarted) {
			return [];
		}

		this.#isOpen = true;
		return [
			{
				type: 'step',
				at,
				id: digest,
				parent: buildStep,
				kind: 'other',
				name: tidy(name),
				state: error === undefined ? (isDone ? 'done' : 'working') : 'failed',
				status: error === undefined ? vertexStatus(vertex, isDone) : tidy(error),
			},
		];
	}

	/** The build's own step, when it has begun or got on. */
	#news(at: number): Progress[] {
		const whole = this.#whole('working', 'Building', at);
		const told = this.#told;
		if (!this.#isOpen || (told && told.current === whole.current && told.total === whole.total)) {
			return [];
		}

		this.#told = whole;
		return [whole];
	}

	#whole(state: Step['state'], status: string, at: number): Step {
		const total = this.#numbered.size;
		const current = [...this.#numbered.values()].filter(Boolean).length;
		return {
			type: 'step',
			at,
			id: buildStep,
			kind: 'build',
			name: this.#name,
			state,
			status,
			...(total > 0 && {current, total}),
		};
	}
}

function vertexStatus(vertex: unknown, isDone: boolean): string {
	const isCached = isRecord(vertex) && vertex['cached'] === true;
	return isCached ? 'Cached' : isDone ? 'Done' : 'Working';
}

/** What every build does in no time. Asking a registry about an image can take long, and is kept. */
function isHousekeeping(name: string): boolean {
	return /^\[(?:\S+ )?internal\] (?!load metadata)|resolving provenance for metadata file$/.test(name);
}

/** The transfer of something whose size is known: a layer of the base image, the context. */
function transfer(status: unknown, at: number): Progress[] {
	const id = stringIn(status, 'id');
	const total = numberIn(status, 'total');
	const vertex = stringIn(status, 'vertex');
	if (id === undefined || vertex === undefined || total === undefined || total <= 0) {
		return [];
	}

	const isDone = stringIn(status, 'completed') !== undefined;
	const current = numberIn(status, 'current') ?? 0;
	return [
		{
			type: 'step',
			at,
			id: `${vertex} ${id}`,
			parent: buildStep,
			kind: 'layer',
			name: id.replace(/^sha256:([0-9a-f]{12})[0-9a-f]*$/, '$1'),
			state: isDone ? 'done' : 'working',
			status: isDone ? 'Done' : 'Downloading',
			current: isDone ? total : current,
			total,
		},
	];
}

function outputLine(text: string, step: string, at: number): Progress {
	return {type: 'output', at, level: 'info', text: tidy(text), step};
}

/** One line, without control sequences and passwords. */
function tidy(text: string): string {
	return mask(stripVTControlCharacters(text))
		.replace(/\s*[\r\n]+\s*/g, ' ')
		.trimEnd();
}

/** Longer lines are cut: nobody reads them, and a screen has to measure them. */
const longestLine = 8192;

/** Cuts pieces of bytes into lines, for each key apart. Of a line that was overwritten (`\r`) the last state counts. */
class LineCutter {
	readonly #rests = new Map<string, {readonly decoder: StringDecoder; text: string}>();

	push(key: string, data: Buffer): string[] {
		let rest = this.#rests.get(key);
		if (!rest) {
			rest = {decoder: new StringDecoder('utf8'), text: ''};
			this.#rests.set(key, rest);
		}

		const lines = (rest.text + rest.decoder.write(data)).split('\n');
		rest.text = (lines.pop() ?? '').slice(-longestLine);
		return lines.map(lastState);
	}

	end(): Array<{key: string; text: string}> {
		const ends = [...this.#rests].filter(([, {text}]) => text !== '');
		this.#rests.clear();
		return ends.map(([key, {text}]) => ({key, text: lastState(text)}));
	}
}

function lastState(line: string): string {
	const shown = line.replace(/\r+$/, '');
	return shown.slice(shown.lastIndexOf('\r') + 1).slice(0, longestLine);
}
