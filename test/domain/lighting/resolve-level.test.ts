import { describe, expect, test } from 'vitest';
import { type CivilTime, civilDate, formatInstant, parseInstant, timeZone } from '#domain/civil-time.ts';
import { deviceId, groupId } from '#domain/identifiers.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { LightingPlan } from '#domain/lighting/lighting-plan.ts';
import type { Override, OverrideTarget } from '#domain/lighting/override.ts';
import { resolveLevel } from '#domain/lighting/resolve-level.ts';
import { sunOfNight } from '#domain/lighting/sun.ts';

const LAON = { latitude: 49.564, longitude: 3.62 };
const PARIS = timeZone('Europe/Paris');
const LAMP = deviceId('luminaire-01');

const controls = (...pairs: [string, number][]): ControlProgram['fixedTimeControls'] =>
  pairs.map(([startTime, levelPercent]) => ({ startTime: startTime as CivilTime, levelPercent }));

const program = (parts: Partial<ControlProgram> = {}): ControlProgram => ({
  id: 'program-rue',
  version: 3,
  name: 'Rue',
  by: 'account-technician',
  activePeriods: [],
  fixedTimeControls: controls(['05:00', 100], ['23:00', 50]),
  ...parts,
});

const ASTRO = [{ name: 'AstroClockActivePeriod' as const, sunsetOffset: 15, sunriseOffset: -15 }];

const plan = (one: ControlProgram | null, position = LAON): LightingPlan => ({
  timeZone: PARIS,
  position,
  defaultLevelPercent: 100,
  groups: [{ id: groupId('group-nord'), members: [LAMP] }],
  programs: one === null ? [] : [one],
  assignments: one === null ? [] : [{ target: { kind: 'all' }, program: one.id }],
});

const at = (text: string, of: LightingPlan, overrides: readonly Override[] = []) =>
  resolveLevel({ device: LAMP, plan: of, overrides, at: parseInstant(text) });

const override = (id: string, levelPercent: number, from: string, to: string, target?: OverrideTarget): Override => ({
  id,
  levelPercent,
  target: target ?? { kind: 'device', device: LAMP },
  startsAt: parseInstant(from),
  endsAt: parseInstant(to),
  by: 'account-technician',
  reason: 'works',
});

describe('a program', () => {
  const rue = plan(program({ activePeriods: ASTRO }));

  test('is off outside its active periods, full before 23:00 and half after', () => {
    expect(at('2026-11-24T12:00:00Z', rue)).toMatchObject({ levelPercent: 0, why: { rung: 'program', active: false } });
    expect(at('2026-11-24T17:00:00Z', rue)).toMatchObject({
      levelPercent: 100,
      why: { rung: 'program', id: 'program-rue', version: 3 },
    });
    expect(at('2026-11-24T22:00:00Z', rue).levelPercent).toBe(50);
    expect(at('2026-11-25T03:59:59Z', rue).levelPercent).toBe(50);
    expect(at('2026-11-25T04:00:00Z', rue).levelPercent).toBe(100);
  });

  test('says when the level changes next', () => {
    const { sunsetAt } = sunOfNight(civilDate('2026-11-24'), LAON, PARIS);
    expect(at('2026-11-24T12:00:00Z', rue).nextChangeAt).toBe((sunsetAt ?? 0) + 15 * 60_000);
    expect(formatInstant(at('2026-11-24T17:00:00Z', rue).nextChangeAt ?? (0 as never))).toBe('2026-11-24T22:00:00Z');
  });

  test('without a fixed-time control gives full light all night', () => {
    expect(at('2026-11-24T22:00:00Z', plan(program({ activePeriods: ASTRO, fixedTimeControls: [] }))).levelPercent).toBe(100);
  });

  test('at a pole is active from noon to noon in polar night and never under the midnight sun', () => {
    const svalbard = plan(program({ activePeriods: ASTRO, fixedTimeControls: [] }), { latitude: 78.2, longitude: 15.6 });
    expect(at('2026-12-21T12:30:00Z', svalbard).levelPercent).toBe(100);
    expect(at('2026-06-21T23:00:00Z', svalbard).levelPercent).toBe(0);
  });

  test('a lamp that nothing governs has the default level, with no change foreseen', () => {
    expect(at('2026-11-24T12:00:00Z', plan(null))).toEqual({ levelPercent: 100, why: { rung: 'default' }, nextChangeAt: null });
  });

  test('the last assignment that covers a lamp is its own', () => {
    const two: LightingPlan = {
      ...plan(program()),
      programs: [program(), program({ id: 'program-own', fixedTimeControls: controls(['00:00', 30]) })],
      assignments: [
        { target: { kind: 'all' }, program: 'program-rue' },
        { target: { kind: 'group', group: groupId('group-nord') }, program: 'program-own' },
      ],
    };
    expect(at('2026-11-24T12:00:00Z', two)).toMatchObject({ levelPercent: 30, why: { id: 'program-own' } });
  });
});

describe('in the nights when the clocks change', () => {
  const reduced = plan(program({ fixedTimeControls: controls(['02:30', 30], ['05:00', 100]) }));

  test('02:30 comes twice on 25 October 2026 and the level is 30 % from the first to 05:00', () => {
    expect(at('2026-10-25T00:29:59Z', reduced).levelPercent).toBe(100);
    expect(at('2026-10-25T00:30:00Z', reduced).levelPercent).toBe(30);
    expect(at('2026-10-25T01:10:00Z', reduced).levelPercent).toBe(30);
    expect(at('2026-10-25T01:30:00Z', reduced).levelPercent).toBe(30);
    expect(at('2026-10-25T03:59:59Z', reduced).levelPercent).toBe(30);
    expect(at('2026-10-25T04:00:00Z', reduced).levelPercent).toBe(100);
  });

  test('02:30 does not exist on 29 March 2026 and the level is 30 % an hour after 01:30 anyway', () => {
    expect(at('2026-03-29T00:59:59Z', reduced).levelPercent).toBe(100);
    expect(at('2026-03-29T01:30:00Z', reduced).levelPercent).toBe(30);
    expect(at('2026-03-29T03:00:00Z', reduced).levelPercent).toBe(100);
  });

  test('a control that spring skips does not outlive the one after it', () => {
    const close = plan(program({ fixedTimeControls: controls(['02:30', 30], ['03:00', 60], ['05:00', 100]) }));
    expect(at('2026-03-29T01:00:00Z', close).levelPercent).toBe(60);
    expect(at('2026-03-29T01:45:00Z', close).levelPercent).toBe(60);
  });
});

describe('an override', () => {
  const rue = plan(program());

  test('wins over the program until its end, which it always has', () => {
    const works = override('override-1', 70, '2026-11-24T12:00:00Z', '2026-11-24T13:00:00Z');
    expect(at('2026-11-24T12:30:00Z', rue, [works])).toEqual({
      levelPercent: 70,
      why: { rung: 'override', id: 'override-1', by: 'account-technician', endsAt: works.endsAt },
      nextChangeAt: works.endsAt,
    });
    expect(at('2026-11-24T11:59:59Z', rue, [works])).toMatchObject({ levelPercent: 100, nextChangeAt: works.startsAt });
    expect(at('2026-11-24T13:00:00Z', rue, [works]).levelPercent).toBe(100);
  });

  test('that began last wins, and the former one comes back when it ends first', () => {
    const long = override('override-1', 70, '2026-11-24T12:00:00Z', '2026-11-24T15:00:00Z', { kind: 'all' });
    const short = override('override-2', 10, '2026-11-24T13:00:00Z', '2026-11-24T14:00:00Z');
    expect(at('2026-11-24T13:30:00Z', rue, [short, long]).levelPercent).toBe(10);
    expect(at('2026-11-24T14:00:00Z', rue, [short, long]).levelPercent).toBe(70);
  });

  test('of another lamp or an unknown group changes nothing', () => {
    const other = override('override-3', 0, '2026-11-24T12:00:00Z', '2026-11-24T15:00:00Z', {
      kind: 'device',
      device: deviceId('luminaire-02'),
    });
    const unknown = override('override-4', 0, '2026-11-24T12:00:00Z', '2026-11-24T15:00:00Z', {
      kind: 'group',
      group: groupId('group-sud'),
    });
    expect(at('2026-11-24T12:30:00Z', rue, [other, unknown]).why.rung).toBe('program');
  });
});
