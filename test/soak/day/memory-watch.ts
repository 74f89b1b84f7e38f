import { readFile } from 'node:fs/promises';

export interface MemorySample {
  /** Elapsed milliseconds. */
  readonly at: number;
  readonly pid: number;
  readonly rssMiB: number;
}

export interface MemoryFigures {
  readonly largestMiB: number;
  /** Of the longest run, without its first minute, by what is left after each collection of garbage. Null when none was long enough. */
  readonly slopeMiBPer10Minutes: number | null;
  readonly slopeOverSeconds: number;
}

const WARM_UP_MS = 60_000;
const SHORTEST_MS = 240_000;
/** Garbage is collected within this time. */
const COLLECTED_MS = 20_000;
const TEN_MINUTES_MS = 600_000;

/** What a process has resident, or null when it is gone. */
export const sampleMemory = async (pid: number): Promise<MemorySample | null> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  return kibibytes === undefined ? null : { at: performance.now(), pid, rssMiB: Number(kibibytes) / 1024 };
};

/** Least squares, per millisecond. */
const slopeOf = (samples: readonly MemorySample[]): number => {
  const mean = (of: (sample: MemorySample) => number): number =>
    samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  const [meanAt, meanRss] = [mean(({ at }) => at), mean(({ rssMiB }) => rssMiB)];
  const covariance = samples.reduce((sum, { at, rssMiB }) => sum + (at - meanAt) * (rssMiB - meanRss), 0);
  return covariance / samples.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
};

/** The least of each span: what is above it is garbage. */
const floorOf = (samples: readonly MemorySample[]): readonly MemorySample[] =>
  [...Map.groupBy(samples, ({ at }) => Math.floor(at / COLLECTED_MS)).values()].flatMap(
    (span) => span.toSorted((a, b) => a.rssMiB - b.rssMiB)[0] ?? [],
  );

const spanOf = (samples: readonly MemorySample[]): number => (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);

export const memoryFigures = (samples: readonly MemorySample[]): MemoryFigures => {
  const runs = [...Map.groupBy(samples, ({ pid }) => pid).values()].map((run) => {
    const startedAt = run[0]?.at ?? 0;
    return run.filter(({ at }) => at - startedAt >= WARM_UP_MS);
  });
  const longest = runs.reduce((best, run) => (spanOf(run) > spanOf(best) ? run : best), []);
  const isLong = spanOf(longest) >= SHORTEST_MS;
  const hundredths = (figure: number): number => Math.round(figure * 100) / 100;
  return {
    largestMiB: hundredths(Math.max(...samples.map(({ rssMiB }) => rssMiB))),
    slopeMiBPer10Minutes: isLong ? hundredths(slopeOf(floorOf(longest)) * TEN_MINUTES_MS) : null,
    slopeOverSeconds: Math.round(spanOf(longest) / 1000),
  };
};
