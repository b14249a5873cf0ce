import {paceText, stepText, type ByteStep} from '../stack/byte-work.ts';
import {formatCount, formatDuration} from '../stack/format.ts';
import {chosenItems} from '../stack/prune/choose.ts';
import {typingText} from '../stack/prune/confirmation.ts';
import {outcomeText} from '../stack/prune/outcome.ts';
import {lossText, lossTitle} from '../stack/prune/text.ts';
import {pruneTotal} from '../stack/prune/total.ts';
import {formatDiskSize} from '../stack/prune/units.ts';
import {wrapWords} from '../text.ts';
import {textLine, type ActivityLine} from './activity.ts';
import type {PruneDialog, PruneResult, PruneSelection, PruneTyping} from './prune-dialog.ts';
import {earlyWords, type Question} from './question.ts';
import type {WorkDialog} from './work-dialog.ts';

/** A small dialog in words: its title and lines, already wrapped. */
export interface Words {
	readonly title: string;
	readonly lines: readonly ActivityLine[];
}

/** Room for the words, without the border. */
export interface Room {
	readonly columns: number;
	readonly rows: number;
}

const blank = textLine('none', '');

/** What would go, by group, and the question whether it may. */
export function confirmWords(
	{selection, question}: Extract<PruneDialog, {kind: 'prune-confirm'}>,
	{columns, rows}: Room,
): Words {
	const {plan, chosen} = selection;
	const items = plan ? chosenItems(plan, chosen) : [];
	const groups = (plan?.groups ?? []).flatMap(({name, title, note, items: all}) => {
		const names = all.filter(({key}) => chosen.has(key)).map((item) => item.name);
		const what = name === 'build-cache' ? formatCount(names.length, 'record') : names.join(', ');
		return names.length === 0 ? [] : [`${title}: ${what} (${note})`];
	});
	const total = plan ? pruneTotal(plan, chosen) : undefined;
	const frees = total ? [`Frees ${total.exact ? '' : 'at least '}${formatDiskSize(total.bytes)}.`] : [];
	const tail = [
		...wrapped(frees, columns, 'strong'),
		...earlyLines(question, columns),
		blank,
		keysLine(['y', 'remove'], ['n', 'back to the choice']),
	];
	return {
		title: `Remove ${formatCount(items.length, 'object')}?`,
		lines: [...shortened(wrapped(groups, columns), rows - tail.length), ...tail],
	};
}

/** What is lost, the backup that is offered, and the name that is typed. */
export function typingWords(dialog: PruneTyping, {columns, rows}: Room): Words {
	const {selection, lost, word, backup, hint, question, scroll} = dialog;
	const {plan} = selection;
	const others = selection.chosen.size - lost.length;
	const losses = plan ? lost.map((item) => wrapped([lossText(item, plan)], columns)) : [];
	const tail = [
		...(plan?.complete ? [] : wrapped(['What they hold is still being read ...'], columns, 'muted')),
		...(others > 0 ? wrapped([`Chosen besides: ${formatCount(others, 'object')}.`], columns) : []),
		...(backup === undefined
			? []
			: [
					blank,
					{
						mark: 'none',
						segments: [
							{text: backup ? '[x] ' : '[ ] ', tone: 'accent'},
							{text: `back ${selection.project} up first, as \`mlstack backup\` does`, tone: 'plain'},
						],
					} as const,
				]),
		blank,
		...wrapped([typingText(word, lost)], columns, 'strong'),
		inputLine(dialog.text),
		...(hint === undefined ? [] : wrapped([hint], columns, 'warning')),
		...earlyLines(question, columns),
	];
	const room = Math.max(1, rows - tail.length - 1);
	return {
		title: `Remove ${formatCount(lost.length, 'volume')}?`,
		lines: [textLine('warning', lossTitle, 'strong'), ...scrolledTo(losses, scroll, room), ...tail],
	};
}

/** Inverse, where the next character goes. */
const cursor = '\u001B[7m \u001B[27m';

function inputLine(typed: string): ActivityLine {
	return {
		mark: 'none',
		segments: [
			{text: '> ', tone: 'muted'},
			{text: typed, tone: 'selected'},
			{text: cursor, tone: 'plain'},
		],
	};
}

/** What is at work, how far it is and how fast. */
export function workWords(
	{job, work, ended, cancelling, startedAt}: WorkDialog,
	{columns, rows}: Room,
): Words {
	const now = work.steps.at(-1)?.at ?? startedAt;
	const took = now - startedAt >= 1000 ? `, ${formatDuration(now - startedAt)}` : '';
	const notes = wrapped(work.notes, columns, 'warning');
	const tail = [
		blank,
		cancelling
			? textLine('none', 'Cancelling: what is at work now comes to its end.', 'warning')
			: keysLine(['x', 'cancel']),
	];
	const steps = work.steps.map((step) => stepLine(step));
	return {
		title:
			job.task === 'prune'
				? `Removing, ${ended} of ${formatCount(job.chosen.size, 'object')}${took}`
				: `${job.task === 'backup' ? `Backing ${job.project} up` : `Migrating the database of ${job.project}`}${took}`,
		lines: [
			...(steps.length === 0
				? [textLine('working', 'beginning', 'muted')]
				: steps.slice(-Math.max(1, rows - tail.length - notes.length))),
			...notes,
			...tail,
		],
	};
}

function stepLine(step: ByteStep): ActivityLine {
	const pace = paceText(step);
	return {
		mark: step.state,
		segments: [
			{text: step.state === 'failed' ? `${step.name} stays: ${step.status}` : stepText(step), tone: 'plain'},
			{text: pace === '' ? '' : `  ${pace}`, tone: 'muted'},
		],
	};
}

/** What went, what it freed, and what stayed and why. */
export function resultWords(
	{result, scroll}: Extract<PruneDialog, {kind: 'prune-done'}>,
	{columns, rows}: Room,
): Words {
	const {outcome} = result;
	const {removed, kept, bytes} = outcome;
	const isWhole = kept.length === 0 && result.failure.length === 0 && !result.cancelled;
	const head = [
		textLine(isWhole ? 'done' : 'warning', outcomeText(removed.length, kept.length, bytes), 'strong'),
		...endLines(result, columns),
	];
	const tail = [blank, keysLine(['esc', 'close'])];
	const stays = kept.map(({name, why}) => wrapped([`${name} stays: ${why}`], columns));
	return {
		title: 'Prune',
		lines: [...head, ...scrolledTo(stays, scroll, Math.max(1, rows - head.length - tail.length)), ...tail],
	};
}

function endLines(
	{outcome, count, cancelled, failure, backup}: PruneResult,
	columns: number,
): readonly ActivityLine[] {
	const left = count - outcome.removed.length - outcome.kept.length;
	return [
		...wrapped(failure, columns, 'error'),
		...(left === 0 || (!cancelled && failure.length === 0)
			? []
			: wrapped(
					[`${cancelled ? 'Cancelled: ' : ''}${formatCount(left, 'chosen object')} not touched.`],
					columns,
					'warning',
				)),
		...(backup === undefined ? [] : wrapped([`Backed up before to ${backup}`], columns)),
	];
}

/** What of a selection is still to come, for the title's right end. */
export function pendingText({plan, failure}: PruneSelection): string {
	return plan?.complete || failure !== undefined ? '' : 'sizes and contents are being read';
}

function wrapped(
	words: readonly string[],
	columns: number,
	tone: 'plain' | 'muted' | 'strong' | 'warning' | 'error' = 'plain',
): readonly ActivityLine[] {
	return words.flatMap((text) =>
		wrapWords(text, Math.max(10, columns - 2)).map((line) => textLine('none', line, tone)),
	);
}

function earlyLines({early}: Question, columns: number): readonly ActivityLine[] {
	return early ? wrapped([earlyWords], columns, 'warning') : [];
}

function keysLine(...keys: ReadonlyArray<readonly [key: string, meaning: string]>): ActivityLine {
	return {
		mark: 'none',
		segments: keys.flatMap(([key, meaning]) => [
			{text: key, tone: 'selected'} as const,
			{text: ` ${meaning}    `, tone: 'plain'} as const,
		]),
	};
}

/** The first lines that there is room for, and how many more there are. */
function shortened(lines: readonly ActivityLine[], room: number): readonly ActivityLine[] {
	return lines.length <= room
		? lines
		: [
				...lines.slice(0, Math.max(0, room - 1)),
				textLine('none', `... and ${lines.length - room + 1} more lines`, 'muted'),
			];
}

/** Blocks of lines from the one that is scrolled to; the last row says that there are more. */
function scrolledTo(
	blocks: ReadonlyArray<readonly ActivityLine[]>,
	scroll: number,
	room: number,
): readonly ActivityLine[] {
	const all = blocks.flat();
	if (all.length <= room) {
		return all;
	}

	const first = Math.min(scroll, blocks.length - 1);
	const more = textLine('none', `from ${first + 1} of ${blocks.length}; the arrows move`, 'muted');
	return [
		...blocks
			.slice(first)
			.flat()
			.slice(0, Math.max(1, room - 1)),
		more,
	];
}
