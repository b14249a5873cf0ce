import {verify} from '../engine/verify/verify.ts';
import {failureText, type ExitReason} from '../failure.ts';
import {jsonVersion} from '../stack/status-json.ts';
import {
	failuresOf,
	holds,
	stepTime,
	verdict,
	verifySteps,
	type Verification,
	type VerifyStep,
} from '../stack/verify/verification.ts';
import type {CommandContext, Output} from './context.ts';
import {paint} from './paint.ts';
import {openStack} from './stack.ts';

/** `mlstack verify`: proves that runs are kept in PostgreSQL and artifacts on the server. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, stdout, stderr, signal, request} = context;
	const opened = await openStack(context);
	const printer = new StepPrinter(stdout);
	const verification = await verify(
		{...opened, environment: request.environment},
		(now) => (values.json ? undefined : printer.show(now)),
		signal,
	);
	await printer.end();
	signal.throwIfAborted();
	const failures = failuresOf(verification);
	if (values.json) {
		const document = verificationJson(opened.stack.project, verification);
		await stdout.write(`${JSON.stringify(document, undefined, '\t')}\n`);
	} else {
		await stdout.write(`${verdict(verification)}\n`);
		for (const failure of failures) {
			await stderr.write(`${failureText(failure)}\n`);
		}
	}

	return holds(verification) ? 'fine' : (failures[0]?.reason ?? 'failed');
}

/** A line for each step as it ends. */
class StepPrinter {
	readonly #output: Output;
	#told = 0;
	#written: Promise<void> = Promise.resolve();

	constructor(output: Output) {
		this.#output = output;
	}

	show({steps}: Verification): void {
		for (const step of steps.slice(this.#told)) {
			if (step.state === 'waiting' || step.state === 'working') {
				return;
			}

			this.#told++;
			const line = stepLine(step, this.#output);
			this.#written = this.#written.then(async () => this.#output.write(`${line}\n`));
		}
	}

	/** Settles when all is written. */
	async end(): Promise<void> {
		return this.#written;
	}
}

const marks = {
	waiting: ['·', 'muted'],
	working: ['◐', 'busy'],
	done: ['✓', 'ok'],
	failed: ['✗', 'error'],
	skipped: ['·', 'muted'],
} as const;

function stepLine({name, state, took, detail}: VerifyStep, output: Output): string {
	const [glyph, tone] = marks[state];
	const time = took === undefined ? (state === 'skipped' ? 'skipped' : '') : stepTime(took);
	const found = detail === undefined ? '' : `: ${detail}`;
	return `${paint(output, tone, glyph)} ${verifySteps[name]}${found}  ${paint(output, 'muted', time)}`.trimEnd();
}

/** What `mlstack verify --json` prints; times in ms. */
function verificationJson(project: string, verification: Verification) {
	return {
		version: jsonVersion,
		project,
		holds: holds(verification),
		steps: verification.steps.map(({name, state, took, detail, failure}) => ({
			step: name,
			proves: verifySteps[name],
			state,
			...(took !== undefined && {took: Math.round(took)}),
			...(detail !== undefined && {detail}),
			...(failure && {failure}),
		})),
	};
}
