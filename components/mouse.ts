import {mouseOff, mouseOn, MouseReports, type MouseReport} from '../src/screen/mouse-reports.ts';

/** How long, in ms, Escape waits for the rest of a report while the mouse is on: a connection may cut between them. */
const patience = 50;

/**
 * The mouse of a terminal. Ink knows none, so its reports are taken out of standard input before Ink reads it; the
 * terminal keeps its own use of the mouse, such as selecting text, until it is switched on.
 */
export class Mouse {
	/** Standard input without the reports. */
	readonly stdin: NodeJS.ReadStream;
	readonly #stdout: NodeJS.WriteStream;
	readonly #onReport: (report: MouseReport) => void;
	readonly #reports = new MouseReports();
	/** Keys that had to wait. */
	#released = '';
	#timer: NodeJS.Timeout | undefined;

	constructor(stdin: NodeJS.ReadStream, stdout: NodeJS.WriteStream, onReport: (report: MouseReport) => void) {
		this.#stdout = stdout;
		this.#onReport = onReport;
		this.stdin = new Proxy(stdin, {
			get: (target, name) => {
				if (name === 'read') {
					return (size?: number) => this.#read(target.read(size));
				}

				const value: unknown = Reflect.get(target, name);
				// The stream's own methods need the stream itself.
				return typeof value === 'function' ? value.bind(target) : value;
			},
		});
	}

	/** Asks the terminal for reports, or for none. */
	switch(on: boolean): void {
		if (on !== this.#reports.isOn) {
			this.#reports.isOn = on;
			this.#stdout.write(on ? mouseOn : mouseOff);
		}
	}

	/** What Ink gets to read. */
	#read(chunk: unknown): unknown {
		const released = this.#released;
		this.#released = '';
		// Ink reads until there is nothing more: that says nothing about what waits.
		if (typeof chunk !== 'string') {
			return released === '' ? chunk : released;
		}

		clearTimeout(this.#timer);

		const {keys, reports} = this.#reports.take(chunk);
		if (this.#reports.isWaiting) {
			this.#timer = setTimeout(() => {
				this.#released = this.#reports.release();
				this.stdin.emit('readable');
			}, patience);
		}

		for (const report of this.#reports.isOn ? reports : []) {
			this.#onReport(report);
		}

		return released + keys;
	}
}
