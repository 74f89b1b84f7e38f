import { createSystemClock } from '#adapters/clock/system-clock.ts';
import type { Clock } from '#contract/ports/clock.ts';
import { instant } from '#domain/civil-time.ts';

/** An accelerated day that several processes of one machine live together. */
export interface SharedDay {
  /** When it began: milliseconds since 1970 of the machine, and of the day itself. */
  readonly machineAt: number;
  readonly civilAt: number;
  /** Civil seconds in one elapsed second. */
  readonly speed: number;
}

export const civilIn = ({ machineAt, civilAt, speed }: SharedDay): number => civilAt + (Date.now() - machineAt) * speed;

/**
 * The clock of one of these processes. With `unknownMs` it starts in 1970, as a box without a battery does, and is set after so many
 * elapsed milliseconds. It says `synchronised` and not `simulated`, so that its gateway behaves as in a cabinet.
 */
export const createDayClock = (day: SharedDay, unknownMs = 0): Clock => {
  const { speed } = day;
  const right = createSystemClock({ speed, civilStart: instant(Math.round(civilIn(day))) });
  const from1970 = createSystemClock({ speed, civilStart: instant(0) });
  const startedAt = right.monotonicNow();
  const isSet = (): boolean => right.monotonicNow() - startedAt >= unknownMs;
  return {
    ...right,
    civilNow: () => (isSet() ? right : from1970).civilNow(),
    civilState: () => (isSet() ? 'synchronised' : 'unknown'),
  };
};
