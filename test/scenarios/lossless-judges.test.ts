import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import type { LogPosition } from '#contract/ports/durable-log.ts';
import type { SeriesValue } from '#contract/ports/time-series-store.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import { encodeBatch } from '#gateway/outbox/batch-record.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { compareStore } from '#test/soak/chain/compare.ts';
import { Custody } from '#test/soak/chain/custody.ts';
import { instantInReplay, REPLAYED, type Replay, replayedBatch, replayedValue } from '#test/soak/chain/replay.ts';
import { batchesOnDisk } from '#test/soak/chain/segment-reader.ts';
import type { StoredSeries, StoreReader } from '#test/soak/chain/store-reader.ts';

const REPLAY: Replay = { startsAt: Date.UTC(2026, 10, 24, 12), batches: 5, batchMs: 100, points: 2 };

const rightSeries = (): StoredSeries[] =>
  [0, 1].flatMap((point) =>
    REPLAYED.map((quantity) => ({
      point,
      quantity,
      values: Array.from({ length: REPLAY.batches }, (_, batch) => ({
        at: instant(instantInReplay(REPLAY, batch, point)),
        ...replayedValue(point, quantity, batch),
      })),
    })),
  );

/** A store that holds these series, and the batches of these numbers. */
const readerOf = (series: readonly StoredSeries[], held: readonly number[] = []): StoreReader => ({
  holds: async (from, to) =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index).every((batch) => held.includes(batch)),
  async *all() {
    yield* series;
  },
  close: async () => undefined,
});

/** The right series, the values of the first one changed. */
const changed = (change: (values: readonly SeriesValue[]) => readonly SeriesValue[]): StoreReader =>
  readerOf(rightSeries().map((series, index) => (index === 0 ? { ...series, values: change(series.values) } : series)));

describe('the comparison of a soak', () => {
  const nothingWrong = { expected: 40, found: 40, lost: 0, doubled: 0, wrong: 0, invented: 0 };
  const [mistaken, moved] = [7_000_000, 50];

  test('finds nothing in a store that is right', async () => {
    expect(await compareStore(REPLAY, readerOf(rightSeries()))).toMatchObject(nothingWrong);
  });

  test.each([
    ['lost', (values: readonly SeriesValue[]) => values.slice(1), { lost: 1, found: 39 }],
    ['doubled', (values: readonly SeriesValue[]) => [...values, ...values.slice(-1)], { doubled: 1, found: 41 }],
    [
      'wrong',
      ([first, ...others]: readonly SeriesValue[]) => [{ ...first, value: mistaken } as SeriesValue, ...others],
      { wrong: 1 },
    ],
    [
      'invented',
      ([first, ...others]: readonly SeriesValue[]) => [
        { ...first, at: ((first?.at ?? 0) + moved) as Instant } as SeriesValue,
        ...others,
      ],
      { invented: 1, lost: 1 },
    ],
  ])('sees a value that is %s', async (_what, change, seen) => {
    expect(await compareStore(REPLAY, changed(change))).toMatchObject({ ...nothingWrong, ...seen });
  });
});

describe('the custody of a soak', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'axone-custody-'));
    await mkdir(join(folder, 'outbox'));
    await writeFile(join(folder, 'witness.log'), 'boot 3 from 0\n0\n1\n2\n3\n');
    const log = await createSegmentLog({ folder: join(folder, 'outbox'), logger: silentLogger });
    await log.append([0, 1, 2].map((seq) => encodeBatch({ boot: 3, seq }, { readings: replayedBatch(REPLAY, seq) })));
    await log.trim(1 as LogPosition);
    await log.close();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const custodyOver = (held: readonly number[]): Custody =>
    new Custody({ replay: REPLAY, folder, openStore: async () => readerOf([], held) });

  test('finds what is whole in the segment files and not behind the trim mark', async () => {
    await appendFile(join(folder, 'outbox/segment-0000000000000000.log'), Buffer.from([0, 0, 0, 9, 1]));
    expect(await batchesOnDisk(join(folder, 'outbox'))).toEqual([
      { boot: 3, seq: 1 },
      { boot: 3, seq: 2 },
    ]);
  });

  test('is content when what is no longer on the disk is in the store', async () => {
    const custody = custodyOver([0, 3]);
    await custody.gatewayKilled();
    expect(custody.broken).toEqual([]);
  });

  test('accuses a gateway that has lost what it swore to be durable', async () => {
    const custody = custodyOver([0]);
    await custody.gatewayKilled();
    expect(custody.broken).toEqual(['killed in boot 3: of 3 to 3 neither disk nor store']);
  });

  test('accuses an acknowledgement that comes before its values, a refusal, and one of a boot that never was', async () => {
    const custody = custodyOver([0, 1]);
    await custody.acknowledged({ boot: 3, ranges: [[0, 1]], refused: [] });
    expect(custody.broken).toEqual([]);
    await custody.acknowledged({ boot: 3, ranges: [[1, 2]], refused: [] });
    await custody.acknowledged({ boot: 3, ranges: [], refused: [{ seq: 2, code: 'POINT_UNKNOWN' }] });
    await custody.acknowledged({ boot: 9, ranges: [[0, 0]], refused: [] });
    expect(custody.broken).toHaveLength(3);
  });
});
