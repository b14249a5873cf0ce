import {Batch} from './batch.ts';

/** The shortest time between two frames that log lines cause, in ms; a single line is drawn at once. */
const logInterval = 100;

/** The same after so many lines between two frames: nobody reads them, and a key waits for the frame that it meets. */
const floodInterval = 250;
const floodLines = 1000;

/** Milliseconds without a line after which a flood has paused: then somebody may read, and its last lines are drawn. */
const floodPause = 50;

/** The same of a flood that went on after such a pause: it comes in pulses, and is not drawn after each of them. */
const pulsePause = 100;

/** The frames that log lines cause: soon where somebody can read them, seldom in a flood. */
export class LogFrames {
	readonly #batch: Batch<number>;
	#timer: NodeJS.Timeout | undefined;
	/** When a line came last, as of `performance.now()`. */
	#cameAt = 0;
	#pause = floodPause;
	/** The flood has paused, and not gone on yet. */
	#hasPaused = false;

	constructor(draw: () => void) {
		this.#batch = new Batch((lines) => (sum(lines) > floodLines ? floodInterval : logInterval), draw);
	}

	/** Lines came, or (0) something else about them is to be drawn. */
	add(lines: number): void {
		this.#batch.add(lines);
		if (this.#batch.interval < floodInterval) {
			this.#pause = floodPause;
		} else {
			this.#pause = this.#hasPaused ? pulsePause : this.#pause;
			this.#cameAt = performance.now();
			this.#timer ??= this.#awaitPause(this.#pause);
		}

		this.#hasPaused = false;
	}

	/** What waits is drawn now. */
	flush(): void {
		this.#batch.flush();
	}

	/** What waits has been drawn with something else. */
	passOver(): void {
		this.#batch.passOver();
	}

	stop(): void {
		this.#batch.stop();
		clearTimeout(this.#timer);
	}

	#awaitPause(milliseconds: number): NodeJS.Timeout {
		return setTimeout(() => {
			const left = this.#cameAt + this.#pause - performance.now();
			this.#timer = left > 0 ? this.#awaitPause(left) : undefined;
			if (left <= 0) {
				this.#hasPaused = true;
				this.#batch.hasten();
			}
		}, milliseconds);
	}
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}
