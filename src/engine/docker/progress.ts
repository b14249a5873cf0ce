import {stripVTControlCharacters} from 'node:util';
import {mask} from '../../stack/mask.ts';
import type {Progress, ServiceDefinition} from '../../stack/model.ts';
import {isRecord, type JsonObject, numberIn, stringIn} from '../json.ts';
import {BuildReader, buildStep} from './progress-build.ts';
import {levelOf, readPlainLine} from './progress-plain.ts';

type Step = Extract<Progress, {type: 'step'}>;
type Output = Extract<Progress, {type: 'output'}>;

/**
 * Reads what `docker compose` prints while it works, line by line, from standard output and standard error alike:
 * compose's `--progress json` as Compose 2.29 to 5 write it, BuildKit's own JSON within, plain lines of older ones.
 */
export class ProgressReader {
	/** The last word of each step that is under way. */
	readonly #working = new Map<string, Step>();
	readonly #images: ReadonlyMap<string, string>;
	readonly #build: BuildReader;
	readonly #vertexes = new Map<string, {digest: string; name: string}>();
	readonly #unread: string[] = [];
	#message = '';

	constructor(services: readonly Pick<ServiceDefinition, 'name' | 'image' | 'build'>[] = []) {
		this.#images = new Map(services.flatMap(({name, image}) => (image === undefined ? [] : [[name, image]])));
		this.#build = new BuildReader(
			services
				.filter(({build}) => build)
				.map(({name}) => name)
				.join(', '),
		);
	}

	/** What compose said went wrong; empty while nothing did. */
	get message(): string {
		return this.#message || this.#unread.join('\n');
	}

	/** What a line says; nothing for what nobody needs to know. `at` is in ms since 1970. */
	read(line: string, at: number): Progress[] {
		const progress = this.#progressOf(line, at);
		for (const item of progress) {
			if (item.type === 'step') {
				this.#remember(item);
			}
		}

		return progress;
	}

	/**
	 * What is left to say when compose has ended. After a success nothing works any more; after a failure that what
	 * the message names has failed: compose does not take back its `Starting`.
	 */
	end(succeeded: boolean, at: number): Progress[] {
		const steps = [...this.#working.values()].filter(
			({id, name}) => id !== buildStep && (succeeded || (name !== '' && this.message.includes(name))),
		);
		const build = this.#build.close(succeeded ? 'done' : 'failed', at);
		this.#working.clear();
		const state = succeeded ? 'done' : 'failed';
		return [...steps.map((step): Step => Object.assign({}, step, {at, state})), ...build];
	}

	#remember(step: Step): void {
		if (step.state === 'working') {
			this.#working.set(step.id, step);
		} else {
			this.#working.delete(step.id);
		}
	}

	#progressOf(line: string, at: number): Progress[] {
		if (!line.startsWith('{')) {
			return this.#plain(line, at);
		}

		let message: unknown;
		try {
			message = JSON.parse(line);
		} catch {
			return this.#plain(line, at);
		}

		return isRecord(message) ? this.#json(message, at) : [];
	}

	#json(message: JsonObject, at: number): Progress[] {
		const id = stringIn(message, 'id');
		if (message['error'] === true) {
			this.#message = stringIn(message, 'message') ?? this.#message;
			return [];
		}

		if (BuildReader.knows(message)) {
			return this.#build.read(message, at);
		}

		if (id !== undefined) {
			return this.#event(id, message, at);
		}

		const text = stringIn(message, 'msg') ?? stringIn(message, 'text') ?? '';
		return text === '' ? [] : [output(levelOf(stringIn(message, 'level') ?? 'info'), text, at)];
	}

	#event(id: string, message: JsonObject, at: number): Progress[] {
		const {word, detail, verdict} = wordsOf(message);
		const [, type = '', rest = ''] = /^(Container|Network|Volume|Image|Service) (.+)$/.exec(id) ?? [];
		const name = rest || id;
		if (/^Buil(?:ding|t)\b/.test(word)) {
			return this.#build.announce(word, at);
		}

		const state = verdict ?? stateOf(word);
		const parent = stringIn(message, 'parent_id');
		// Of a pull that fails the detail says why; a `Warning` is one that does not matter, as the image is built.
		const status = mask((state === 'failed' || word === 'Warning') && detail ? detail : word);
		if (parent !== undefined) {
			const image = this.#pullId(parent.replace(/^Image /, ''));
			const step = layer({id: `${image} ${id}`, name: id, parent: image, status, at});
			return [{...step, state, ...sizeOf(message)}];
		}

		const common = {type: 'step', at, state, status} as const;
		const kind = kinds[type] ?? (/^(?:Pull|Skipped|Warning|Error|Interrupted)/.test(word) ? 'pull' : 'other');
		if (kind === 'pull') {
			return [{...common, id: this.#pullId(name), kind, name: this.#images.get(name) ?? name}];
		}

		const closed = kind === 'other' ? [] : this.#build.close('done', at);
		return [...closed, {...common, id: `${kind} ${name}`, kind, name}];
	}

	/** Compose 2 names the service that is pulled for, Compose 5 the image. */
	#pullId(name: string): string {
		return `image ${this.#images.get(name) ?? name}`;
	}

	#plain(line: string, at: number): Progress[] {
		const plain = readPlainLine(stripVTControlCharacters(line).trimEnd());
		switch (plain.kind) {
			case 'event': {
				const isLayer = /^[0-9a-f]{12}$/.test(plain.id);
				return isLayer
					? [layer({id: plain.id, name: plain.id, status: plain.status, at})]
					: this.#event(plain.id, {text: plain.status}, at);
			}

			case 'vertex': {
				const vertex = {digest: `#${plain.number}`, name: plain.name};
				this.#vertexes.set(plain.number, vertex);
				return this.#build.read({vertexes: [{...vertex, started: 'yes'}]}, at);
			}

			case 'vertexEnd': {
				const ended = {
					...this.#vertexes.get(plain.number),
					started: 'yes',
					completed: 'yes',
					cached: plain.status === 'Cached',
					...(plain.status.startsWith('Error: ') && {error: plain.status.slice('Error: '.length)}),
				};
				return this.#build.read({vertexes: [ended]}, at);
			}

			case 'vertexOutput': {
				return [{...output('info', plain.text, at), step: `#${plain.number}`}];
			}

			case 'message': {
				return plain.text === '' ? [] : [output(plain.level, plain.text, at)];
			}

			case 'detail': {
				return [];
			}

			case 'other': {
				return this.#other(plain.text, at);
			}
		}
	}

	/** A line that nothing is known of: it is shown, and should compose fail without a message, it is the message. */
	#other(text: string, at: number): Progress[] {
		if (text.trim() === '') {
			return [];
		}

		this.#unread.push(text);
		this.#unread.splice(0, this.#unread.length - 20);
		return [output('info', text, at)];
	}
}

const kinds: Readonly<Partial<Record<string, Step['kind']>>> = {
	Container: 'container',
	Network: 'network',
	Volume: 'volume',
	Image: 'pull',
	Service: 'other',
};

/**
 * Compose 2 writes `{"status": "Creating"}` or, of a pull, `{"text": "Downloading", "status": "[=>  ]"}`; Compose 5
 * `{"status": "Working", "text": "Creating", "details": "..."}` (docker/compose, cmd/display/json.go).
 */
function wordsOf(message: JsonObject): {word: string; detail: string; verdict: Step['state'] | undefined} {
	const status = stringIn(message, 'status') ?? '';
	const text = stringIn(message, 'text') ?? '';
	const verdict = verdicts[status];
	return verdict === undefined
		? {word: text || status, detail: text ? status : '', verdict}
		: {word: text || status, detail: stringIn(message, 'details') ?? '', verdict};
}

const verdicts: Readonly<Partial<Record<string, Step['state']>>> = {
	Working: 'working',
	Done: 'done',
	Warning: 'done',
	Error: 'failed',
};

/** Compose 2 has no verdict, only words (docker/compose v2, pkg/progress/event.go); an error is its whole message. */
function stateOf(word: string): Step['state'] {
	if (
		/^(?:Created|Started|Running|Healthy|Exited|Restarted|Recreated|Stopped|Killed|Removed|Built|Pulled|Pull complete|Already exists|Skipped|Warning|Loaded|Copied|Paused|Unpaused)\b/.test(
			word,
		)
	) {
		return 'done';
	}

	return /^(?:Error|Interrupted|Resource is still in use|service ".*" didn't complete)/.test(word)
		? 'failed'
		: 'working';
}

function layer(step: Pick<Step, 'id' | 'name' | 'parent' | 'status' | 'at'>): Step {
	return {type: 'step', kind: 'layer', state: stateOf(step.status), ...step};
}

function sizeOf(message: JsonObject): Pick<Step, 'current' | 'total'> {
	const current = numberIn(message, 'current');
	const total = numberIn(message, 'total');
	return current === undefined || total === undefined || total <= 0 ? {} : {current, total};
}

function output(level: 'info' | 'warning' | 'error', text: string, at: number): Output {
	return {type: 'output', at, level, text: mask(stripVTControlCharacters(text)).trimEnd()};
}
