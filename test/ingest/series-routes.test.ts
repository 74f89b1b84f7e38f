import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRegistryFile } from '#adapters/registry/sqlite/open.ts';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { readSeries } from '#contract/routes/series.ts';
import { instant, parseInstant } from '#domain/civil-time.ts';
import { accountId, dwellingId, pointId } from '#domain/identifiers.ts';
import type { Hat } from '#domain/people/permission.ts';
import { seriesRoutes } from '#ingest/index.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { demoField, demoHousing } from './demo-field.ts';

let folder: string;
let store: TimeSeriesStore;
let registry: Awaited<ReturnType<typeof openRegistryFile>>;
const evening = parseInstant('2026-11-24T21:00:00Z');

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

const ask = (point: string, quantity: QuantityName, hat: Hat, from = '2026-11-24T00:00:00Z', to = '2026-11-25T00:00:00Z') => {
  const { ingest, housing } = registry.as('ingest');
  const [mounted] = seriesRoutes({ store, registry: ingest, housing });
  if (mounted === undefined) throw new Error('no route');
  const query = readSeries.query.parse({ point, quantity, from, to });
  const principal = { account: accountId('account-a'), displayName: 'A', session: 's', hats: [hat] };
  return mounted.handler({ query, principal } as never);
};

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
