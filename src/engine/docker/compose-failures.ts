import {stripVTControlCharacters} from 'node:util';
import {Failure} from '../../failure.ts';
import {mask} from '../../stack/mask.ts';
import {type ComposeContext, type ComposeFailure, composeLine, type Found} from './compose-context.ts';
import {engineFailures} from './compose-failures-engine.ts';
import {fileFailures} from './compose-failures-file.ts';
import {imageFailures} from './compose-failures-image.ts';
import {startFailures} from './compose-failures-start.ts';

/** From the top; the first row whose pattern fits decides. */
export const composeFailures: readonly ComposeFailure[] = [
	...engineFailures,
	...fileFailures,
	...startFailures,
	...imageFailures,
];

/**
 * What compose said when it failed, as a Failure. `output` are the last lines that it printed before, such as a
 * build's. Its cause holds the message in full, its secrets masked.
 */
export function composeFailure(
	message: string,
	context: ComposeContext,
	output: readonly string[] = [],
): Failure {
	const said = clean(message);
	const printed = output.map(clean).filter((line) => line !== '');
	const direct = findRow(said, composeFailures);
	// What a build's message leaves open, the lines that it printed may tell.
	const indirect = direct && !direct.row.isBuild ? undefined : findRow(printed.join('\n'), outputFailures);
	const match = indirect ?? direct;
	if (match) {
		const {row, found} = match;
		return new Failure(row.what(found, context), {
			code: row.code,
			why: row.why?.(found, context) ?? lastWords(said, row.isBuild || indirect ? printed : []),
			next: row.next(found, context),
			...(row.reason && {reason: row.reason}),
			cause: new Error(said),
		});
	}

	return new Failure(`\`docker compose ${context.command}\` failed`, {
		code: 'compose-failed',
		why: lastWords(said, said === '' ? printed : []),
		next: [composeLine(context)],
		cause: new Error(said),
	});
}

const outputFailures = composeFailures.filter(({inOutput}) => inOutput);

function findRow(
	text: string,
	rows: readonly ComposeFailure[],
): {row: ComposeFailure; found: Found} | undefined {
	for (const row of rows) {
		const match = row.pattern.exec(text);
		if (match) {
			return {row, found: {...match.groups}};
		}
	}

	return undefined;
}

/** The message, or its last line after the last lines of output: a build's cause stands in those. */
function lastWords(message: string, output: readonly string[]): string {
	const lines = message.split('\n').filter((line) => line.trim() !== '' && !/^-{3,}$/.test(line.trim()));
	return (output.length > 0 ? [...output.slice(-5), ...lines.slice(-1)] : lines.slice(-6)).join('\n');
}

function clean(message: string): string {
	const text = mask(stripVTControlCharacters(message)).trim();
	return text.replace(/^(?:Error response from daemon|docker|Error): /i, '');
}
