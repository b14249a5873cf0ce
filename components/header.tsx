import {memo} from 'react';
import type {EngineInfo, Stack} from '../src/stack/model.ts';
import {cutMiddle, fit, spread, width} from '../src/text.ts';
import {Rows} from './rows.tsx';
import {useTheme} from './theme.ts';

interface HeaderProperties {
	readonly stack: Stack | undefined;
	readonly engine: EngineInfo | undefined;
	/** Why it is used, where nobody chose it. */
	readonly why?: string | undefined;
	/** Why the engine is away, while it is. */
	readonly away: string | undefined;
	readonly running: number;
	readonly total: number;
	readonly home: string;
	readonly columns: number;
}

/** Which stack, from which file, on which engine, and how much of it runs. */
export const Header = memo(function Header(properties: HeaderProperties) {
	const {stack, engine, why, away, running, total, home, columns} = properties;
	const {paint, glyphs} = useTheme();
	const dot = paint.muted(` ${glyphs.dot} `);
	const count = total === 0 ? '' : `${running} of ${total} running`;
	const engineText = away
		? paint.error('engine away, looking for it')
		: engine
			? [
					`${[engine.kind, engine.version].join(' ').trim()}${why === undefined ? '' : `: ${why}`}`,
					engine.context,
				]
					.filter((part) => part !== '')
					.join(dot)
			: paint.muted('connecting');
	const right = `${[engineText, count].filter((part) => part !== '').join(dot)} `;
	const name = ` ${paint.selected('mlstack')}  ${paint.strong(stack?.project ?? '')}`;
	const room = columns - width(name) - width(right) - 4;
	const source = stack && room >= 8 ? `  ${paint.muted(cutMiddle(sourceText(stack, home), room))}` : '';
	return (
		<Rows rows={[width(right) + 12 > columns ? fit(name, columns) : spread(name + source, right, columns)]} />
	);
});

function sourceText({origin, files}: Stack, home: string): string {
	switch (origin) {
		case 'own': {
			return "mlstack's own stack";
		}

		case 'project': {
			return 'no compose file';
		}

		case 'files': {
			return files
				.map((file) => (home !== '' && file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file))
				.join(', ');
		}
	}
}
