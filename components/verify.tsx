import type {Dialog as DialogState} from '../src/screen/view.ts';
import type {Mark} from '../src/screen/activity.ts';
import {
	stepTime,
	verdict,
	verifySteps,
	type VerifyStep,
	type VerifyStepState,
} from '../src/stack/verify/verification.ts';
import {width, wrapWords} from '../src/text.ts';
import {markText} from './activity.tsx';
import {Dialog} from './dialog.tsx';
import {useTheme, type Theme} from './theme.ts';

interface VerifyProperties {
	readonly dialog: Extract<DialogState, {kind: 'verify'}>;
	readonly columns: number;
	readonly rows: number;
}

const marks: Readonly<Record<VerifyStepState, Mark>> = {
	waiting: 'none',
	working: 'working',
	done: 'done',
	failed: 'failed',
	skipped: 'none',
};

/** The steps of a verification as they go, and what failed under each. */
export function Verify({dialog, columns, rows}: VerifyProperties) {
	const theme = useTheme();
	const {verification, scroll, isStopping} = dialog;
	const wanted = Math.min(96, columns - 4);
	const lines = verification.steps.flatMap((step) => stepLines(theme, step, wanted));
	if (verification.isOver) {
		lines.push('', ...wrapWords(verdict(verification), wanted).map((line) => theme.paint.strong(line)));
	}

	const room = Math.max(1, rows - 4);
	const first = Math.min(scroll, Math.max(0, lines.length - room));
	const hint = verification.isOver ? 'esc closes' : isStopping ? 'removing what was made' : 'esc stops it';
	return (
		<Dialog
			title={`Verify  (${lines.length > room ? '↑↓ scroll, ' : ''}${hint})`}
			lines={lines.slice(first, first + room)}
			columns={columns}
			rows={rows}
			wanted={wanted}
		/>
	);
}

/** Text that goes on stands below its beginning. */
function stepLines(theme: Theme, step: VerifyStep, columns: number): readonly string[] {
	const {paint} = theme;
	const {name, state, took, detail, failure} = step;
	const isQuiet = state === 'waiting' || state === 'skipped';
	const tone = isQuiet ? 'muted' : 'plain';
	const [title = '', ...titles] = wrapWords(verifySteps[name], columns - 10);
	const time = state === 'skipped' ? 'skipped' : took === undefined ? '' : stepTime(took);
	const gap = ' '.repeat(Math.max(1, columns - 2 - width(title) - width(time)));
	const indented = (text: string, colour: keyof Theme['paint']): readonly string[] =>
		wrapWords(text, columns - 2).map((line) => `  ${paint[colour](line)}`);
	return [
		`${markText(theme, marks[state])} ${paint[tone](title)}${gap}${paint.muted(time)}`,
		...titles.map((line) => `  ${paint[tone](line)}`),
		...(detail === undefined ? [] : indented(detail, 'muted')),
		...(failure ? indented(failure.message, 'strong') : []),
		...(failure?.why ? indented(failure.why, 'muted') : []),
		...(failure?.next ?? []).flatMap((line) => indented(line, 'accent')),
	];
}
