import type { Instant } from '../civil-time.ts';
import { energyOf, seconds, type WattHours, type Watts, wattHours } from '../units.ts';
import { type Energy, MISSING_ENERGY, type RegisterReading } from './reading.ts';

/** What the meter is known to be. */
export interface RegisterTraits {
  /** Reading after which the register begins again at 0; null when unknown. */
  readonly maximumWh: WattHours | null;
  /** The most the meter can count: tells a rollover from a reset, and a jump from an energy. */
  readonly largestPowerW: Watts;
  /** Instants at which another meter took over (starts of later bindings of the point), ascending. */
  readonly replacedAt: readonly Instant[];
}

export type RegisterEvent = 'reset' | 'rollover' | 'replacement' | 'jump';

/** What happened between two readings of one point. */
export interface RegisterStep {
  /** Never negative, never more than the meter can count. After a reset, a replacement or a jump it is a lower bound. */
  readonly energyWh: WattHours;
  readonly event: RegisterEvent | null;
}

/** 12 kVA is the largest single-phase subscription, 36 kVA the largest that a low-voltage home or a building's common parts usually has. */
export const ORDINARY_REGISTER: RegisterTraits = { maximumWh: null, largestPowerW: 36_000 as Watts, replacedAt: [] };

const isReplaced = (earlier: Instant, later: Instant, replacedAt: readonly Instant[]): boolean =>
  replacedAt.some((at) => at > earlier && at <= later);

/** Registers show whole or tenths of a kilowatt-hour: two readings a second apart may differ by one such step. */
const REGISTER_STEP_WH = 100;

/** The energy between two readings, in order of time. */
export const registerStep = (earlier: RegisterReading, later: RegisterReading, traits: RegisterTraits): RegisterStep => {
  const nothing = (event: RegisterEvent): RegisterStep => ({ energyWh: wattHours(0), event });
  if (isReplaced(earlier.at, later.at, traits.replacedAt)) return nothing('replacement');
  const most = energyOf(traits.largestPowerW, seconds((later.at - earlier.at) / 1000)) + REGISTER_STEP_WH;
  const difference = later.registerWh - earlier.registerWh;
  if (difference >= 0) return difference <= most ? { energyWh: wattHours(difference), event: null } : nothing('jump');
  const wrapped = (traits.maximumWh ?? Number.POSITIVE_INFINITY) - earlier.registerWh + later.registerWh;
  if (wrapped >= 0 && wrapped <= most) return { energyWh: wattHours(wrapped), event: 'rollover' };
  return later.registerWh <= most ? { energyWh: later.registerWh, event: 'reset' } : nothing('reset');
};

interface CountedReading {
  readonly at: Instant;
  /** Energy since the first reading. */
  readonly countedWh: number;
  readonly sure: boolean;
}

/** An energy over a period, and what the register did inside it. */
export interface CountedEnergy extends Energy {
  readonly events: readonly RegisterEvent[];
}

interface Boundary {
  readonly countedWh: number;
  readonly measured: boolean;
}

/** How far a reading may be from the end of a period. */
export interface BoundaryRule {
  /** Up to here it is the reading of that end: measured. */
  readonly toleranceMs: number;
  /** Between two readings no further apart than this the end is interpolated: estimated. Further apart it is missing. */
  readonly longestGapMs: number;
}

/** A day: 15 minutes around the civil midnight; a week without any reading is no measure of its days. */
export const DAY_BOUNDARY: BoundaryRule = { toleranceMs: 15 * 60_000, longestGapMs: 7 * 86_400_000 };

/** The readings of one point as one count that only grows, whatever its meters' registers did. */
export interface RegisterCount {
  /**
   * Energy from one instant to another. It telescopes: the energies of periods that follow one another add up to the
   * energy of the whole, exactly, since an end is counted once for both sides.
   */
  between(from: Instant, to: Instant, rule: BoundaryRule): CountedEnergy;
  readonly last: Instant | null;
}

const countReadings = (readings: readonly RegisterReading[], traits: RegisterTraits) => {
  const counted: CountedReading[] = [];
  const events: { readonly after: Instant; readonly until: Instant; readonly event: RegisterEvent }[] = [];
  let total = 0;
  let before: RegisterReading | null = null;
  for (const reading of readings.toSorted((a, b) => a.at - b.at)) {
    if (before !== null) {
      const step = registerStep(before, reading, traits);
      total += step.energyWh;
      if (step.event !== null) events.push({ after: before.at, until: reading.at, event: step.event });
    }
    counted.push({ at: reading.at, countedWh: total, sure: reading.sure });
    before = reading;
  }
  return { counted, events };
};

/** Index of the last reading at or before an instant, -1 when there is none. */
const lastIndexAt = (counted: readonly CountedReading[], at: Instant): number => {
  let low = 0;
  let high = counted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((counted[middle]?.at ?? Number.POSITIVE_INFINITY) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

const interpolate = (before: CountedReading, after: CountedReading, at: Instant): number =>
  before.countedWh + ((after.countedWh - before.countedWh) * (at - before.at)) / (after.at - before.at);

const boundaryAt = (counted: readonly CountedReading[], at: Instant, rule: BoundaryRule): Boundary | null => {
  const index = lastIndexAt(counted, at);
  const before = counted[index];
  const after = counted[index + 1];
  if (before?.at === at) return { countedWh: before.countedWh, measured: before.sure };
  const beforeNear = before !== undefined && at - before.at <= rule.toleranceMs;
  const afterNear = after !== undefined && after.at - at <= rule.toleranceMs;
  if (beforeNear && !afterNear) return { countedWh: before.countedWh, measured: before.sure };
  if (afterNear && !beforeNear) return { countedWh: after.countedWh, measured: after.sure };
  if (before === undefined || after === undefined || after.at - before.at > rule.longestGapMs) return null;
  return { countedWh: interpolate(before, after, at), measured: beforeNear && afterNear && before.sure && after.sure };
};

/** `readings` in any order; those just outside the periods to be asked should be in it, or their ends are missing. */
export const countRegister = (
  readings: readonly RegisterReading[],
  traits: RegisterTraits = ORDINARY_REGISTER,
): RegisterCount => {
  const { counted, events } = countReadings(readings, traits);
  return {
    between: (from, to, rule) => {
      const start = boundaryAt(counted, from, rule);
      const end = boundaryAt(counted, to, rule);
      const inside = events.filter(({ after, until }) => after < to && until > from).map(({ event }) => event);
      if (start === null || end === null) return { ...MISSING_ENERGY, events: inside };
      // A rollover loses nothing; the other events may have.
      const complete = inside.every((event) => event === 'rollover');
      const measured = start.measured && end.measured && complete;
      return {
        energyWh: wattHours(end.countedWh - start.countedWh),
        quality: measured ? 'measured' : 'estimated',
        events: inside,
      };
    },
    last: counted.at(-1)?.at ?? null,
  };
};
