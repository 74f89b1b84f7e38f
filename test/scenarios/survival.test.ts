import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readHealth } from '#contract/routes/platform.ts';
import { openSession, readSession } from '#contract/routes/session.ts';
import { addDays, civilDateOf, instant, parseInstant, startOfDay, timeZone } from '#domain/civil-time.ts';
import { startProcess } from '#test/services/start-process.ts';
import { until } from '#test/services/until.ts';
import { type ApiReader, createApiReader, onlyLamp, type StoredValue } from './api-reader.ts';
import { type StartedPlatform, startPlatform, temporaryFolder } from './platform.ts';

const ZONE = timeZone('Europe/Paris');
const HALF_HOUR_MS = 30 * 60_000;

const SERIES = {
  technician: [
    ['point-republique-l03', 'activePowerW'],
    ['point-republique-l03', 'activeEnergyWh'],
    ['point-republique-meter', 'energyImportedWh'],
  ],
  landlord: [['point-tilleuls-commons', 'energyImportedWh']],
  tenant: [['point-tilleuls-d03', 'energyImportedWh']],
} as const;

type Kept = ReadonlyMap<string, readonly StoredValue[]>;

/** All that three people read of the past. */
const readKept = async (platform: StartedPlatform): Promise<Kept> => {
  const kept = new Map<string, readonly StoredValue[]>();
  for (const role of ['technician', 'landlord', 'tenant'] as const) {
    const reader = createApiReader(platform, await platform.signIn(role, role === 'tenant' ? 'dwelling-tilleuls-03' : undefined));
    for (const [point, quantity] of SERIES[role]) kept.set(`${point} ${quantity}`, await reader.series(point, quantity));
  }
  return kept;
};

/** Every value of before is still there, as it was, and no instant holds two. */
const expectNothingLost = (before: Kept, after: Kept): void => {
  for (const [series, values] of before) {
    const now = after.get(series) ?? [];
    const byInstant = new Map(now.map((stored) => [stored.at, stored]));
    expect(byInstant.size).toBe(now.length);
    expect(values.length).toBeGreaterThan(0);
    expect(values.map(({ at }) => byInstant.get(at))).toEqual(values);
  }
};

const expectOneADay = (kept: Kept): void => {
  const days = (kept.get('point-tilleuls-d03 energyImportedWh') ?? []).map(({ at }) => civilDateOf(parseInstant(at), ZONE));
  expect(days.length).toBeGreaterThanOrEqual(2);
  expect(new Set(days).size).toBe(days.length);
};

const ingestFigures = async (platform: StartedPlatform): Promise<Readonly<Record<string, number>>> => {
  const answer = await platform.api.call(readHealth, null, {});
  if (!answer.ok) throw new Error('no health');
  return answer.body.services.find(({ name }) => name === 'ingest')?.figures ?? {};
};

/** What ingest did since this start: nothing came twice with another value, nothing was missing between two batches. */
const expectNothingDoubled = async (platform: StartedPlatform): Promise<void> => {
  expect(await ingestFigures(platform)).toMatchObject({ conflicts: 0, lostReadings: 0, refusedReadings: 0, refusedBatches: 0 });
};

const untilPolled = async (platform: StartedPlatform, rounds: number): Promise<void> => {
  const { batches: first = 0 } = await ingestFigures(platform);
  await until(
    `${rounds} more batches are kept`,
    async () => ((await ingestFigures(platform))['batches'] ?? 0) >= first + rounds,
    30_000,
    50,
  );
};

describe('a platform killed while it polls, and killed again as an order was accepted', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let platform: StartedPlatform;

  const technicianOf = async (one: StartedPlatform): Promise<ApiReader> => createApiReader(one, await one.signIn('technician'));
  const startAgain = async (): Promise<StartedPlatform> => {
    platform = await startPlatform(['--data', folder.path]);
    return platform;
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    await startAgain();
  });
  afterAll(async () => {
    expect(await platform.process.stop()).toBe(0);
    await folder.remove();
  });

  test('keeps every reading that anyone saw, once, and its lamps follow their program', async () => {
    await untilPolled(platform, 3);
    const before = await readKept(platform);
    await platform.process.kill();
    await startAgain();
    const after = await readKept(platform);
    expectNothingLost(before, after);
    expectOneADay(after);
    await untilPolled(platform, 2);
    await expectNothingDoubled(platform);
    const technician = await technicianOf(platform);
    const street = await technician.untilStreet('every lamp does what its program asks', ({ lightPoints }) =>
      lightPoints.every((light) => light.effectiveLevelPercent.value === light.askedLevelPercent && light.why.rung === 'program'),
    );
    expect(street.gateway).toMatchObject({ state: 'online', programsApplied: 'yes', overridesApplied: 'yes' });
  });

  test('remakes the secrets of its demonstration, refuses the former ones, and closes the sessions they opened', async () => {
    const former = platform.accounts;
    const token = await platform.signIn('technician');
    await platform.process.kill();
    await startAgain();
    expect(await platform.api.call(readSession, token, {})).toMatchObject({
      ok: false,
      status: 401,
      error: { code: 'SIGN_IN_REQUIRED' },
    });
    expect(await platform.api.call(readSession, await platform.signIn('technician'), {})).toMatchObject({ ok: true });
    for (const { role, email, password, letterCode, digits } of former.filter((account) => account.role !== 'admin')) {
      const body =
        email === undefined ? { letterCode: letterCode ?? '', digits: digits ?? '' } : { email, password: password ?? '' };
      expect([role, await platform.api.call(openSession, null, { body })]).toMatchObject([role, { ok: false, status: 401 }]);
    }
  });

  test('an override accepted just before the kill is obeyed and proved after the restart, and ends by itself no sooner', async () => {
    const order = await (await technicianOf(platform)).ask(onlyLamp('REP-05'), 35);
    await platform.process.kill();
    await startAgain();
    const technician = await technicianOf(platform);
    const proved = await technician.untilOverride(order.id, 'the order is proved', ({ phases }) => phases.proved === 1, 40_000);
    expect(proved).toMatchObject({ id: order.id, levelPercent: 35, endsAt: order.endsAt, endedAt: null });
    const lamp = await technician.untilStreet('the lamp is seen at its level', ({ lightPoints }) =>
      lightPoints.some(({ label, effectiveLevelPercent }) => label === 'REP-05' && effectiveLevelPercent.value === 35),
    );
    expect(lamp.overrides.map(({ id }) => id)).toEqual([order.id]);
  }, 60_000);

  test('an override in force is still so after a kill, without its lamp leaving it', async () => {
    const before = await (await technicianOf(platform)).street();
    await platform.process.kill();
    await startAgain();
    const after = await (await technicianOf(platform)).untilStreet(
      'the lamp is read again',
      ({ lastReadingAt, now }) => lastReadingAt !== null && Date.parse(now) - Date.parse(lastReadingAt) < 10_000,
    );
    expect(after.overrides).toMatchObject(before.overrides.map(({ id, endsAt }) => ({ id, endsAt })));
    expect(after.lightPoints.find(({ label }) => label === 'REP-05')).toMatchObject({
      askedLevelPercent: 35,
      effectiveLevelPercent: { value: 35 },
      why: { rung: 'override' },
    });
    expect(after.events.filter(({ event, at }) => event.startsWith('level-') && at > before.now)).toEqual([]);
  });
});

describe('a platform killed while it lives its first past', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  /** Half-hours of the past that the building's gateway has published of the home measured at that grain. */
  const stepsPublished = async (): Promise<number> => {
    const text = await readFile(join(folder.path, 'gateways/gateway-tilleuls/grain.json'), 'utf8').catch(() => '{}');
    const published = JSON.parse(text) as Readonly<Record<string, number>>;
    const [day, step] = [published['point-tilleuls-d03'], published['point-tilleuls-d07']];
    if (day === undefined || step === undefined) return 0;
    const twoMidnightsAgo = Math.min(day, startOfDay(addDays(civilDateOf(instant(Date.now()), ZONE), -1), ZONE));
    return (step - twoMidnightsAgo) / HALF_HOUR_MS + 1;
  };

  test.each([1, 20, 47])(
    'after %i half-hours lives the rest at the next start, each dwelling with one reading a day',
    async (lived) => {
      const killed = startProcess({ file: 'main.ts', parameters: ['--port', '0', '--data', folder.path] });
      await until('so many half-hours of the past were published', async () => (await stepsPublished()) >= lived, 40_000, 5);
      await killed.kill();
      expect(killed.output()).not.toContain('"event":"ready"');
      const platform = await startPlatform(['--data', folder.path]);
      expectOneADay(await readKept(platform));
      const tenant = createApiReader(platform, await platform.signIn('tenant', 'dwelling-tilleuls-07'));
      const instants = (await tenant.series('point-tilleuls-d07', 'energyImportedWh')).map(({ at }) => parseInstant(at));
      const steps = instants.map((at) => Math.floor(at / HALF_HOUR_MS));
      expect(new Set(steps).size).toBe(steps.length);
      // What was read and not yet acknowledged at the kill may be lost: one round at most.
      expect((steps.at(-1) ?? 0) - (steps[0] ?? 0) + 1 - steps.length).toBeLessThanOrEqual(1);
      expect(civilDateOf(instant(instants[0] ?? 0), ZONE)).toBe(addDays(civilDateOf(instant(Date.now()), ZONE), -1));
      await expectNothingDoubled(platform);
      expect(await platform.process.stop()).toBe(0);
    },
    60_000,
  );
});
