export interface BenchRow {
  readonly name: string;
  /** Median of the runs. */
  readonly value: number;
  readonly unit: string;
  /** At most, or at least for a rate; null for a figure that is there to compare. */
  readonly goal: number | null;
  readonly isRate?: true;
  readonly holds: boolean | null;
  readonly runs: readonly number[];
}

const medianOf = (runs: readonly number[]): number => {
  const sorted = [...runs].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
};

const HUNDREDTHS = 100;
const tidy = (value: number): number => Math.round(value * HUNDREDTHS) / HUNDREDTHS;

export const row = (name: string, unit: string, goal: number | null, runs: readonly number[]): BenchRow => {
  const value = medianOf(runs);
  return { name, value: tidy(value), unit, goal, holds: goal === null ? null : value <= goal, runs: runs.map(tidy) };
};

/** A figure that is promised to be at least its goal. */
export const rateRow = (name: string, unit: string, goal: number, runs: readonly number[]): BenchRow => ({
  ...row(name, unit, goal, runs),
  holds: medianOf(runs) >= goal,
  isRate: true,
});

export interface Bench {
  /** One line for the list. */
  readonly summary: string;
  /** `say` tells the progress. */
  run(say: (text: string) => void): Promise<readonly BenchRow[]>;
}
