import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { openRegistryFile } from '#adapters/registry/sqlite/open.ts';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import type { LinesAnswer } from '#contract/routes/route.ts';
import { readCoverage, readLatest, readSeries } from '#contract/routes/series.ts';
import { instant, parseInstant } from '#domain/civil-time.ts';
import { accountId, dwellingId, pointId } from '#domain/identifiers.ts';
import type { Hat } from '#domain/people/permission.ts';
import { seriesRoutes } from '#ingest/index.ts';
import { createRollupKeeper } from '#ingest/series/rollup-keeper.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { demoField, demoHousing } from './demo-field.ts';

let folder: string;
let store: TimeSeriesStore;
let registry: Awaited<ReturnType<typeof openRegistryFile>>;
const evening = parseInstant('2026-11-24T21:00:00Z');
const now = parseInstant('2026-11-25T09:00:00Z');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'axone-series-route-'));
  store = await createSqliteStore({ file: join(folder, 'series.sqlite'), logger: silentLogger });
  registry = await openRegistryFile({ file: join(folder, 'registry.sqlite'), migrate: true, logger: silentLogger });
  await registry.as('control').assets.replaceAssets(demoField, 'a');
  await registry.as('control').housing.replaceHousing(demoHousing, 'a');
});
afterEach(async () => {
  await store.close();
  await registry.close();
  await rm(folder, { recursive: true });
});

const technician: Hat = { role: 'technician', organisation: 'USEDA', sites: [] };
const tenantOf = (dwelling: string, from = instant(0)): Hat => ({
  role: 'tenant',
  dwelling: dwellingId(dwelling),
  from,
  to: null,
});

const handlerOf = (name: string) => {
  const { ingest, housing } = registry.as('ingest');
  const rollups = createRollupKeeper({ store, registry: ingest, logger: silentLogger });
  const routes = seriesRoutes({ store, registry: ingest, housing, rollups, clock: createSimulatedClock({ civil: now }) });
  const mounted = routes.find(({ route }) => route.name === name);
  if (mounted === undefined) throw new Error('no route');
  return mounted;
};

const askRoute = (name: string, hat: Hat, fields: Readonly<Record<string, string>>) => {
  const { route, handler } = handlerOf(name);
  const query = route.query?.parse(fields);
  const principal = { account: accountId('account-a'), displayName: 'A', session: 's', hats: [hat] };
  return handler({ query, principal } as never);
};

const ask = (point: string, quantity: QuantityName, hat: Hat, from = '2026-11-24T00:00:00Z', to = '2026-11-25T00:00:00Z') =>
  askRoute('readSeries', hat, { point, quantity, from, to });

const write = (point: string, privacy: 'operational' | 'dwelling', quantity: QuantityName, values: readonly number[]) =>
  store.write(
    values.map((value, index) => ({
      point: pointId(point),
      privacy,
      at: instant(evening + index * 1_000),
      values: [{ quantity, value, quality: 'measured' as const }],
    })),
    { redelivered: false },
  );

test('a series is answered with its unit, its instants and its qualities', async () => {
  await write('point-republique-meter', 'operational', 'activePowerW', [800, 810]);
  const answer = await ask('point-republique-meter', 'activePowerW', technician);
  expect(readSeries.answer.schema.parse(answer)).toEqual({
    point: 'point-republique-meter',
    quantity: 'activePowerW',
    unit: 'W',
    step: 'reading',
    zone: 'Europe/Paris',
    coverage: expect.closeTo(0.0001, 5),
    quality: 'measured',
    latestAt: '2026-11-24T21:00:01Z',
    ageSeconds: 43_199,
    upToDate: true,
    values: [
      { at: '2026-11-24T21:00:00Z', value: 800, quality: 'measured' },
      { at: '2026-11-24T21:00:01Z', value: 810, quality: 'measured' },
    ],
  });
});

test('a point that nobody declared is not found', async () => {
  await expect(ask('point-nowhere', 'activePowerW', technician)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a period that ends before it begins is refused', async () => {
  const asking = ask('point-republique-meter', 'activePowerW', technician, '2026-11-25T00:00:00Z', '2026-11-24T00:00:00Z');
  await expect(asking).rejects.toMatchObject({ code: 'REQUEST_INVALID', fields: { path: 'to' } });
});

test('a selection of more than twenty thousand values is refused, and one of twenty thousand is answered', async () => {
  await write(
    'point-republique-meter',
    'operational',
    'activePowerW',
    Array.from({ length: 20_001 }, (_, index) => index),
  );
  const whole = ask('point-republique-meter', 'activePowerW', technician, '2026-11-24T00:00:00Z', '2026-11-26T00:00:00Z');
  await expect(whole).rejects.toMatchObject({ code: 'SELECTION_TOO_LARGE' });
  const shorter = await ask('point-republique-meter', 'activePowerW', technician, '2026-11-24T21:00:01Z', '2026-11-26T00:00:00Z');
  expect((shorter as { values: unknown[] }).values).toHaveLength(20_000);
});

test('a tenant sees his own dwelling since he lives there, and neither his neighbour nor his predecessor', async () => {
  await write('point-tilleuls-d06', 'dwelling', 'energyImportedWh', [1_000, 1_001, 1_002]);
  const own = await ask('point-tilleuls-d06', 'energyImportedWh', tenantOf('dwelling-tilleuls-06', instant(evening + 1_000)));
  expect((own as { values: { value: number }[] }).values.map(({ value }) => value)).toEqual([1_001, 1_002]);
  const neighbour = ask('point-tilleuls-d06', 'energyImportedWh', tenantOf('dwelling-tilleuls-07'));
  await expect(neighbour).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(ask('point-tilleuls-d06', 'energyImportedWh', technician)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

/** A register that grows by 10 Wh a minute from one civil midnight of Paris to another. */
const steady = async (point: string, privacy: 'operational' | 'dwelling', from: string, to: string) => {
  const [first, last] = [parseInstant(from), parseInstant(to)];
  await store.write(
    Array.from({ length: (last - first) / 60_000 + 1 }, (_, minute) => ({
      point: pointId(point),
      privacy,
      at: instant(first + minute * 60_000),
      values: [
        { quantity: 'energyImportedWh' as const, value: minute * 10, quality: 'measured' as const },
        { quantity: 'activePowerW' as const, value: minute % 2 === 0 ? 500 : 700, quality: 'measured' as const },
      ],
    })),
    { redelivered: false },
  );
};
const METER = 'point-republique-meter';
const DAYS = { from: '2026-11-21T23:00:00Z', to: '2026-11-23T23:00:00Z' } as const;
type Series = ReturnType<typeof readSeries.answer.schema.parse>;

describe('by step', () => {
  beforeEach(() => steady(METER, 'operational', DAYS.from, DAYS.to));
  const by = async (step: string, more: Readonly<Record<string, string>> = {}, quantity = 'energyImportedWh'): Promise<Series> =>
    readSeries.answer.schema.parse(await askRoute('readSeries', technician, { point: METER, quantity, ...DAYS, step, ...more }));

  test('energy is counted by its register, without anybody having asked for the rollups before', async () => {
    const hours = await by('hour');
    expect(hours.values).toHaveLength(48);
    expect(hours.values[7]).toEqual({
      at: '2026-11-22T06:00:00Z',
      value: 600,
      quality: 'measured',
      coverage: 1,
      flags: ['late'],
    });
    expect(hours).toMatchObject({ aggregate: 'sum', coverage: 1, quality: 'measured', upToDate: true });
    expect((await by('day')).values.map(({ value }) => value)).toEqual([14_400, 14_400]);
  });

  test('of a measure the mean, the least or the most', async () => {
    expect((await by('hour', {}, 'activePowerW')).values[0]?.value).toBeCloseTo(600, 6);
    expect((await by('hour', { aggregate: 'min' }, 'activePowerW')).values[0]?.value).toBe(500);
    expect((await by('hour', { aggregate: 'max' }, 'activePowerW')).values[0]?.value).toBe(700);
  });

  test('a sum of powers, a mean of a register and an aggregate of readings are refused with what to ask instead', async () => {
    const problem = (text: string) => ({
      code: 'REQUEST_INVALID',
      fields: { path: 'aggregate', problem: expect.stringContaining(text) },
    });
    await expect(by('hour', { aggregate: 'sum' }, 'activePowerW')).rejects.toMatchObject(problem('registers'));
    await expect(by('hour', { aggregate: 'mean' })).rejects.toMatchObject(problem('ask its sum'));
    await expect(by('reading', { aggregate: 'sum' })).rejects.toMatchObject(problem('choose a step'));
  });

  test('instants are written in the zone that was asked; the days stay the site’s', async () => {
    const days = await by('day', { zone: 'America/Cayenne' });
    expect(days.zone).toBe('Europe/Paris');
    expect(days.values.map(({ at }) => at)).toEqual(['2026-11-21T20:00:00-03:00', '2026-11-22T20:00:00-03:00']);
    await expect(by('day', { zone: 'Europe/Laon' })).rejects.toMatchObject({ code: 'REQUEST_INVALID', fields: { path: 'zone' } });
  });

  test('a selection of too many buckets is refused before it is read', async () => {
    const asking = by('10min', { from: '2025-01-01T00:00:00Z' });
    await expect(asking).rejects.toMatchObject({ code: 'SELECTION_TOO_LARGE', fields: { limit: 20_000 } });
  });

  test('the coverage of each day is said, and of the whole', async () => {
    const fields = { point: METER, quantity: 'activePowerW', from: DAYS.from, to: '2026-11-24T23:00:00Z' };
    const answer = readCoverage.answer.schema.parse(await askRoute('readCoverage', technician, fields));
    expect(answer.days.map(({ date, coverage }) => [date, Math.round(coverage * 1_000) / 1_000])).toEqual([
      ['2026-11-22', 1],
      ['2026-11-23', 1],
      ['2026-11-24', 0.001],
    ]);
    expect(answer.coverage).toBeCloseTo(2 / 3, 2);
  });

  test('the latest of each quantity comes with its age', async () => {
    const answer = readLatest.answer.schema.parse(await askRoute('readLatest', technician, { point: METER }));
    expect(answer.values.map(({ quantity, value, ageSeconds }) => [quantity, value, ageSeconds])).toEqual([
      ['energyImportedWh', 28_800, 34 * 3_600],
      ['activePowerW', 500, 34 * 3_600],
    ]);
  });

  const exported = async (fields: Readonly<Record<string, string>>) => {
    const answer = (await askRoute('exportSeries', technician, {
      point: METER,
      quantity: 'energyImportedWh',
      ...DAYS,
      ...fields,
    })) as LinesAnswer;
    let text = '';
    for await (const chunk of answer.lines) text += chunk;
    return { ...answer, text };
  };

  test('a file of readings or of buckets is made line by line, as CSV or as JSON', async () => {
    const csv = await exported({ step: 'hour', zone: 'Europe/Paris' });
    expect(csv.fileName).toBe('point-republique-meter-energyImportedWh-hour.csv');
    expect(csv.text.split('\r\n').slice(0, 2)).toEqual([
      'at,value,quality,coverage,flags',
      '2026-11-22T00:00:00+01:00,600,measured,1,late',
    ]);
    expect(csv.text.trimEnd().split('\r\n')).toHaveLength(49);
    const lines = (await exported({ format: 'jsonl' })).text.trimEnd().split('\n');
    expect(lines).toHaveLength(2_880);
    expect(JSON.parse(lines[1] ?? '')).toEqual({ at: '2026-11-21T23:01:00Z', value: 10, quality: 'measured' });
  });
});

test('a tenant who left sees no day that his successor shares, and a landlord no day at all', async () => {
  await steady('point-tilleuls-d06', 'dwelling', DAYS.from, DAYS.to);
  const left = { ...tenantOf('dwelling-tilleuls-06'), to: parseInstant('2026-11-23T12:00:00Z') };
  const fields = { point: 'point-tilleuls-d06', quantity: 'energyImportedWh', ...DAYS, step: 'day' };
  const own = readSeries.answer.schema.parse(await askRoute('readSeries', left, fields));
  expect(own.values.map(({ at, value }) => [at, value])).toEqual([['2026-11-21T23:00:00Z', 14_400]]);
  expect(own.latestAt).toBeNull();
  for (const route of ['readSeries', 'readCoverage', 'exportSeries', 'readLatest']) {
    const asked =
      route === 'readLatest' ? { point: fields.point } : route === 'readCoverage' ? { ...fields, step: undefined } : fields;
    const given = Object.fromEntries(
      Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    await expect(askRoute(route, tenantOf('dwelling-tilleuls-07'), given)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
});

test('months of a dwelling beyond three years are an archive, and readings beyond two years are not shown even before they are deleted', async () => {
  const bucket = { value: 1, min: null, max: null, coverage: 1, quality: 'measured', flags: [] } as const;
  const reference = { point: pointId('point-tilleuls-d06'), privacy: 'dwelling', quantity: 'energyImportedWh' } as const;
  const [old, recent] = [parseInstant('2023-09-30T22:00:00Z'), parseInstant('2024-09-30T22:00:00Z')];
  await store.writeRollups([old, recent].map((at) => ({ ...reference, step: 'month', bucket: { ...bucket, at } })));
  const fields = {
    point: reference.point,
    quantity: reference.quantity,
    from: '2020-01-01T00:00:00Z',
    to: '2026-11-01T00:00:00Z',
  };
  const own = await askRoute('readSeries', tenantOf('dwelling-tilleuls-06'), { ...fields, step: 'month' });
  expect((own as Series).values.map(({ at }) => at)).toEqual(['2024-09-30T22:00:00Z']);
});
