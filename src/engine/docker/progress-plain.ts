import type {Progress} from '../../stack/model.ts';

/** What a plain line says, in the words of compose's JSON. */
export type PlainLine =
	| {readonly kind: 'event'; readonly id: string; readonly status: string}
	/** A step of a build that has begun, or ended. */
	| {readonly kind: 'vertex'; readonly number: string; readonly name: string}
	| {readonly kind: 'vertexEnd'; readonly number: string; readonly status: string}
	| {readonly kind: 'vertexOutput'; readonly number: string; readonly text: string}
	/** Of a step of a build: `transferring context: 2B done`. */
	| {readonly kind: 'detail'}
	| {readonly kind: 'message'; readonly level: Output['level']; readonly text: string}
	| {readonly kind: 'other'; readonly text: string};

type Output = Extract<Progress, {type: 'output'}>;

/** How the lines look. From the top; the first pattern that fits decides. */
const forms: ReadonlyArray<readonly [RegExp, (groups: readonly string[]) => PlainLine]> = [
	// ` Container kws-mlflow-1  Started`; compose before 2.30 also ` Service mlflow  Building`.
	[
		/^ ?((?:Container|Network|Volume|Image|Service) \S+)\s+(\S.*?)\s*$/,
		([id = '', status = '']) => ({kind: 'event', id, status}),
	],
	// ` postgres Pulling `, ` 8a91f3a03aa6 Already exists `, ` kws-mlflow  Built`.
	[
		/^ (\S+)\s+((?:Pull(?:ing|ed)|Built|Building|Download|Extract|Verifying|Already exists|Pull complete|Waiting|Error|Interrupted|Retrying|Skipped)\b.*?)\s*$/,
		([id = '', status = '']) => ({kind: 'event', id, status}),
	],
	[/^#(\d+) \d+\.\d+ (.*)$/, ([number = '', text = '']) => ({kind: 'vertexOutput', number, text})],
	[
		/^#(\d+) (DONE|CACHED|ERROR|CANCELED)\b(?:: )?(.*)$/,
		([number = '', status = '', rest = '']) => ({
			kind: 'vertexEnd',
			number,
			status: status === 'ERROR' ? `Error: ${rest}` : status === 'CACHED' ? 'Cached' : 'Done',
		}),
	],
	[/^#(\d+) (\[.*|exporting to image.*)$/, ([number = '', name = '']) => ({kind: 'vertex', number, name})],
	[/^#\d+ /, () => ({kind: 'detail'})],
	// logrus, where it writes to no terminal.
	[
		/^time="[^"]*" level=(\w+) msg="((?:[^"\\]|\\.)*)"/,
		([level = '', text = '']) => ({
			kind: 'message',
			level: levelOf(level),
			text: text.replace(/\\(.)/g, '$1'),
		}),
	],
];

/** Reads a line of compose's plain progress, or whatever else is no JSON. */
export function readPlainLine(line: string): PlainLine {
	for (const [pattern, make] of forms) {
		const match = pattern.exec(line);
		if (match) {
			return make(match.slice(1).map((group: string | undefined) => group ?? ''));
		}
	}

	return {kind: 'other', text: line};
}

/** A level of logrus (`warning`, `error`, `fatal`, ...) as one of ours. */
export function levelOf(level: string): Output['level'] {
	return level.startsWith('warn') ? 'warning' : /^(?:error|fatal|panic)/.test(level) ? 'error' : 'info';
}
