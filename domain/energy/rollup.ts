import { addDays, type CivilDate, civilDateOf, type Instant, instant, startOfDay, type TimeZone } from '../civil-time.ts';

/** Lengths of the buckets kept for ever longer. Days and months are civil ones of the site: 23, 24 or 25 hours. */
export const ROLLUP_STEPS = ['10min', 'hour', 'day', 'month'] as const;
export type RollupStep = (typeof ROLLUP_STEPS)[number];

/** What is worth knowing of a bucket besides its value. Nothing is repaired for it. */
export const ROLLUP_FLAGS = [
  /** Part of it is not covered by readings. */
  'gap',
  'reset',
  'rollover',
  'replacement',
  /** The register rose more than its meter can count: the rise is not energy. */
  'jump',
  /** Register and power disagree. */
  'drift',
  /** A value in it was doubtful. */
  'implausible',
  /** Something was written into it long after its end. */
  'late',
] as const;
export type RollupFlag = (typeof ROLLUP_FLAGS)[number];

export type SampleQuality = 'measured' | 'estimated' | 'doubtful' | 'missing';

/** One value of one quantity, as read. */
export interface Sample {
  readonly at: Instant;
  readonly value: number | null;
  readonly quality: SampleQuality;
}

export interface RollupBucket {
  /** Its start. */
  readonly at: Instant;
  /** Of a measure the mean over the time covered, of a state the share of that time, of a counter what it counted. Null when nothing is known. */
  readonly value: number | null;
  /** Of a measure; null of counters. */
  readonly min: number | null;
  readonly max: number | null;
  /** Share of the bucket that readings cover, 0 to 1. */
  readonly coverage: number;
  readonly quality: SampleQuality;
  readonly flags: readonly RollupFlag[];
}

export interface BucketSpan {
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
}

const MINUTES: Readonly<Record<'10min' | 'hour', number>> = { '10min': 10, hour: 60 };
const MINUTE_MS = 60_000;

const firstOfMonth = (date: CivilDate): CivilDate => `${date.slice(0, 7)}-01` as CivilDate;
const DAYS_TO_NEXT_MONTH = 31;

/** The civil day that holds an instant. */
export const daySpan = (at: Instant, zone: TimeZone): BucketSpan => {
  const date = civilDateOf(at, zone);
  return { from: startOfDay(date, zone), to: startOfDay(addDays(date, 1), zone) };
};

/** The civil month that holds an instant. */
export const monthSpan = (at: Instant, zone: TimeZone): BucketSpan => {
  const first = firstOfMonth(civilDateOf(at, zone));
  return { from: startOfDay(first, zone), to: startOfDay(firstOfMonth(addDays(first, DAYS_TO_NEXT_MONTH)), zone) };
};

/** The buckets of a step in one civil day, whole: a day of 25 hours has 25 hours and 150 times ten minutes. */
export const spansInDay = (step: '10min' | 'hour', day: BucketSpan): readonly BucketSpan[] => {
  const lengthMs = MINUTES[step] * MINUTE_MS;
  return Array.from({ length: Math.ceil((day.to - day.from) / lengthMs) }, (_, index) => ({
    from: instant(day.from + index * lengthMs),
    to: instant(Math.min(day.to, day.from + (index + 1) * lengthMs)),
  }));
};

/** Civil days from the one that holds an instant to the one that holds another, in order. */
export const daysBetween = (first: Instant, last: Instant, zone: TimeZone): readonly BucketSpan[] => {
  const days: BucketSpan[] = [];
  for (let day = daySpan(first, zone); day.from <= last; day = daySpan(day.to, zone)) days.push(day);
  return days;
};

const QUALITY_RANK: readonly SampleQuality[] = ['measured', 'estimated', 'doubtful', 'missing'];
export const worseQuality = (a: SampleQuality, b: SampleQuality): SampleQuality =>
  QUALITY_RANK.indexOf(a) >= QUALITY_RANK.indexOf(b) ? a : b;

/** In the order of the list, each once. */
export const flagsOf = (...found: readonly (RollupFlag | readonly RollupFlag[] | null)[]): readonly RollupFlag[] => {
  const flags = new Set(found.flat());
  return ROLLUP_FLAGS.filter((flag) => flags.has(flag));
};

export const emptyBucket = (at: Instant): RollupBucket => ({
  at,
  value: null,
  min: null,
  max: null,
  coverage: 0,
  quality: 'missing',
  flags: ['gap'],
});
