import {width} from '../text.ts';

/** Rows of cells in columns as wide as their widest cell, two spaces apart; the last column is not padded. */
export function table(rows: ReadonlyArray<readonly string[]>): readonly string[] {
	const widths: number[] = [];
	for (const row of rows) {
		for (const [column, cell] of row.entries()) {
			widths[column] = Math.max(widths[column] ?? 0, width(cell));
		}
	}

	return rows.map((row) =>
		row
			.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
			.join('  ')
			.trimEnd(),
	);
}
