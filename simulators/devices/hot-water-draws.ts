import { countEvents, createRandom, type SeededRandom, seedOf } from './seeded-random.ts';

const DAY_MINUTES = 24 * 60;

/** Hot water of one home, counted in litres as they come out of the tap at 40 °C. */
export interface HotWaterDraws {
  /** Litres per minute at 40 °C in the minute of the wall that holds a place (minutes since 1970-01-01 on that wall). */
  flowAt(wallMinutes: number): number;
}

interface Habit {
  readonly perPersonPerDay: number;
  readonly litres: number;
  readonly minutes: number;
  /** Hours of the day it happens around, and by how many hours it spreads. */
  readonly around: readonly number[];
  readonly spreadHours: number;
}

/** About 50 L at 40 °C for each person and day. */
const HABITS: readonly Habit[] = [
  { perPersonPerDay: 0.7, litres: 40, minutes: 5, around: [7, 7, 19, 21], spreadHours: 1.2 },
  { perPersonPerDay: 4, litres: 3, minutes: 1, around: [7, 12, 13, 19, 22], spreadHours: 2 },
  { perPersonPerDay: 0.8, litres: 12, minutes: 3, around: [13, 20], spreadHours: 0.7 },
];

const momentOf = (habit: Habit, random: SeededRandom): number => {
  const hour = habit.around[Math.floor(random() * habit.around.length)] ?? 12;
  const spread = (random() + random() - 1) * habit.spreadHours;
  return Math.min(DAY_MINUTES - habit.minutes, Math.max(0, Math.round((hour + spread) * 60)));
};

const drawDay = (seed: number, day: number, persons: number): Float32Array => {
  const random = createRandom(seedOf(seed, 'draws', day));
  const flow = new Float32Array(DAY_MINUTES);
  for (const habit of HABITS) {
    const times = countEvents(random, habit.perPersonPerDay * persons);
    for (let time = 0; time < times; time += 1) {
      const start = momentOf(habit, random);
      const litres = habit.litres * (0.7 + 0.6 * random());
      for (let minute = start; minute < start + habit.minutes; minute += 1)
        flow[minute] = (flow[minute] ?? 0) + litres / habit.minutes;
    }
  }
  return flow;
};

export const createHotWaterDraws = (seed: number, persons: number): HotWaterDraws => {
  let drawn: { readonly day: number; readonly flow: Float32Array } = { day: Number.NaN, flow: new Float32Array(0) };
  return {
    flowAt: (wallMinutes) => {
      const day = Math.floor(wallMinutes / DAY_MINUTES);
      if (drawn.day !== day) drawn = { day, flow: drawDay(seed, day, persons) };
      return drawn.flow[Math.floor(wallMinutes - day * DAY_MINUTES)] ?? 0;
    },
  };
};
