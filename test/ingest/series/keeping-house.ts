import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createNodeCronScheduler } from '#adapters/scheduler/node-cron.ts';
import { createInfluxdbStore } from '#adapters/time-series-store/influxdb/influxdb-store.ts';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import type { PointBinding } from '#contract/ports/ingest-registry.ts';
import type { Privacy, StoredValue, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { type Instant, instant, parseInstant, timeZone } from '#domain/civil-time.ts';
import type { RollupStep } from '#domain/energy/rollup.ts';
import { gatewayId, type PointId, pointId } from '#domain/identifiers.ts';
import { createSeriesKeeping, type SeriesKeeping } from '#ingest/index.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { startInfluxdb } from '#test/services/start-influxdb.ts';

export const meter = pointId('point-republique-cabinet');
export const flat = pointId('point-tilleuls-d07');
const zone = timeZone('Europe/Paris');
const since = parseInstant('2020-01-01T00:00:00Z');

/** Rollups and retention over a real store, on a clock that the test moves. */
export interface KeepingHouse {
  readonly clock: SimulatedClock;
  readonly store: TimeSeriesStore;
  readonly keeping: SeriesKeeping;
  /** Of SQLite. */
  readonly file: string;
  /** Instants at which another meter took over the cabinet's point. */
  readonly replaced: Instant[];
  write(
    point: PointId,
    quantity: QuantityName,
    values: readonly (readonly [at: string | Instant, value: number | null])[],
  ): Promise<void>;
  rollUp(): Promise<number>;
  buckets(
    point: PointId,
    quantity: QuantityName,
    step: RollupStep,
    from: string,
    to: string,
  ): ReturnType<TimeSeriesStore['rollups']>;
  moveTo(at: string): Promise<void>;
  stop(): Promise<void>;
}

const privacyOf = (point: PointId): Privacy => (point === flat ? 'dwelling' : 'operational');

export const startKeepingHouse = async (engine: 'SQLite' | 'InfluxDB', now: string): Promise<KeepingHouse> => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-keeping-'));
  const file = join(folder, 'series.sqlite');
  const clock = createSimulatedClock({ civil: parseInstant(now) });
  const influxdb = engine === 'InfluxDB' ? await startInfluxdb() : null;
  const store =
    influxdb === null
      ? await createSqliteStore({ file, logger: silentLogger })
      : createInfluxdbStore({ url: influxdb.url, database: 'axone', dwellingDatabase: 'axone_dwellings', logger: silentLogger });
  const replaced: Instant[] = [];
  const bindingsOfPoint = (point: PointId): Promise<readonly PointBinding[]> => {
    const starts = [since, ...(point === meter ? replaced : [])];
    return Promise.resolve(
      starts.map((from, index) => ({
        point,
        gateway: gatewayId('gateway-republique'),
        privacy: privacyOf(point),
        zone,
        from,
        to: starts[index + 1] ?? null,
      })),
    );
  };
  const scheduler = createNodeCronScheduler({ clock, logger: silentLogger });
  const keeping = createSeriesKeeping({ store, registry: { bindingsOfPoint }, scheduler, clock, logger: silentLogger });
  await keeping.start();
  return {
    clock,
    store,
    keeping,
    file,
    replaced,
    async write(point, quantity, values) {
      const value = (content: number | null): StoredValue => ({
        quantity,
        value: content,
        quality: content === null ? 'missing' : 'measured',
      });
      await store.write(
        values.map(([at, content]) => ({
          point,
          privacy: privacyOf(point),
          at: typeof at === 'string' ? parseInstant(at) : at,
          values: [value(content)],
        })),
        { redelivered: true },
      );
    },
    rollUp: () => keeping.rollups.rollUp(clock.civilNow()),
    buckets: (point, quantity, step, from, to) =>
      store.rollups({ point, privacy: privacyOf(point), quantity, step, from: parseInstant(from), to: parseInstant(to) }),
    async moveTo(at) {
      clock.stepCivil(parseInstant(at));
      await scheduler.runDue(clock.civilNow());
    },
    async stop() {
      await keeping.stop();
      await store.close();
      await influxdb?.stop();
      await rm(folder, { recursive: true });
    },
  };
};

/** A register that grows by the same each minute. */
export const steadyRegister = (from: string, to: string, startWh: number, whAMinute: number): (readonly [Instant, number])[] => {
  const [first, last] = [parseInstant(from), parseInstant(to)];
  return Array.from({ length: (last - first) / 60_000 + 1 }, (_, minute) => [
    instant(first + minute * 60_000),
    startWh + minute * whAMinute,
  ]);
};
