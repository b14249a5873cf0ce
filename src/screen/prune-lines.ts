import {formatCount} from '../stack/format.ts';
import type {PruneItem, PrunePlan} from '../stack/prune.ts';
import {chosenItems} from '../stack/prune/choose.ts';
import {ageText, itemFacts, otherFacts, totalText} from '../stack/prune/text.ts';
import {pruneTotal} from '../stack/prune/total.ts';
import {formatDiskSize} from '../stack/prune/units.ts';
import {fit, spread, width, wrapWords} from '../text.ts';
import type {Segment, SegmentTone} from './activity.ts';
import {cursorIndex, type PruneSelection} from './prune-dialog.ts';
import {boxOf, projectsOf, pruneRows, type PruneRow} from './prune-rows.ts';

/** A line of the prune dialog; the cursor is drawn before it. */
export interface PruneLine {
	readonly pointed: boolean;
	readonly segments: readonly Segment[];
}

/** How the prune dialog divides the terminal; it takes all of it but for the footer. */
export interface PruneLayout {
	readonly borders: boolean;
	/** Columns inside the border. */
	readonly inner: number;
	/** Rows of the list, and of what is said of the row under the cursor. */
	readonly list: number;
	readonly details: number;
}

/** Scope, total, title, footer. */
const fixedRows = 4;

export function pruneLayout({columns, rows}: {readonly columns: number; readonly rows: number}): PruneLayout {
	const borders = columns >= 60 && rows >= 16;
	const details = rows >= 24 ? 3 : rows >= 12 ? 2 : 1;
	return {
		borders,
		inner: columns - (borders ? 2 : 0),
		list: Math.max(1, rows - fixedRows - details - (borders ? 1 : 0)),
		details,
	};
}

/** The whole dialog without its border: the scopes, the list, what is said of a row, the total. */
export function pruneLines(
	selection: PruneSelection,
	hint: string | undefined,
	{inner, list, details}: PruneLayout,
): readonly PruneLine[] {
	const {plan, failure} = selection;
	const notes = [...(failure === undefined ? [] : [failure]), ...(plan?.notes ?? [])].map((note) =>
		text(note, 'warning'),
	);
	const room = Math.max(1, list - notes.length);
	const rows = plan ? listLines(selection, plan, inner, room) : [text(waiting(selection), 'muted')];
	return [
		scopeLine(selection),
		...rows,
		...Array.from({length: Math.max(0, room - rows.length)}, () => text('')),
		...notes.slice(0, Math.max(0, list - room)),
		...detailLines(selection, hint, inner, details),
		totalLine(selection, inner),
	];
}

function text(words: string, tone: SegmentTone = 'plain'): PruneLine {
	return {pointed: false, segments: [{text: words, tone}]};
}

function waiting({failure}: PruneSelection): string {
	return failure === undefined ? 'Asking the engine what could go.' : '';
}

/** `[this stack]  everything unused on the engine: of kws, churn` */
function scopeLine({scope, project, plan}: PruneSelection): PruneLine {
	const tab = (name: string, isOn: boolean): Segment =>
		isOn ? {text: `[${name}]`, tone: 'selected'} : {text: ` ${name} `, tone: 'muted'};
	const whose = scope === 'stack' ? `of ${project}` : plan ? `of ${projectsOf(plan).join(', ')}` : '';
	return {
		pointed: false,
		segments: [
			tab('this stack', scope === 'stack'),
			tab('all unused on the engine', scope === 'engine'),
			{text: `  ${whose}`, tone: 'plain'},
		],
	};
}

function listLines(
	selection: PruneSelection,
	plan: PrunePlan,
	inner: number,
	room: number,
): readonly PruneLine[] {
	const rows = pruneRows(plan);
	if (rows.length === 0) {
		return [text('Nothing could go.', 'muted')];
	}

	const cursor = cursorIndex(selection);
	const first = Math.max(0, Math.min(cursor - Math.floor(room / 2), rows.length - room));
	const columns = columnsFor(rows, inner);
	const isAiry = rows.length + plan.groups.length - 1 <= room;
	return rows.slice(first, first + room).flatMap((row, index) => {
		const pointed = first + index === cursor;
		const line = {pointed, segments: rowSegments(row, selection, plan, columns, pointed)};
		return isAiry && !row.item && index > 0 ? [text(''), line] : [line];
	});
}

interface Columns {
	readonly name: number;
	/** 0 where there is no room for it. */
	readonly age: number;
}

/** Columns of a size, `1.23 GB`; of an age, `25 minutes`. */
const sizeColumns = 8;
const ageColumns = 10;

function columnsFor(rows: readonly PruneRow[], inner: number): Columns {
	const longest = Math.max(...rows.map((row) => width(nameOf(row))));
	return {
		name: Math.max(20, Math.min(longest, Math.floor(inner * 0.4))),
		age: inner >= 100 ? ageColumns : 0,
	};
}

function nameOf({item, group}: PruneRow): string {
	return item ? `  ${item.name}` : `${group.title} (${group.items.length})`;
}

const boxes = {all: '[x]', some: '[-]', none: '[ ]', blocked: ' - '} as const;

function rowSegments(
	row: PruneRow,
	{chosen}: PruneSelection,
	plan: PrunePlan,
	columns: Columns,
	pointed: boolean,
): readonly Segment[] {
	const {item, group} = row;
	const box = boxOf(row, chosen);
	const isChosen = box === 'all' || box === 'some';
	const isVolume = group.items[0]?.kind === 'volume';
	const tone: SegmentTone = pointed ? 'selected' : box === 'blocked' ? 'muted' : item ? 'plain' : 'strong';
	const indent = item ? '  ' : '';
	return [
		{text: `${indent}${boxes[box]} `, tone: isChosen ? (isVolume ? 'warning' : 'accent') : tone},
		{text: fit(nameOf(row).slice(indent.length), columns.name - indent.length), tone},
		{text: `  ${fit(sizeOf(row, plan), sizeColumns, 'right')}`, tone: box === 'blocked' ? 'muted' : 'plain'},
		...(columns.age > 0
			? [{text: `  ${fit(item ? ageText(item, plan) : '', columns.age)}`, tone: 'muted'} as const]
			: []),
		{
			text: `  ${item ? factsText(item, plan) : group.note}`,
			tone: item && box !== 'blocked' ? 'plain' : 'muted',
		},
	];
}

/** Of a title whose items all stay there is none to say. */
function sizeOf({item, keys, size}: PruneRow, {complete}: PrunePlan): string {
	if (!item && keys.length === 0) {
		return '';
	}

	return size === undefined ? (complete ? '?' : '…') : formatDiskSize(size);
}

/** Why it stays comes first: that is what one asks of a grey row. */
function factsText(item: PruneItem, plan: PrunePlan): string {
	const facts = otherFacts(item, plan);
	return [
		...(item.blocked === undefined ? [] : [item.blocked]),
		...facts.filter((fact) => fact !== item.blocked),
	].join('; ');
}

/** All that is known of the row under the cursor, or why a key did nothing. */
function detailLines(
	selection: PruneSelection,
	hint: string | undefined,
	inner: number,
	rows: number,
): readonly PruneLine[] {
	const {plan} = selection;
	const row = plan && pruneRows(plan)[cursorIndex(selection)];
	const words = hint ?? (row ? rowText(row, plan) : '');
	const lines = wrapWords(words, Math.max(10, inner - 3));
	const shown = lines.slice(0, rows);
	if (lines.length > rows) {
		shown[rows - 1] = `${shown[rows - 1] ?? ''} …`;
	}

	return Array.from({length: rows}, (_, index) =>
		text(shown[index] ?? '', hint === undefined ? 'muted' : 'warning'),
	);
}

function rowText({item, group}: PruneRow, plan: PrunePlan): string {
	if (!item) {
		return `${group.title}: ${group.note}.`;
	}

	const {name, blocked} = item;
	const facts = [name, sizeText(item), ...itemFacts(item, plan)].filter((part) => part !== '');
	return blocked === undefined ? facts.join('; ') : `${facts.join('; ')}: so it stays`;
}

function sizeText({size}: PruneItem): string {
	return size === undefined ? '' : formatDiskSize(size);
}

function totalLine({plan, chosen}: PruneSelection, inner: number): PruneLine {
	if (!plan) {
		return text('');
	}

	const volumes = chosenItems(plan, chosen).filter(({kind}) => kind === 'volume').length;
	const lost = volumes === 0 ? '' : ` ${formatCount(volumes, 'volume')}: lost for good.`;
	const kept = plan.kept === 0 ? '' : `${plan.kept} in use, not listed `;
	const line = spread(`${totalText(pruneTotal(plan, chosen))}${lost}`, kept, inner - 2);
	return text(line, volumes === 0 ? 'strong' : 'warning');
}
