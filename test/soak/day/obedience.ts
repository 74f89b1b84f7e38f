import type { DayValue } from './account.ts';
import { changesOf, HOUR_MS, LAMPS } from './day-plan.ts';

/** A run of the gateway, in milliseconds of the day's civil time. */
export interface Life {
  readonly from: number;
  readonly to: number;
  /** When its clock was known. */
  readonly knownFrom: number;
}

export interface Obedience {
  /** Levels that were looked at: read while the gateway could know what was asked. */
  readonly checked: number;
  readonly wrong: number;
  /** From a change, or from the start that found it late, to the first reading of the new level. Elapsed seconds. */
  readonly slowestSeconds: number;
  readonly changes: number;
  readonly examples: readonly string[];
}

export interface ObediencePlaces {
  readonly lives: readonly Life[];
  readonly civilAt: number;
  readonly speed: number;
}

/** Elapsed: a pass over the lights each second, a fade of civil time, a round every two seconds, and a machine that is busy. */
const PATIENCE_MS = 8000;
const EXAMPLES = 10;

const pointOf = (lamp: string): string => lamp.replace('luminaire-', 'point-republique-l');

/** Each level read back against what the day asks of that lamp at that instant. */
export const checkObedience = (values: readonly DayValue[], { lives, civilAt, speed }: ObediencePlaces): Obedience => {
  const patience = PATIENCE_MS * speed;
  const levels = Map.groupBy(
    values.filter(({ quantity, value }) => quantity === 'effectiveLevelPercent' && value !== null),
    ({ point }) => point,
  );
  const examples: string[] = [];
  const counts = { checked: 0, wrong: 0, changes: 0 };
  let slowest = 0;
  for (const lamp of LAMPS) {
    const changes = changesOf(lamp).map(({ hour, levelPercent }) => ({ at: civilAt + hour * HOUR_MS, levelPercent }));
    const own = (levels.get(pointOf(lamp)) ?? []).toSorted((a, b) => a.at - b.at);
    for (const { at, value } of own) {
      const asked = changes.findLast((change) => change.at <= at);
      const life = lives.find(({ from, to }) => from <= at && at <= to);
      if (asked === undefined || life === undefined || at - Math.max(asked.at, life.knownFrom) < patience) continue;
      counts.checked += 1;
      if (value === asked.levelPercent) continue;
      counts.wrong += 1;
      if (examples.length < EXAMPLES) examples.push(`${lamp} ${new Date(at).toISOString()}: ${value} for ${asked.levelPercent}`);
    }
    for (const [index, { at, levelPercent }] of changes.entries()) {
      const couldKnowAt = lives.find(({ to }) => to >= at + patience)?.knownFrom ?? at;
      const since = Math.max(at, couldKnowAt);
      const until = changes[index + 1]?.at ?? Number.POSITIVE_INFINITY;
      const first = own.find((each) => each.at >= since && each.at < until && each.value === levelPercent);
      counts.changes += 1;
      if (first !== undefined) slowest = Math.max(slowest, (first.at - since) / speed / 1000);
      else if (examples.length < EXAMPLES)
        examples.push(`${lamp} never came to ${levelPercent} after ${new Date(at).toISOString()}`);
      if (first === undefined) counts.wrong += 1;
    }
  }
  return { ...counts, slowestSeconds: Math.round(slowest * 10) / 10, examples };
};

export interface Holes {
  /** Longer than two rounds, within one run of the gateway. */
  readonly count: number;
  /** In rounds. */
  readonly longest: number;
  readonly examples: readonly string[];
}

/** Whether each point was read in each round of each run, from its start to its end. `roundMs`: civil. */
export const findHoles = (values: readonly DayValue[], lives: readonly Life[], roundMs: number): Holes => {
  const examples: string[] = [];
  let count = 0;
  let longest = 0;
  for (const [point, own] of Map.groupBy(values, (value) => value.point)) {
    const instants = [...new Set(own.map(({ at }) => at))].sort((a, b) => a - b);
    for (const { from, to } of lives) {
      const read = [from, ...instants.filter((at) => at > from && at < to), to];
      for (const [index, at] of read.entries()) {
        const rounds = index === 0 ? 0 : (at - (read[index - 1] ?? at)) / roundMs;
        longest = Math.max(longest, rounds);
        if (rounds <= 2) continue;
        count += 1;
        if (examples.length < EXAMPLES)
          examples.push(`${point}: ${rounds.toFixed(1)} rounds before ${new Date(at).toISOString()}`);
      }
    }
  }
  return { count, longest: Math.round(longest * 100) / 100, examples };
};
