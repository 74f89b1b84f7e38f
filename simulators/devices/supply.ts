import type { Instant } from '#domain/civil-time.ts';
import { seedOf, wander } from './seeded-random.ts';

/** The grid as one supply sees it: it wanders a little, within the usual ±10 % and ±0.05 Hz. */
export interface Supply {
  voltageV(at: Instant, phase: 0 | 1 | 2): number;
  frequencyHz(at: Instant): number;
}

export const createSupply = (seed: number): Supply => {
  const slow = [0, 1, 2].map((phase) => seedOf(seed, 'slow', phase));
  const quick = [0, 1, 2].map((phase) => seedOf(seed, 'quick', phase));
  const grid = seedOf('grid');
  return {
    voltageV: (at, phase) => 233 + 3 * wander(slow[phase] ?? 0, at / 5_400_000) + 0.8 * wander(quick[phase] ?? 0, at / 20_000),
    frequencyHz: (at) => 50 + 0.03 * wander(grid, at / 45_000),
  };
};

/** Line current in A of a power and its power factor; 0 when nothing is drawn. */
export const lineCurrent = (activeW: number, powerFactor: number, voltageV: number): number =>
  activeW === 0 ? 0 : Math.abs(activeW) / (Math.max(0.05, powerFactor) * voltageV);
