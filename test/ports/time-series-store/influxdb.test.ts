import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createInfluxdbStore } from '#adapters/time-series-store/influxdb/influxdb-store.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { pointId } from '#domain/identifiers.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { type StartedInfluxdb, startInfluxdb } from '#test/services/start-influxdb.ts';
import { describeRollups } from './rollup-suite.ts';
import { describeTimeSeriesStore, evening, later, measured, missing, reading } from './store-suite.ts';

const names = { database: 'axone', dwellingDatabase: 'axone-dwellings', logger: silentLogger };
const admin = { username: 'axone', password: 'a "quoted" secret, €' };

const startAlone = async () => {
  const influxdb = await startInfluxdb();
  return { store: createInfluxdbStore({ url: influxdb.url, ...names }), stop: influxdb.stop };
};
describeTimeSeriesStore('a real InfluxDB', startAlone);
describeRollups('a real InfluxDB', startAlone);

describeTimeSeriesStore('a real InfluxDB with authentication', async () => {
  const influxdb = await startInfluxdb({ admin });
  return { store: createInfluxdbStore({ url: influxdb.url, ...admin, ...names }), stop: influxdb.stop };
});

describe('InfluxDB alone', () => {
  let influxdb: StartedInfluxdb;
  let store: TimeSeriesStore;
  const point = pointId('point-republique-l01');
  const powers = () =>
    store.series({ point, privacy: 'operational', quantity: 'activePowerW', from: evening, to: later(evening, 1e6) }, 1e6);
  const write = (second: number) =>
    store.write([reading(point, later(evening, second), [measured('activePowerW', second)])], { redelivered: false });

  beforeEach(async () => {
    influxdb = await startInfluxdb();
    store = createInfluxdbStore({ url: influxdb.url, ...names });
  });
  afterEach(() => influxdb.stop());

  test('a server killed between writes loses nothing that was acknowledged', async () => {
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 20; index += 1) await write(round * 20 + index);
      await influxdb.kill();
      await influxdb.restart();
    }
    expect((await powers()).map(({ value }) => value)).toEqual(Array.from({ length: 60 }, (_, index) => index));
  });

  test('a server that is away is unavailable, and the same write passes when it is back', async () => {
    await influxdb.kill();
    await expect(write(0)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(powers()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await influxdb.restart();
    await write(0);
    expect(await powers()).toHaveLength(1);
  });

  test('a database dropped under our feet is made again', async () => {
    await write(0);
    await influxdb.query('DROP DATABASE "axone"');
    await expect(write(1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await write(2);
    expect((await powers()).map(({ value }) => value)).toEqual([2]);
  });

  test('what was to be rolled up is known to the next process, and what was rolled up is not asked again', async () => {
    const next = () => createInfluxdbStore({ url: influxdb.url, ...names });
    const hoursOf = async (other: TimeSeriesStore) => (await other.stale(100)).flatMap(({ hours }) => hours);
    const hour = Math.floor(evening / 3_600_000) * 3_600_000;
    await write(0);
    await write(3_600);
    expect(await hoursOf(next())).toEqual([hour, hour + 3_600_000]);
    await influxdb.kill();
    await influxdb.restart();
    expect(await hoursOf(next())).toEqual([hour, hour + 3_600_000]);
    const rolling = next();
    await rolling.settle(await rolling.stale(100));
    expect(await hoursOf(rolling)).toEqual([]);
    expect(await hoursOf(next())).toEqual([]);
    await rolling.write([reading(point, evening, [measured('activePowerW', 9)])], { redelivered: true });
    expect(await hoursOf(next())).toEqual([hour]);
  });

  test('a write that failed leaves its mark to the one that passes', async () => {
    await influxdb.kill();
    await expect(write(0)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await influxdb.restart();
    await write(0);
    const next = createInfluxdbStore({ url: influxdb.url, ...names });
    expect(await next.stale(100)).toHaveLength(1);
  });

  test('a refusal names what InfluxDB did not take', async () => {
    await influxdb.query('CREATE DATABASE "axone"');
    const body = `readings,point=${point} activePowerW="text" ${evening + 1}`;
    await fetch(`${influxdb.url}/write?db=axone&precision=ms`, { method: 'POST', body });
    await expect(write(0)).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      fields: { reason: expect.stringContaining('"activePowerW"') },
    });
  });

  test('dwellings are in their own database only, and a measured value takes no room for its quality', async () => {
    const flat = pointId('point-tilleuls-d07');
    await store.write(
      [
        reading(flat, evening, [measured('energyImportedWh', 1)], 'dwelling'),
        reading(point, evening, [measured('activePowerW', 1), missing('gearTemperatureC')]),
      ],
      { redelivered: false },
    );
    const operational = JSON.stringify(await influxdb.query('SELECT * FROM readings', 'axone'));
    expect(operational).toContain('point-republique-l01');
    expect(operational).not.toContain('point-tilleuls-d07');
    expect(operational).toContain('gearTemperatureC_quality');
    expect(operational).not.toContain('activePowerW_quality');
    expect(JSON.stringify(await influxdb.query('SELECT * FROM readings', 'axone-dwellings'))).toContain('point-tilleuls-d07');
  });
});

test('wrong credentials make the store unavailable, and the reason says so', async () => {
  const influxdb = await startInfluxdb({ admin });
  const store = createInfluxdbStore({ url: influxdb.url, username: 'axone', password: 'wrong', ...names });
  const write = store.write([reading(pointId('point-x'), evening, [measured('activePowerW', 1)])], { redelivered: false });
  await expect(write).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', fields: { reason: expect.stringContaining('401') } });
  await influxdb.stop();
});
