import {footerBindings, type KeyFacts, type KeyScope} from '../src/keys.ts';
import {fit, width} from '../src/text.ts';
import {Line} from './line.tsx';
import {useTheme} from './theme.ts';

/** To the other pane, to all keys, and out. */
const leading: ReadonlySet<string> = new Set(['next-pane', 'help', 'quit']);

interface FooterProperties {
	readonly scope: KeyScope;
	readonly facts: KeyFacts;
	readonly columns: number;
}

/** The keys that matter now, as many as fit; one that is blocked now is greyed. Those that lead on are always there. */
export function Footer({scope, facts, columns}: FooterProperties) {
	const {paint} = useTheme();
	const bindings = footerBindings(scope);
	const items = bindings.map((binding) => {
		const blocked = binding.blocked?.(facts) !== undefined;
		const keys = blocked ? paint.muted(binding.shown) : paint.selected(binding.shown);
		const text = `${keys} ${paint.muted(binding.label)}`;
		return {text, width: width(text) + 2, kept: leading.has(binding.action)};
	});
	const reserved = items.reduce((sum, item) => sum + (item.kept ? item.width : 0), 0);
	const others = items.filter((item) => !item.kept);
	const fitting = others.filter((_, index) => {
		const used = others.slice(0, index + 1).reduce((sum, other) => sum + other.width, reserved);
		return used < columns;
	});
	const shown = [...fitting, ...items.filter((item) => item.kept)];
	return <Line text={fit(` ${shown.map((item) => item.text).join('  ')}`, columns)} />;
}
