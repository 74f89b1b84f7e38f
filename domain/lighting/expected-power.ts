import type { Percent, Watts } from '#domain/units.ts';
import { percent, watts } from '#domain/units.ts';

export interface PowerTableRow {
  /** % of full light. */
  readonly levelPercent: number;
  readonly powerW: number;
}

/** What a luminaire draws by level, ascending in level, at least two rows. Standby is its row at 0 %. */
export type PowerTable = readonly PowerTableRow[];

interface Axes {
  readonly x: (row: PowerTableRow) => number;
  readonly y: (row: PowerTableRow) => number;
}

const interpolate = (table: PowerTable, at: number, { x, y }: Axes): number => {
  const first = table[0];
  const last = table.at(-1);
  if (first === undefined || last === undefined || table.length < 2) throw new RangeError('A power table needs two rows');
  if (at <= x(first)) return y(first);
  for (const [index, row] of table.entries()) {
    const before = table[index - 1];
    if (before === undefined || at > x(row)) continue;
    const width = x(row) - x(before);
    return width === 0 ? y(row) : y(before) + ((at - x(before)) / width) * (y(row) - y(before));
  }
  return y(last);
};

/** Power a level should draw, interpolated between rows; outside the table, that of its nearest row. */
export const expectedPower = (table: PowerTable, level: Percent): Watts =>
  watts(interpolate(table, level, { x: (row) => row.levelPercent, y: (row) => row.powerW }));

/** Level that draws a power, the inverse of `expectedPower`; outside the table, that of its nearest row. */
export const levelDrawing = (table: PowerTable, power: Watts): Percent =>
  percent(interpolate(table, power, { x: (row) => row.powerW, y: (row) => row.levelPercent }));
