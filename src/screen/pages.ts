import {cardOffers} from '../stack/diagnosis/mends.ts';
import type {Card} from '../stack/diagnosis/card.ts';
import {selectCards, type AppState} from '../store.ts';
import {doctorPage, fixPage} from './doctor-page.ts';
import {explainPage, overPage} from './explain-page.ts';
import type {ExplainDialog} from './mend-dialogs.ts';
import {noticeFoot, pageColumns, type Page} from './page.ts';

/** The page that the open dialog shows; undefined when there is none, or it is of another kind. */
export function selectPage(state: AppState): Page | undefined {
	const columns = pageColumns(state.view);
	const page = pageOf(state, columns);
	return page && {...page, foot: noticeFoot(state.notice, columns)};
}

function pageOf(state: AppState, columns: number): Omit<Page, 'foot'> | undefined {
	const {dialog} = state.view;
	switch (dialog?.kind) {
		case 'explain': {
			return explained(state, dialog, columns);
		}

		case 'doctor': {
			return doctorPage(dialog, columns);
		}

		case 'fix': {
			return fixPage(dialog.corrections, columns);
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
	const {hasLine, hasCode, hasMend, canMigrate} = cardOffers(card);
	return [
		...(canMigrate ? ['m  save the database, then migrate its schema'] : []),
		...(hasMend ? ['f  show the change of the compose file that mends it'] : []),
		...(hasCode ? ['c  copy the command, or the change'] : []),
		...(hasLine ? ['l  go to that line in the log'] : []),
	];
}
