import {styleText} from 'node:util';
import type {Container} from '../../stack/model.ts';
import {width} from '../../text.ts';
import type {Output} from '../context.ts';
import {lineJson, type ContainerLine} from './lines.ts';

/** How lines are printed. */
export interface PrintOptions {
	readonly json: boolean;
	readonly timestamps: boolean;
	/** The name of the service before each line. */
	readonly prefix: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** One for each service, in the order in which they come. */
const prefixStyles: readonly Style[] = ['cyan', 'magenta', 'green', 'blue', 'yellow', 'redBright'];

/**
 * Writes lines for people or for programs. On a terminal nothing in a line can act on it; into a pipe goes what the
 * program wrote, as `docker logs` does it. Colours stay where the output shows colours.
 */
export class LogPrinter {
	readonly #output: Output;
	readonly #options: PrintOptions;
	readonly #styles = new Map<string, Style>();
	#prefixWidth = 0;

	constructor(output: Output, options: PrintOptions) {
		this.#output = output;
		this.#options = options;
	}

	/** Announces containers, so that the prefixes of all of them are equally wide from the first line on. */
	know(containers: Iterable<Container>): void {
		for (const container of containers) {
			const {service} = container;
			if (!this.#styles.has(service)) {
				this.#styles.set(service, prefixStyles[this.#styles.size % prefixStyles.length] ?? 'reset');
			}

			this.#prefixWidth = Math.max(this.#prefixWidth, width(nameOf(container)));
		}
	}

	/** Writes lines at once; settles when they have been taken. */
	async print(lines: readonly ContainerLine[]): Promise<void> {
		const text = this.#options.json
			? lines.map((line) => JSON.stringify(lineJson(line)))
			: lines.map((line) => this.#line(line));
		await this.#output.write(text.map((line) => `${line}\n`).join(''));
	}

	#line(line: ContainerLine): string {
		const {prefix, timestamps} = this.#options;
		const stamp = timestamps ? `${this.#styled('dim', line.stamp)} ` : '';
		return `${prefix ? this.#prefix(line.container) : ''}${stamp}${this.#text(line)}`;
	}

	#prefix(container: Container): string {
		this.know([container]);
		const name = nameOf(container);
		const padded = name + ' '.repeat(this.#prefixWidth - width(name));
		return `${this.#styled(this.#styles.get(container.service) ?? 'reset', `${padded} |`)} `;
	}

	#text({text, clean, plain, level}: ContainerLine): string {
		if (!this.#output.colors) {
			return this.#output.isTTY ? plain : text;
		}

		// A program's own colours say more than ours.
		if (clean !== plain) {
			return clean;
		}

		const isError = level === 'error' || level === 'fatal';
		return isError ? this.#styled('red', clean) : level === 'warning' ? this.#styled('yellow', clean) : clean;
	}

	#styled(style: Style, text: string): string {
		return this.#output.colors ? styleText(style, text, {validateStream: false}) : text;
	}
}

/** The service, with the container's number where it was scaled. */
function nameOf({service, number}: Container): string {
	return number > 1 ? `${service}-${number}` : service;
}
