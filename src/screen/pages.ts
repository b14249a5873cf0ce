import {mendingRules, migratedRule} from '../stack/diagnosis/mends.ts';
import type {Card} from '../stack/diagnosis/card.ts';
import {selectCards, type AppState} from '../store.ts';
import {doctorPage, fixPage} from './doctor-page.ts';
import {explainPage, overPage} from './explain-page.ts';
import type {ExplainDialog} from './mend-dialogs.ts';
import {noticeFoot, pageColumns, type Page} from './page.ts';

/** The page that the open dialog shows; undefined when there is none, or it is of another kind. */
export function selectPage(state: AppState): Page | undefined {
	const {dialog} = state.view;
	const columns = pageColumns(state.view);
	const foot = noticeFoot(state.notice, columns);
	switch (dialog?.kind) {
		case 'explain': {
			return {...explained(state, dialog, columns), foot};
		}

		case 'doctor': {
			return {...doctorPage(dialog, columns), foot};
		}

		case 'fix': {
			return {...fixPage(dialog.corrections, columns), foot};
		}

		default: {
			return undefined;
		}
	}
}

function explained(state: AppState, dialog: ExplainDialog, columns: number): Omit<Page, 'foot'> {
	const all = selectCards(state);
	const place = all.findIndex(({id}) => id === dialog.card);
	const card = all[place];
	return card
		? explainPage(
				{
					card,
					place: place + 1,
					count: all.length,
					copied: dialog.copied,
					now: state.now,
					offers: offersOf(card),
				},
				columns,
			)
		: overPage(columns);
}

/** What the keys do with this card, beyond what they do with every one. */
function offersOf(card: Card): readonly string[] {
	return [
		...(card.rule === migratedRule ? ['m  save the database, then migrate its schema'] : []),
		...(mendingRules[card.rule] ? ['f  show the change of the compose file that mends it'] : []),
		...(card.mend.some(({command, change}) => command ?? change)
			? ['c  copy the command, or the change']
			: []),
		...(card.line && card.line.service !== '' ? ['l  go to that line in the log'] : []),
	];
}
