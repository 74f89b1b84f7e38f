import type { PowerTable } from '#domain/lighting/expected-power.ts';
import { expectedPower } from '#domain/lighting/expected-power.ts';
import type { Percent, Watts } from '#domain/units.ts';

/** The lamp's own power, when it has one, and what it was doing before the order. */
export interface ProofQuestion {
  readonly table: PowerTable;
  readonly level: Percent;
  readonly previousLevel: Percent;
  /** Null: this lamp's power was not read this time. */
  readonly observed: Watts | null;
}

export type ProofAnswer =
  | { readonly outcome: 'proved'; readonly observedW: number; readonly expectedW: number }
  /** The bands of the two levels overlap, so no power can tell them apart. */
  | { readonly outcome: 'not-provable'; readonly why: string }
  | { readonly outcome: 'not-yet'; readonly expectedW: number };

/** Half width of the band around an expected power: the larger of 15 % and 2 W. */
export const proofTolerance = (expected: number): number => Math.max(0.15 * expected, 2);

const isInBand = (observed: number, expected: number): boolean => Math.abs(observed - expected) <= proofTolerance(expected);

/** Whether a level can be proved at all after another: their bands must not touch. */
export const isProvable = (table: PowerTable, level: Percent, previousLevel: Percent): boolean => {
  const expected = expectedPower(table, level);
  const former = expectedPower(table, previousLevel);
  return Math.abs(expected - former) > proofTolerance(expected) + proofTolerance(former);
};

/**
 * Proved when the observed power is in the band of the level asked and outside that of the level before; never provable
 * when the two bands overlap; otherwise not yet.
 */
export const proveLevel = ({ table, level, previousLevel, observed }: ProofQuestion): ProofAnswer => {
  const expectedW = expectedPower(table, level);
  if (!isProvable(table, level, previousLevel))
    return { outcome: 'not-provable', why: `${previousLevel} % and ${level} % draw powers too alike to tell apart` };
  if (observed !== null && isInBand(observed, expectedW) && !isInBand(observed, expectedPower(table, previousLevel)))
    return { outcome: 'proved', observedW: observed, expectedW };
  return { outcome: 'not-yet', expectedW };
};
