import type {Dialog as DialogState} from '../src/screen/view.ts';
import {earlyWords} from '../src/screen/question.ts';
import {width, wrapWords} from '../src/text.ts';
import {Dialog} from './dialog.tsx';
import {useTheme} from './theme.ts';

interface ConfirmProperties {
	readonly asked: Extract<DialogState, {kind: 'confirm'}>;
	readonly columns: number;
	readonly rows: number;
}

/** A question that only `y` answers with yes. */
export function Confirm({asked, columns, rows}: ConfirmProperties) {
	const {paint} = useTheme();
	const wanted = Math.min(columns - 4, Math.max(48, ...asked.lines.map((line) => width(line))));
	const lines = [
		...asked.lines.flatMap((line) => wrapWords(line, wanted)),
		...(asked.question.early ? wrapWords(earlyWords, wanted).map((line) => paint.warning(line)) : []),
		'',
		`${paint.selected('y')} yes    ${paint.selected('n')} no, leave everything as it is`,
	];
	return <Dialog title={asked.title} lines={lines} columns={columns} rows={rows} wanted={wanted} />;
}
