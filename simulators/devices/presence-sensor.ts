import { z } from 'zod';
import { type Instant, instant } from '#domain/civil-time.ts';
import type { ModbusUnit } from '../modbus-server/modbus-unit.ts';
import { createRegisterImage } from '../modbus-server/register-image.ts';
import type { RegisterFacts } from '../register-facts/register-facts.ts';
import { type CivilCycle, CYCLE_MINUTES, createCivilCycle, createMinuteCycle } from './minute-cycle.ts';
import { countEvents, createRandom, seedOf } from './seeded-random.ts';
import type { WallClock } from './wall-clock.ts';

export const presenceState = z.object({ holdSeconds: z.number() });
export type PresenceState = z.infer<typeof presenceState>;

/** People and cycles in an hour of a small town's street, from midnight. */
const PASSAGES_PER_HOUR = [6, 3, 2, 2, 3, 9, 24, 58, 66, 48, 45, 52, 70, 62, 50, 54, 66, 78, 72, 50, 34, 24, 16, 10];

/** Passages of the street as a seeded cycle: the same civil instant has always seen the same number of them. */
export const createPassages = (seed: number, wall: WallClock, origin: Instant): CivilCycle => {
  const random = createRandom(seedOf(seed, 'passages'));
  const perMinute = Float64Array.from({ length: CYCLE_MINUTES }, (_, minute) => {
    const hour = Math.floor(minute / 60) % 24;
    const sunday = Math.floor(minute / 1440) % 7 === 0;
    return countEvents(random, ((PASSAGES_PER_HOUR[hour] ?? 0) * (sunday ? 0.6 : 1)) / 60);
  });
  return createCivilCycle({ cycle: createMinuteCycle(perMinute), wall, origin });
};

export interface PresenceSensorOptions {
  readonly facts: RegisterFacts;
  readonly state: PresenceState;
  readonly passages: CivilCycle;
  /** Passages counted before the origin of the cycle. */
  readonly alreadyCounted: number;
  readonly now: () => Instant;
  readonly onChange: () => void;
}

/** Fictitious presence sensor: a count of passages, and a presence that ends `hold_time` after the last of them. */
export const createPresenceSensor = (options: PresenceSensorOptions): ModbusUnit => {
  const { state, passages, now } = options;
  const { register } = options.facts('axone-demo-presence');
  const countAt = (at: Instant): number => Math.floor(passages.totalAt(at) + 1e-6);
  const isPresent = (): boolean => countAt(now()) > countAt(instant(now() - state.holdSeconds * 1000));
  const presence = register('presence');
  const total = register('passages_total');
  const hold = register('hold_time');
  return createRegisterImage({
    cells: [
      { fact: presence, address: presence.address, read: () => Number(isPresent()) },
      { fact: total, address: total.address, read: () => options.alreadyCounted + countAt(now()) },
      {
        fact: hold,
        address: hold.address,
        read: () => state.holdSeconds,
        write: (seconds) => {
          state.holdSeconds = seconds;
          options.onChange();
        },
      },
    ],
  });
};
