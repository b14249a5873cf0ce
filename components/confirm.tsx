import type {Dialog as DialogState} from '../src/screen/view.ts';
import {width, wrapWords} from '../src/text.ts';
import {Dialog} from './dialog.tsx';
import {useTheme} from './theme.ts';

interface ConfirmProperties {
	readonly question: Extract<DialogState, {kind: 'confirm'}>;
	readonly columns: number;
	readonly rows: number;
}

/** A question that only `y` answers with yes. */
export function Confirm({question, columns, rows}: ConfirmProperties) {
	const {paint} = useTheme();
	const wanted = Math.min(columns - 4, Math.max(48, ...question.lines.map((line) => width(line))));
	const lines = [
		...question.lines.flatMap((line) => wrapWords(line, wanted)),
		'',
		`${paint.selected('y')} yes    ${paint.selected('n')} no, leave everything as it is`,
	];
	return <Dialog title={question.title} lines={lines} columns={columns} rows={rows} wanted={wanted} />;
}
