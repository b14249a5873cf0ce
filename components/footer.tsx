import {memo} from 'react';
import {footerBindings, type KeyFacts, type KeyScope} from '../src/keys.ts';
import {fit, width} from '../src/text.ts';
import {Rows} from './rows.tsx';
import {useTheme} from './theme.ts';

/** To the other pane, to all keys, and out. */
const leading: ReadonlySet<string> = new Set(['next-pane', 'help', 'quit']);

interface FooterProperties {
	readonly scope: KeyScope;
	readonly facts: KeyFacts;
	readonly columns: number;
}

/** The keys that matter now, as many as fit; one that is blocked now is greyed. Those that lead on are always there. */
export const Footer = memo(function Footer({scope, facts, columns}: FooterProperties) {
	const {paint} = useTheme();
	const bindings = footerBindings(scope);
	const items = bindings.map((binding) => {
		const blocked = binding.blocked?.(facts) !== undefined;
		const keys = blocked ? paint.muted(binding.shown) : paint.selected(binding.shown);
		return {
			text: `${keys} ${paint.muted(binding.label)}`,
			width: width(`${binding.shown} ${binding.label}  `),
			kept: leading.has(binding.action),
		};
	});
	const shown = [...fittingItems(items, columns), ...items.filter((item) => item.kept)];
	return <Rows rows={[fit(` ${shown.map((item) => item.text).join('  ')}`, columns)]} />;
});

interface FooterItem {
	readonly text: string;
	/** With the blanks behind it. */
	readonly width: number;
	/** Always there. */
	readonly kept: boolean;
}

/** The first of the items that may be left out, as many as there is room for beside the others. */
function fittingItems(items: readonly FooterItem[], columns: number): readonly FooterItem[] {
	let used = items.reduce((sum, item) => sum + (item.kept ? item.width : 0), 0);
	return items.filter((item) => {
		used += item.kept ? 0 : item.width;
		return !item.kept && used < columns;
	});
}
