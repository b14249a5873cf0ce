import {keyBindings, scopeTitles, type KeyScope} from '../src/keys.ts';
import {fit, width, wrapWords} from '../src/text.ts';
import {Dialog} from './dialog.tsx';
import {useTheme, type Theme} from './theme.ts';

interface HelpProperties {
	readonly columns: number;
	readonly rows: number;
	readonly scroll: number;
}

const scopes: readonly KeyScope[] = ['dashboard', 'services', 'logs', 'input'];

/** Every key, from the table of keys. */
export function Help({columns, rows, scroll}: HelpProperties) {
	const theme = useTheme();
	const wanted = Math.min(88, columns - 4);
	const lines = helpLines(theme, wanted);
	const room = Math.max(1, rows - 4);
	const first = Math.min(scroll, Math.max(0, lines.length - room));
	const more = lines.length - first - room;
	const shown = lines.slice(first, first + room);
	const title = more > 0 || first > 0 ? `Keys  (↑↓ scroll, esc closes)` : 'Keys  (esc closes)';
	return <Dialog title={title} lines={shown} columns={columns} rows={rows} wanted={wanted} />;
}

/** How many lines the help has at a width; the scroll position ends there. */
export function helpLines({paint}: Theme, columns: number): readonly string[] {
	const lines: string[] = [];
	for (const scope of scopes) {
		lines.push(...(lines.length > 0 ? [''] : []), paint.strong(scopeTitles[scope]));
		const bindings = keyBindings.filter((binding) => binding.scope === scope);
		const keys = Math.max(...bindings.map((binding) => width(binding.shown)));
		for (const {shown, help} of bindings) {
			for (const [row, text] of wrapWords(help, columns - keys - 3).entries()) {
				lines.push(`${paint.selected(fit(row === 0 ? shown : '', keys))}  ${text}`);
			}
		}
	}

	return lines;
}
