/** Why a value that can be read is not believed yet. */
export type Suspicion =
  /** A counter is lower than before: reset, replaced, or misread. */
  | 'went-back'
  /** A counter rose more than its meter can count in that time. */
  | 'too-fast'
  /** The value is 65,536 times what it was, or as many times less: two registers that changed places. */
  | 'words-swapped'
  /** A measure that the installation cannot have. */
  | 'beyond-rating'
  /** A counter that stays while power flows. */
  | 'stuck';

export interface Sample {
  readonly value: number;
  /** Of a clock that never steps. */
  readonly atSeconds: number;
}

/** What a quantity may do. */
export interface Expectation {
  readonly isCounter: boolean;
  /** Of a counter, in its unit a second. */
  readonly mostPerSecond: number;
  /** What a counter may rise at once, its resolution and more. */
  readonly slack: number;
  /** Bounds of a measure. */
  readonly least: number;
  readonly most: number;
}

/** The last value believed, and the doubtful ones that follow it and agree with one another. */
export interface Track {
  readonly believed: Sample | null;
  readonly doubted: { readonly sample: Sample; readonly direction: number; readonly count: number } | null;
}

export const NOTHING_SEEN: Track = { believed: null, doubted: null };

const WORD = 65_536;
const SWAP_TOLERANCE = 0.02;
/** Doubtful values in one direction, each plausible after the one before it: then it is the field that changed. */
const REPEATS_BELIEVED = 3;

const isSwapped = (before: number, value: number): boolean => {
  if (before === 0 || value === 0) return false;
  const ratio = Math.abs(value / before);
  return Math.abs(ratio / WORD - 1) < SWAP_TOLERANCE || Math.abs(ratio * WORD - 1) < SWAP_TOLERANCE;
};

const suspicionAfter = (before: Sample, { value, atSeconds }: Sample, expectation: Expectation): Suspicion | null => {
  if (isSwapped(before.value, value)) return 'words-swapped';
  if (!expectation.isCounter) return null;
  if (value < before.value) return 'went-back';
  const most = expectation.mostPerSecond * Math.max(0, atSeconds - before.atSeconds) + expectation.slack;
  return value - before.value > most ? 'too-fast' : null;
};

/**
 * Judges one more value. A doubtful one is not compared with afterwards, until three in a row go in one direction and agree
 * with one another: then the last is believed. A measure beyond its bounds never is.
 */
export const judge = (
  { believed, doubted }: Track,
  sample: Sample,
  expectation: Expectation,
): { readonly track: Track; readonly suspicion: Suspicion | null } => {
  if (!expectation.isCounter && (sample.value < expectation.least || sample.value > expectation.most))
    return { track: { believed, doubted: null }, suspicion: 'beyond-rating' };
  const suspicion = believed === null ? null : suspicionAfter(believed, sample, expectation);
  if (believed === null || suspicion === null) return { track: { believed: sample, doubted: null }, suspicion: null };
  const direction = Math.sign(sample.value - believed.value);
  const agrees =
    doubted !== null && doubted.direction === direction && suspicionAfter(doubted.sample, sample, expectation) === null;
  const count = agrees ? doubted.count + 1 : 1;
  if (count >= REPEATS_BELIEVED) return { track: { believed: sample, doubted: null }, suspicion: null };
  return { track: { believed, doubted: { sample, direction, count } }, suspicion };
};

/** What a counter ought to have counted since it last moved. */
export interface CounterWatch {
  readonly counterWh: number;
  readonly powerW: number;
  readonly atSeconds: number;
  readonly expectedWh: number;
}

/** Longest time between two readings over which the lesser of their powers is taken to have flowed. */
const LONGEST_STEP_SECONDS = 900;
const SECONDS_PER_HOUR = 3600;

/** Goes on watching a counter of energy beside a power; `before` is null at the first reading. */
export const watchCounter = (
  before: CounterWatch | null,
  now: { readonly counterWh: number; readonly powerW: number; readonly atSeconds: number },
): CounterWatch => {
  if (before === null || now.counterWh !== before.counterWh) return { ...now, expectedWh: 0 };
  const seconds = Math.max(0, now.atSeconds - before.atSeconds);
  const flowingW = seconds > LONGEST_STEP_SECONDS ? 0 : Math.max(0, Math.min(now.powerW, before.powerW));
  return { ...now, expectedWh: before.expectedWh + (flowingW * seconds) / SECONDS_PER_HOUR };
};
