import type { Instant } from '../civil-time.ts';
import type { WattHours } from '../units.ts';

/** What an energy is worth. `missing` goes with null, never with 0. */
export type EnergyQuality = 'measured' | 'estimated' | 'missing';

/** What a meter's cumulative register showed at an instant. */
export interface RegisterReading {
  readonly at: Instant;
  readonly registerWh: WattHours;
  /** False when the value was doubtful or itself estimated: what is made of it is an estimate. */
  readonly sure: boolean;
}

/** An energy over a period, with what it is worth. */
export interface Energy {
  readonly energyWh: WattHours | null;
  readonly quality: EnergyQuality;
}

export const MISSING_ENERGY: Energy = { energyWh: null, quality: 'missing' };

const RANK: readonly EnergyQuality[] = ['measured', 'estimated', 'missing'];

/** A whole is worth what its worst part is worth; nothing at all is missing. */
export const worstQuality = (qualities: readonly EnergyQuality[]): EnergyQuality =>
  RANK[Math.max(...qualities.map((quality) => RANK.indexOf(quality)))] ?? 'missing';
