import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endOverride } from '#contract/routes/lighting.ts';
import { type ApiReader, createApiReader, lampOf, NORTH, onlyLamp, STREET } from './api-reader.ts';
import { type StartedPlatform, startPlatform } from './platform.ts';

const run = promisify(execFile);

const PROGRAM_OFF = 0;

describe('a street at noon', () => {
  let platform: StartedPlatform;
  let technician: ApiReader;

  beforeAll(async () => {
    platform = await startPlatform(['--at', '2026-12-15T12:00']);
    technician = createApiReader(platform, await platform.signIn('technician'));
  });
  afterAll(async () => {
    expect(await platform.process.stop()).toBe(0);
  });

  test('a technician reads 24 measured light points, out by program, and gear on standby', async () => {
    const street = await technician.untilStreet('every lamp is measured', ({ lightPoints }) =>
      lightPoints.every(({ activePowerW }) => activePowerW.value !== null),
    );
    expect(street).toMatchObject({ site: STREET, field: 'simulated', clockSpeed: 1 });
    expect(street.lightPoints).toHaveLength(24);
    for (const light of street.lightPoints) {
      expect(light).toMatchObject({ askedLevelPercent: PROGRAM_OFF, why: { rung: 'program' }, availability: 'online' });
      // Its control gear counts whole watts: 0.4 W of standby is 0.
      expect(light.activePowerW.value).toBe(0);
    }
    expect(street.cabinet).toMatchObject({ fictitious: true, doorOpen: false, breakersTripped: 0 });
  });

  test('lights a lamp at noon: sent, accepted, applied, then proved by the power of the lamp itself', async () => {
    const order = await technician.ask(onlyLamp('REP-03'), 50);
    const phases = new Set(order.lines.map(({ phase }) => phase));
    const proved = await technician.untilOverride(order.id, 'the order is proved', ({ lines }) => {
      for (const { phase } of lines) phases.add(phase);
      return lines.every(({ phase }) => phase === 'proved');
    });
    for (const phase of phases) expect(['sent', 'accepted', 'applied', 'proved']).toContain(phase);
    const [line] = proved.lines;
    expect(line).toMatchObject({ label: 'REP-03', expectedW: 13.86 });
    expect(line?.observedW).toBeGreaterThan(11);
    expect(line?.observedW).toBeLessThan(17);
    const street = await technician.untilStreet('the power is on the street', (seen) => {
      const { activePowerW, effectiveLevelPercent } = lampOf(seen, 'REP-03');
      return effectiveLevelPercent.value === 50 && (activePowerW.value ?? 0) > 11;
    });
    expect(lampOf(street, 'REP-03')).toMatchObject({ askedLevelPercent: 50, why: { rung: 'override', what: 'essai' } });
    expect(lampOf(street, 'REP-04').askedLevelPercent).toBe(PROGRAM_OFF);
    await technician.read(endOverride, { params: { site: STREET, override: order.id } });
  });

  test('dims a group, every one of its lamps proved, then ends the override and the lamps return to their program', async () => {
    const order = await technician.ask({ kind: 'group', group: NORTH }, 30);
    const proved = await technician.untilOverride(order.id, 'the group is proved', ({ phases }) => phases.proved === 12);
    expect(proved.lines.map(({ label }) => label)).toEqual(
      Array.from({ length: 12 }, (_, index) => `REP-${String(index + 1).padStart(2, '0')}`),
    );
    const lit = await technician.untilStreet(
      'the group is seen lit',
      ({ lightPoints }) => lightPoints.filter(({ effectiveLevelPercent }) => effectiveLevelPercent.value === 30).length === 12,
    );
    expect(lampOf(lit, 'REP-13').effectiveLevelPercent.value).toBe(PROGRAM_OFF);
    expect(lit.totalPowerW.value).toBeGreaterThan(50);
    const ended = await technician.read(endOverride, { params: { site: STREET, override: order.id } });
    expect(ended.endedAt).not.toBeNull();
    const back = await technician.untilStreet(
      'the street is out again',
      ({ lightPoints, overrides }) =>
        lightPoints.every(
          ({ effectiveLevelPercent, activePowerW }) =>
            effectiveLevelPercent.value === PROGRAM_OFF && (activePowerW.value ?? 9) < 1,
        ) && overrides.length === 0,
    );
    for (const { why } of back.lightPoints) expect(why.rung).toBe('program');
  });

  test('a level that a stranger writes on the bus is seen departed, then restored, and both are said', async () => {
    const bus = platform.modbus.find(({ site }) => site === 'site-republique');
    const isQuiet = (seen: Awaited<ReturnType<ApiReader['street']>>) => lampOf(seen, 'REP-07').effectiveLevelPercent.value === 0;
    const before = await technician.untilStreet('the lamp is out', isQuiet);
    // DALI short address 6: what the level register of the seventh lamp is called on the bus.
    await run('mbpoll', ['-m', 'tcp', '-p', String(bus?.port), '-a', '3', '-0', '-r', '615', '-t', '4', '-q', '127.0.0.1', '80']);
    const writtenAt = performance.now();
    const departed = await technician.untilStreet('in effect is not what is asked', (seen) => {
      const lamp = lampOf(seen, 'REP-07');
      return lamp.effectiveLevelPercent.value === 80 && lamp.askedLevelPercent === PROGRAM_OFF;
    });
    // Lamps are polled each 5 s: the next poll, then 3 s.
    expect(performance.now() - writtenAt).toBeLessThan(8_000);
    expect(lampOf(departed, 'REP-07').activePowerW.value).toBeGreaterThan(lampOf(before, 'REP-07').activePowerW.value ?? 0);
    const restored = await technician.untilStreet(
      'the gateway restored it and said so',
      (seen) => isQuiet(seen) && seen.events.some(({ event, label }) => event === 'level-restored' && label === 'REP-07'),
    );
    const told = restored.events.filter(({ label }) => label === 'REP-07').map(({ event, detail }) => ({ event, detail }));
    expect(told).toEqual([
      { event: 'level-restored', detail: { fromPercent: 80, toPercent: 0 } },
      { event: 'level-departed', detail: { fromPercent: 0, toPercent: 80 } },
    ]);
  });
});

describe('a street before dusk, its civil clock sixty times faster', () => {
  let platform: StartedPlatform;
  let technician: ApiReader;

  beforeAll(async () => {
    platform = await startPlatform(['--at', '2026-12-15T16:15', '--speed', '60']);
    technician = createApiReader(platform, await platform.signIn('technician'));
  });
  afterAll(async () => {
    expect(await platform.process.stop()).toBe(0);
  });

  test('lights by program a quarter of an hour after sunset, within a minute or so', async () => {
    const day = await technician.street();
    expect(day.clockSpeed).toBe(60);
    for (const { askedLevelPercent } of day.lightPoints) expect(askedLevelPercent).toBe(0);
    const lit = await technician.untilStreet(
      'the whole street is lit',
      ({ lightPoints }) => lightPoints.every(({ effectiveLevelPercent }) => effectiveLevelPercent.value === 100),
      90_000,
    );
    for (const { why } of lit.lightPoints) expect(why.rung).toBe('program');
    const minutesAfterSunset = (Date.parse(lit.now) - Date.parse(lit.sunsetAt ?? '')) / 60_000;
    expect(minutesAfterSunset).toBeGreaterThanOrEqual(15);
    // 15 minutes by the program; the fade, one poll and one reading last some seconds, of a minute each.
    expect(minutesAfterSunset).toBeLessThan(15 + 20);
    const drawing = await technician.untilStreet(
      'the street draws its rated power',
      ({ totalPowerW }) => (totalPowerW.value ?? 0) > 900,
    );
    expect(drawing.totalPowerW.known).toBe(24);
  }, 120_000);
});
