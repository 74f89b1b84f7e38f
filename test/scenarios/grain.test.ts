import { readdir } from 'node:fs/promises';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSeries } from '#contract/routes/series.ts';
import { civilDateOf, parseInstant, timeZone } from '#domain/civil-time.ts';
import { pointId } from '#domain/identifiers.ts';
import { startProcess } from '#test/services/start-process.ts';
import { until } from '#test/services/until.ts';
import { type ApiReader, createApiReader } from './api-reader.ts';
import { attachPlatform, type StartedPlatform, temporaryFolder } from './platform.ts';

const ZONE = timeZone('Europe/Paris');
const HALF_HOUR_MS = 30 * 60_000;
const DEFAULT = 'point-tilleuls-d03';
const FINER = 'point-tilleuls-d07';

describe('the grain of a dwelling', () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let platform: StartedPlatform;
  let tenantOf03: ApiReader;
  let tenantOf07: ApiReader;
  let landlord: ApiReader;

  beforeAll(async () => {
    temporary = await temporaryFolder();
    const process = startProcess({
      file: 'main.ts',
      parameters: ['--port', '0', '--at', '2026-12-15T12:10'],
      env: { TMPDIR: temporary.path },
    });
    platform = attachPlatform(process, await process.line('ready', 40_000));
    const reader = async (...who: Parameters<StartedPlatform['signIn']>) =>
      createApiReader(platform, await platform.signIn(...who));
    tenantOf03 = await reader('tenant', 'dwelling-tilleuls-03');
    tenantOf07 = await reader('tenant', 'dwelling-tilleuls-07');
    landlord = await reader('landlord');
  });
  afterAll(async () => {
    expect(await readdir(temporary.path)).toEqual([expect.stringMatching(/^axone-at-/)]);
    expect(await platform.process.stop()).toBe(0);
    // A clock set by hand has a folder for that run alone, and leaves no measurement behind.
    expect(await readdir(temporary.path)).toEqual([]);
    await temporary.remove();
  });

  test('a dwelling by default is kept once a civil day, the register alone and never its power', async () => {
    const values = await tenantOf03.series(DEFAULT, 'energyImportedWh');
    const days = values.map(({ at }) => civilDateOf(parseInstant(at), ZONE));
    expect(days).toEqual(['2026-12-14', '2026-12-15']);
    expect(values.every(({ value }) => value !== null)).toBe(true);
    expect(await tenantOf03.series(DEFAULT, 'activePowerW')).toEqual([]);
    expect(await tenantOf07.series(FINER, 'activePowerW')).toEqual([]);
  });

  test('the dwelling whose tenant chose half-hours has one value in each since two midnights ago', async () => {
    const values = await tenantOf07.series(FINER, 'energyImportedWh');
    const steps = values.map(({ at }) => Math.floor(parseInstant(at) / HALF_HOUR_MS));
    expect(steps).toHaveLength(2 * 36 + 1);
    expect(steps.map((step, index) => step - (steps[0] ?? 0) - index)).toEqual(steps.map(() => 0));
  });

  test('the landlord reads the common parts as they are polled, and no dwelling', async () => {
    const common = await landlord.series('point-tilleuls-commons', 'activePowerW');
    expect(common.length).toBeGreaterThan(72);
    const asked = {
      point: pointId(DEFAULT),
      quantity: 'energyImportedWh',
      from: '2026-01-01T00:00:00Z',
      to: '2027-01-01T00:00:00Z',
    } as const;
    const answer = await platform.api.call(readSeries, await platform.signIn('landlord'), { query: asked });
    expect(answer).toMatchObject({ ok: false, status: 404, error: { code: 'NOT_FOUND' } });
  });

  test('nobody publishes on the broker without its credentials, while the gateways’ own readings arrive', async () => {
    const connectAs = (options: { username?: string; password?: string }) =>
      connectAsync(platform.mqtt, { ...options, reconnectPeriod: 0 }, false);
    await expect(connectAs({})).rejects.toThrow('Bad username or password');
    await expect(connectAs({ username: 'gateway-tilleuls', password: 'guessed' })).rejects.toThrow('Bad username or password');
    await expect(connectAs({ username: 'ingest', password: '' })).rejects.toThrow('Bad username or password');
    const before = (await landlord.series('point-tilleuls-commons', 'activePowerW')).length;
    await until(
      'another reading of the gateway has arrived',
      async () => (await landlord.series('point-tilleuls-commons', 'activePowerW')).length > before,
      15_000,
    );
  });
});
