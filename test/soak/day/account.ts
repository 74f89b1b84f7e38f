import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { QUANTITY_NAMES, type QuantityName } from '#contract/quantities.ts';
import { formatInstant, instant } from '#domain/civil-time.ts';
import { pointId } from '#domain/identifiers.ts';
import type { SwornRecords } from './sworn-log.ts';

export interface DayValue {
  readonly point: string;
  readonly quantity: QuantityName;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: number | null;
  readonly quality: string;
}

export interface Account {
  /** Values that the gateway swore to be durable. */
  readonly expected: number;
  readonly found: number;
  readonly lost: number;
  readonly wrong: number;
  /** In the store, and neither durable nor under way at a kill. */
  readonly invented: number;
  /** Under way at a kill, and kept. */
  readonly alsoKept: number;
  /** Sworn twice for one point, quantity and instant. */
  readonly readTwice: number;
  readonly examples: readonly string[];
}

const EXAMPLES = 10;
const SERIES_LIMIT = 1_000_000;

export const storedDay = async (store: TimeSeriesStore, points: readonly string[]): Promise<readonly DayValue[]> => {
  const values: DayValue[] = [];
  for (const point of points) {
    for (const quantity of QUANTITY_NAMES) {
      const span = { from: instant(0), to: instant(Date.UTC(2200, 0, 1)) };
      const selection = { point: pointId(point), privacy: 'operational', quantity, ...span } as const;
      for (const stored of await store.series(selection, SERIES_LIMIT)) values.push({ point, quantity, ...stored });
    }
  }
  return values;
};

/** What was sworn, at civil instants: what was read before the clock was known has got its own from the anchor of its boot. */
const swornValues = ({ batches, anchors }: SwornRecords): readonly (DayValue & { readonly isDurable: boolean })[] =>
  batches.flatMap(({ batch, isDurable }) =>
    batch.readings.flatMap(({ point, at: stamp, values, quality = {} }) => {
      const anchor = stamp < '2000' ? anchors.get(batch.boot) : undefined;
      const at = Date.parse(stamp) + (anchor?.startedAt ?? 0);
      return Object.entries(values).map(([name, value]) => {
        const quantity = name as QuantityName;
        const isDoubted = anchor?.isKnown === false && value !== null;
        return { point, quantity, at, value, quality: isDoubted ? 'doubtful' : (quality[quantity] ?? 'measured'), isDurable };
      });
    }),
  );

const keyOf = ({ point, quantity, at }: DayValue): string => `${point} ${quantity} ${formatInstant(instant(at))}`;

/** The store against the oath, value by value. */
export const accountFor = (sworn: SwornRecords, stored: readonly DayValue[]): Account => {
  const store = new Map(stored.map((value) => [keyOf(value), value]));
  const examples: string[] = [];
  const counts = { expected: 0, lost: 0, wrong: 0, alsoKept: 0, readTwice: 0 };
  const note = (mistake: 'lost' | 'wrong', key: string): void => {
    counts[mistake] += 1;
    if (examples.length < EXAMPLES) examples.push(`${mistake}: ${key}`);
  };
  const seen = new Set<string>();
  for (const value of swornValues(sworn)) {
    const key = keyOf(value);
    const kept = store.get(key);
    if (seen.has(key)) counts.readTwice += 1;
    seen.add(key);
    if (value.isDurable) counts.expected += 1;
    else if (kept !== undefined) counts.alsoKept += 1;
    if (kept === undefined) {
      if (value.isDurable) note('lost', key);
    } else if (kept.value !== value.value || kept.quality !== value.quality) note('wrong', key);
  }
  const invented = [...store.keys()].filter((key) => !seen.has(key));
  examples.push(...invented.slice(0, EXAMPLES).map((key) => `invented: ${key}`));
  return { ...counts, found: stored.length, invented: invented.length, examples };
};
