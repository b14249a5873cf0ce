import type {Action} from '../keys.ts';
import type {Desk} from './desk.ts';
import {toggleMouse} from './pointer.ts';
import {copyLine, pageLog, saveLog} from './log.ts';
import {checkAgain, doctor, keepFiles, showFix, writeFix} from './doctor.ts';
import {copyMend, explain, nextCard, previousCard, showLine} from './explain.ts';
import {showEngine, switchEngine} from './engine.ts';
import {askMigrate} from './migrate.ts';
import {verify} from './verify.ts';
import {backup} from './backup.ts';
import {openPrune, pruneActions} from './prune.ts';
import {confirm, down, open, quit, restart, stopOrStart} from './stack.ts';
import {cancelWork} from './work.ts';

/** What the keys do that reach beyond the view; every other action only changes what is shown (screen/view.ts). */
export const actions: Readonly<Partial<Record<Action, (desk: Desk) => unknown>>> = {
	up: ({operate}) => operate('up', []),
	restart,
	'stop-or-start': stopOrStart,
	down,
	cancel: ({cancel}) => cancel(),
	open,
	verify,
	quit,
	confirm,
	retry: ({retry}) => retry(),
	'copy-line': copyLine,
	'save-log': saveLog,
	'page-log': pageLog,
	'toggle-mouse': toggleMouse,
	'show-engine': showEngine,
	'switch-engine': switchEngine,
	prune: openPrune,
	backup,
	'cancel-work': cancelWork,
	...pruneActions,
	redraw: ({options}) => options.redraw(),
	explain,
	'next-card': nextCard,
	'previous-card': previousCard,
	'copy-mend': copyMend,
	'show-line': showLine,
	doctor,
	'check-again': checkAgain,
	'show-fix': showFix,
	'write-fix': writeFix,
	'keep-files': keepFiles,
	migrate: askMigrate,
};
