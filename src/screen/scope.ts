import type {KeyScope} from '../keys.ts';
import type {View} from './view.ts';

/** Whose keys are pressed: an open dialog's, the card's without an engine, the line's that is typed, or the focused pane's. */
export function scopeOf(view: View, noEngine: boolean): KeyScope {
	return view.dialog?.kind ?? (noEngine ? 'no-engine' : view.input ? 'input' : view.pane);
}
