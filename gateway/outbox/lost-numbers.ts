import type { LogDamage } from '#contract/ports/durable-log.ts';
import type { RecordOutline } from './batch-record.ts';

/** Numbers of one boot, both ends included. */
export interface NumberRange {
  readonly boot: number;
  readonly from: number;
  readonly to: number;
}

type Neighbour = Pick<RecordOutline, 'boot' | 'from' | 'seq'>;

const NUMBERS = /\{"boot":(\d+),"seq":(\d+)[,}]/g;

/** What the lost records still say of themselves. */
const saidNumbers = (remains: string): readonly NumberRange[] =>
  [...remains.matchAll(NUMBERS)].map(([, boot, seq]) => ({ boot: Number(boot), from: Number(seq), to: Number(seq) }));

/** One after the last known of a boot, and before the first known of a later one. */
const betweenBoots = (places: number, before: Neighbour | null, after: Neighbour | null): readonly NumberRange[] => {
  const headCount = after === null ? 0 : before === null ? Math.min(places, after.from) : after.from;
  const tailCount = Math.max(0, places - headCount);
  return [
    ...(before === null || tailCount === 0 ? [] : [{ boot: before.boot, from: before.seq + 1, to: before.seq + tailCount }]),
    ...(after === null || headCount === 0 ? [] : [{ boot: after.boot, from: after.from - headCount, to: after.from - 1 }]),
  ];
};

/**
 * Which numbers damaged records held: by what they still say, else by their whole neighbours, else by how many they were. `before` and
 * `after` are the nearest whole batches in the log; `boot` is the running one.
 */
export const lostNumbers = (
  { from, to, remains }: LogDamage,
  before: Neighbour | null,
  after: Neighbour | null,
  boot: number,
): readonly NumberRange[] => {
  const said = saidNumbers(new TextDecoder().decode(remains));
  const places = to - from;
  if (said.length === places) return said;
  if (before === null && after === null) return [{ boot: boot - 1, from: 0, to: places - 1 }];
  if (before?.boot !== after?.boot) return betweenBoots(places, before, after);
  // what was thinned was written again behind what is younger: then neighbours do not follow each other
  const follows = before !== null && after !== null && before.seq < after.from;
  return follows ? [{ boot: before.boot, from: before.seq + 1, to: after.from - 1 }] : said;
};
