import { type Instant, instant } from '../civil-time.ts';
import { meanPower, type Seconds, seconds, type WattHours, type Watts } from '../units.ts';
import type { BoundaryRule, RegisterCount } from './cumulative-register.ts';
import type { EnergyQuality } from './reading.ts';

export interface LoadStep {
  readonly startsAt: Instant;
  readonly energyWh: WattHours | null;
  readonly quality: EnergyQuality;
}

/** A tenth of a step around its ends; a gap longer than a step and a half hides what happened inside. */
export const stepBoundary = (step: Seconds): BoundaryRule => ({ toleranceMs: step * 100, longestGapMs: step * 1500 });

/**
 * Energy by step from `from`, for every step that ends at or before `to`. Steps are counted in elapsed time: from a
 * civil midnight to the next, half-hours are 46, 48 or 50. A step without a reading near both ends is null.
 */
export const energyBySteps = (count: RegisterCount, from: Instant, to: Instant, step: Seconds): readonly LoadStep[] => {
  const rule = stepBoundary(step);
  const length = Math.max(0, Math.floor((to - from) / (step * 1000)));
  return Array.from({ length }, (_, index) => {
    const startsAt = instant(from + index * step * 1000);
    const { energyWh, quality } = count.between(startsAt, instant(startsAt + step * 1000), rule);
    return { startsAt, energyWh, quality };
  });
};

/** Mean power of a step in watts; null where its energy is. */
export const meanPowerOf = ({ energyWh }: LoadStep, step: Seconds): Watts | null =>
  energyWh === null ? null : meanPower(energyWh, seconds(step));
