import {formatBytes, formatDuration, formatPercent} from '../stack/format.ts';
import {sparkline, type History} from '../stack/samples.ts';
import {portText, serviceStates, type ServiceStatus, type StateRow} from '../stack/status.ts';

/** A cell: its text, and what its colour is for. */
export interface Cell {
	readonly text: string;
	readonly tone: StateRow['tone'] | 'plain' | 'strong';
	readonly align?: 'right';
}

/** What the table is drawn from besides the services. */
export interface TableFacts {
	/** Milliseconds since 1970. */
	readonly now: number;
	readonly ascii: boolean;
	readonly stats: boolean;
	/** The last samples of a service's container. */
	readonly history: (status: ServiceStatus) => History | undefined;
}

interface Column {
	readonly id: string;
	/** What falls away first has the highest number; 0 always stays. */
	readonly worth: number;
	readonly widest: number;
	readonly cell: (status: ServiceStatus, facts: TableFacts) => Cell;
}

/** Bars of a sparkline. */
const bars = 8;

/** An idle container's sparkline stays low: full height is at least this, in percent of a core and in bytes. */
const cpuCeiling = 20;
const memoryCeiling = 256 * 1024 * 1024;

/** The table's columns, left to right. A newcomer adds one by a row. */
export const columns: readonly Column[] = [
	{id: 'name', worth: 0, widest: 24, cell: ({service}) => ({text: service, tone: 'strong'})},
	{
		id: 'state',
		worth: 0,
		widest: 20,
		cell: ({word, state}) => ({text: word, tone: serviceStates[state].tone}),
	},
	{
		id: 'time',
		worth: 2,
		widest: 9,
		cell: (status, {now}) => ({text: timeText(status, now), tone: 'muted', align: 'right'}),
	},
	{id: 'image', worth: 6, widest: 30, cell: ({image = ''}) => ({text: imageText(image), tone: 'muted'})},
	{
		id: 'address',
		worth: 3,
		widest: 22,
		cell: ({ports}) => ({text: ports[0] ? portText(ports[0]) : '', tone: 'plain'}),
	},
	{
		id: 'cpu-bars',
		worth: 7,
		widest: bars,
		cell: (status, facts) => sparkCell(facts.history(status)?.cpu, cpuCeiling, facts),
	},
	{
		id: 'cpu',
		worth: 4,
		widest: 11,
		cell: (status, {history}) =>
			number(history(status), ({latest}) => `cpu ${formatPercent(latest.cpu).padStart(7)}`),
	},
	{
		id: 'memory-bars',
		worth: 8,
		widest: bars,
		cell: (status, facts) => sparkCell(facts.history(status)?.memory, memoryCeiling, facts),
	},
	{
		id: 'memory',
		worth: 5,
		widest: 13,
		cell: (status, {history}) =>
			number(history(status), ({latest}) => `mem ${formatBytes(latest.memory).padStart(9)}`),
	},
	{
		id: 'network',
		worth: 9,
		widest: 24,
		cell: (status, {history, ascii}) =>
			number(history(status), ({receiving, sending}) => {
				if (receiving === undefined || sending === undefined) {
					return '';
				}

				const [down, up] = ascii ? ['rx ', 'tx '] : ['↓', '↑'];
				return `${down}${formatBytes(receiving)}/s ${up}${formatBytes(sending)}/s`;
			}),
	},
];

/** Columns that only stats fill. */
const statsColumns: ReadonlySet<string> = new Set(['cpu-bars', 'cpu', 'memory-bars', 'memory', 'network']);

/** Blanks between two columns. */
const gap = 2;

export interface Table {
	readonly widths: readonly number[];
	readonly rows: ReadonlyArray<readonly Cell[]>;
	readonly ids: readonly string[];
}

/**
 * The table for a width: columns that do not fit fall away in order of worth, and so does one that is empty in every
 * row. Figures keep their column's widest width, so that nothing jumps when they change.
 */
export function serviceTable(statuses: readonly ServiceStatus[], facts: TableFacts, room: number): Table {
	let shown = columns
		.filter(({id}) => facts.stats || !statsColumns.has(id))
		.map((column) => {
			const cells = statuses.map((status) => column.cell(status, facts));
			const longest = Math.max(0, ...cells.map(({text}) => text.length));
			const fixed = statsColumns.has(column.id) || column.id === 'time';
			return {column, cells, width: fixed && longest > 0 ? column.widest : Math.min(column.widest, longest)};
		})
		.filter(({width}) => width > 0);
	const total = () => shown.reduce((sum, {width}) => sum + width + gap, -gap);
	const worths = new Set(shown.map(({column}) => column.worth));
	for (const worst of [...worths].sort((a, b) => b - a)) {
		if (worst > 0 && total() > room) {
			shown = shown.filter(({column}) => column.worth !== worst);
		}
	}

	return {
		widths: shown.map(({width}) => width),
		rows: statuses.map((_, row) => shown.map(({cells}) => cells[row] ?? {text: '', tone: 'plain'})),
		ids: shown.map(({column}) => column.id),
	};
}

/**
 * How long a service has been in its state. What starts counts in seconds; what has run for a while in minutes, then
 * hours, so that an idle screen has nothing to draw.
 */
export function timeText({since, state}: ServiceStatus, now: number): string {
	if (since === undefined) {
		return '';
	}

	const age = Math.max(0, now - since);
	const {severity} = serviceStates[state];
	if (severity === 'busy') {
		return formatDuration(age);
	}

	const ago = severity === 'fine' ? '' : ' ago';
	return `${coarse(age)}${ago}`;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

function coarse(age: number): string {
	if (age < minute) {
		return '<1m';
	}

	if (age < hour) {
		return `${Math.floor(age / minute)}m`;
	}

	return age < day
		? `${Math.floor(age / hour)}h ${Math.floor((age % hour) / minute)}m`
		: `${Math.floor(age / day)}d ${Math.floor((age % day) / hour)}h`;
}

/** Milliseconds until a time in the table reads differently; `undefined` when none is shown. */
export function nextTimeChange(statuses: readonly ServiceStatus[], now: number): number | undefined {
	const waits = statuses
		.filter(({since}) => since !== undefined)
		.map(({since = 0, state}) => {
			const unit = serviceStates[state].severity === 'busy' ? 1000 : now - since < day ? minute : hour;
			return unit - (Math.max(0, now - since) % unit);
		});
	return waits.length === 0 ? undefined : Math.min(...waits);
}

/** `mlstack/mlflow:3.17.2-py3.13` as it is; a digest or an id is cut, since nobody reads it. */
function imageText(image: string): string {
	return image
		.replace(/@sha256:([0-9a-f]{8})[0-9a-f]*/, '@$1')
		.replace(/^sha256:([0-9a-f]{12})[0-9a-f]*/, '$1');
}

function sparkCell(values: readonly number[] | undefined, ceiling: number, {ascii}: TableFacts): Cell {
	return {text: values ? sparkline(values, bars, ceiling, ascii) : '', tone: 'muted'};
}

function number(history: History | undefined, text: (history: History) => string): Cell {
	return {text: history ? text(history) : '', tone: 'plain', align: 'right'};
}
