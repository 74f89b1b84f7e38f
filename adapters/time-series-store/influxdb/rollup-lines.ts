import type { RollupSelection, RollupSum, RollupSumSelection, StoredRollup } from '#contract/ports/time-series-store.ts';
import { QUALITIES, type Quality, type QuantityName } from '#contract/quantities.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import {
  ROLLUP_FLAGS,
  ROLLUP_STEPS,
  type RollupBucket,
  type RollupFlag,
  type RollupStep,
  worseQuality,
} from '#domain/energy/rollup.ts';
import { clampedMs, type InfluxHttp, type InfluxRow } from './influx-http.ts';

const MEASUREMENTS: Readonly<Record<RollupStep, string>> = {
  '10min': 'rollup_10min',
  hour: 'rollup_hour',
  day: 'rollup_day',
  month: 'rollup_month',
};
export const rollupMeasurement = (step: RollupStep): string => MEASUREMENTS[step];
export const ROLLUP_MEASUREMENTS: readonly string[] = ROLLUP_STEPS.map(rollupMeasurement);

const fieldsOf = ({ quantity, bucket }: StoredRollup): string[] => {
  const { value, min, max, coverage, quality, flags } = bucket;
  const numbers = [
    ['', value],
    ['_min', min],
    ['_max', max],
    ['_coverage', coverage],
  ] as const;
  return [
    ...numbers.flatMap(([suffix, number]) => (number === null ? [] : [`${quantity}${suffix}=${number}`])),
    `${quantity}_quality="${value === null ? 'missing' : quality}"`,
    `${quantity}_flags="${flags.join(' ')}"`,
  ];
};

/** One line for each point, step and start, with the quantities of that bucket together. */
export const rollupLines = (rollups: readonly StoredRollup[]): string[] => {
  const lines = Map.groupBy(rollups, ({ step, point, bucket }) => `${rollupMeasurement(step)},point=${point} ${bucket.at}`);
  return [...lines].map(([key, own]) => {
    const [series, at] = key.split(' ');
    return `${series} ${own.flatMap(fieldsOf).join(',')} ${at}`;
  });
};

const numberIn = (content: InfluxRow[string] | undefined): number | null => (typeof content === 'number' ? content : null);
const qualityIn = (content: InfluxRow[string] | undefined): Quality =>
  QUALITIES.find((quality) => quality === content) ?? 'doubtful';
const flagsIn = (content: InfluxRow[string] | undefined): readonly RollupFlag[] => {
  const words = String(content ?? '').split(' ');
  return ROLLUP_FLAGS.filter((flag) => words.includes(flag));
};

const bucketIn = (row: InfluxRow, quantity: QuantityName): RollupBucket => {
  const quality = qualityIn(row[`${quantity}_quality`]);
  // a value that was replaced by a missing one is still in its field
  const orMissing = (suffix: string): number | null => (quality === 'missing' ? null : numberIn(row[`${quantity}${suffix}`]));
  return {
    at: instant(Number(row['time'])),
    value: orMissing(''),
    min: orMissing('_min'),
    max: orMissing('_max'),
    coverage: numberIn(row[`${quantity}_coverage`]) ?? 0,
    quality,
    flags: flagsIn(row[`${quantity}_flags`]),
  };
};

const period = (from: Instant, to: Instant): string => `time >= ${clampedMs(from)}ms AND time < ${clampedMs(to)}ms`;

export const readRollups = async (
  http: InfluxHttp,
  database: string,
  { point, quantity, step, from, to }: RollupSelection,
): Promise<readonly RollupBucket[]> => {
  const suffixes = ['', '_min', '_max', '_coverage', '_quality', '_flags'];
  const fields = suffixes.map((suffix) => `"${quantity}${suffix}"`).join(', ');
  const text = `SELECT ${fields} FROM "${rollupMeasurement(step)}" WHERE "point" = $point AND ${period(from, to)}`;
  const [series = []] = await http.query(text, { point }, database);
  const rows = series.flatMap(({ rows: found }) => found);
  return rows.filter((row) => typeof row[`${quantity}_quality`] === 'string').map((row) => bucketIn(row, quantity));
};

const POINTS_A_QUERY = 500;

/** Sums are the server's; only the buckets that are not simply measured come one by one, to say what the sums are worth. */
export const sumRollups = async (
  http: InfluxHttp,
  database: string,
  { quantity, step, from, to }: RollupSumSelection,
  points: readonly string[],
): Promise<ReadonlyMap<number, RollupSum>> => {
  const sums = new Map<number, RollupSum>();
  for (let start = 0; start < points.length; start += POINTS_A_QUERY) {
    const own = points.slice(start, start + POINTS_A_QUERY).join('|');
    const where = `FROM "${rollupMeasurement(step)}" WHERE "point" =~ /^(${own})$/ AND ${period(from, to)}`;
    const [totals = [], worths = []] = await http.query(
      `SELECT sum("${quantity}") AS sum, count("${quantity}") AS points, min("${quantity}_coverage") AS coverage ${where} GROUP BY time(10m) fill(none); ` +
        `SELECT "${quantity}" AS value, "${quantity}_quality" AS quality, "${quantity}_flags" AS flags ${where} AND ("${quantity}_quality" <> 'measured' OR "${quantity}_flags" <> '')`,
      {},
      database,
    );
    for (const row of totals.flatMap(({ rows }) => rows)) addTotal(sums, row);
    for (const row of worths.flatMap(({ rows }) => rows)) addWorth(sums, row);
  }
  return sums;
};

const addTotal = (sums: Map<number, RollupSum>, row: InfluxRow): void => {
  const [at, sum, points, coverage] = ['time', 'sum', 'points', 'coverage'].map((name) => numberIn(row[name]));
  if (typeof at !== 'number' || typeof sum !== 'number') return;
  const known = sums.get(at);
  sums.set(at, {
    at: instant(at),
    sum: (known?.sum ?? 0) + sum,
    points: (known?.points ?? 0) + (points ?? 0),
    coverage: Math.min(known?.coverage ?? 1, coverage ?? 0),
    quality: known?.quality ?? 'measured',
    flags: known?.flags ?? [],
  });
};

const addWorth = (sums: Map<number, RollupSum>, row: InfluxRow): void => {
  const at = Number(row['time']);
  const known = sums.get(at);
  if (known === undefined) return;
  const quality = qualityIn(row['quality']);
  const value = numberIn(row['value']);
  // a point whose bucket became missing has its former value in the server's sum
  if (quality === 'missing') {
    if (value === null) return;
    const points = known.points - 1;
    if (points === 0) sums.delete(at);
    else sums.set(at, { ...known, sum: known.sum - value, points });
    return;
  }
  const flags = new Set([...known.flags, ...flagsIn(row['flags'])]);
  sums.set(at, {
    ...known,
    quality: worseQuality(known.quality, quality),
    flags: ROLLUP_FLAGS.filter((flag) => flags.has(flag)),
  });
};
