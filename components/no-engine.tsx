import {Box} from 'ink';
import type {Failure} from '../src/failure.ts';
import {fit, wrapWords} from '../src/text.ts';
import {Rows} from './rows.tsx';
import {useTheme} from './theme.ts';

interface NoEngineProperties {
	readonly failure: Failure;
	readonly tries: number;
	readonly columns: number;
	readonly rows: number;
}

/** The card of a machine where no engine answers: what was tried, what is wrong, what to do. */
export function NoEngine({failure, tries, columns, rows}: NoEngineProperties) {
	const {paint, glyphs} = useTheme();
	const room = Math.max(20, Math.min(columns - 6, 92));
	const lines = [
		`${paint.error(glyphs.ascii ? 'x' : '✗')} ${paint.strong(failure.message)}`,
		'',
		...failure.why.split('\n').flatMap((line) => wrapWords(line, room)),
		'',
		...failure.next.flatMap((step, index) =>
			wrapWords(step, room - 3).map(
				(line, row) => `${row === 0 ? paint.accent(`${index + 1}.`) : '  '} ${line}`,
			),
		),
		'',
		...wrapWords(
			`Looking again by itself (${tries} ${tries === 1 ? 'try' : 'tries'} so far); this becomes the dashboard when the engine answers.`,
			room,
		).map((line) => paint.muted(line)),
	];
	const top = Math.max(0, Math.floor((rows - lines.length) / 3));
	return (
		<Box flexDirection="column" height={rows} paddingTop={top}>
			<Rows rows={lines.slice(0, rows - top).map((line) => fit(`   ${line}`, columns))} />
		</Box>
	);
}
