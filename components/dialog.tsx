import {Box} from 'ink';
import {useTheme} from './theme.ts';
import {Panel} from './panel.tsx';

interface DialogProperties {
	readonly title: string;
	readonly lines: readonly string[];
	readonly columns: number;
	readonly rows: number;
	/** Columns the content asks for; the dialog is never wider than the terminal. */
	readonly wanted: number;
}

/** A panel over the middle of the screen. */
export function Dialog({title, lines, columns, rows, wanted}: DialogProperties) {
	const theme = useTheme();
	const boxColumns = Math.min(columns, wanted + 4);
	const shown = lines.slice(0, Math.max(1, rows - 2)).map((line) => ` ${line}`);
	return (
		<Box
			position="absolute"
			flexDirection="column"
			marginLeft={Math.floor((columns - boxColumns) / 2)}
			marginTop={Math.max(0, Math.floor((rows - shown.length - 2) / 2))}
		>
			<Panel title={theme.paint.strong(title)} lines={shown} columns={boxColumns} borders focused />
		</Box>
	);
}
