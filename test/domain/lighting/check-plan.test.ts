import { describe, expect, test } from 'vitest';
import { type CivilTime, civilDate, timeZone } from '#domain/civil-time.ts';
import { deviceId, groupId } from '#domain/identifiers.ts';
import type { Calendar, CalendarRule } from '#domain/lighting/calendar.ts';
import { checkPlan } from '#domain/lighting/check-plan.ts';
import type { ActivePeriod, ControlProgram } from '#domain/lighting/control-program.ts';
import { FINDINGS, type Finding, findingSentence, isRefusal } from '#domain/lighting/finding.ts';
import type { Installation } from '#domain/lighting/installation.ts';
import type { InstallationCategory } from '#domain/lighting/law-rule.ts';
import { lightingClass } from '#domain/lighting/lighting-class.ts';
import type { LightingPlan } from '#domain/lighting/lighting-plan.ts';
import type { Photometry } from '#domain/lighting/photometry.ts';

const LAMP = deviceId('luminaire-01');
const time = (text: string) => text as CivilTime;
const YEAR = 2027;

const astro = (sunsetOffset = 0, sunriseOffset = 0): ActivePeriod => ({
  name: 'AstroClockActivePeriod',
  sunsetOffset,
  sunriseOffset,
});
const clock = (startTime: string, endTime: string): ActivePeriod => ({
  name: 'AbsoluteActivePeriod',
  startTime: time(startTime),
  endTime: time(endTime),
});

const program = (activePeriods: readonly ActivePeriod[], controls: readonly [string, number][] = []): ControlProgram => ({
  id: 'rue',
  version: 1,
  name: 'Rue',
  by: 'account-technician',
  activePeriods,
  fixedTimeControls: controls.map(([startTime, levelPercent]) => ({ startTime: time(startTime), levelPercent })),
});

const planOf = (one: ControlProgram, more: Partial<LightingPlan> = {}): LightingPlan => ({
  timeZone: timeZone('Europe/Paris'),
  position: { latitude: 49.564, longitude: 3.62 },
  defaultLevelPercent: 0,
  groups: [{ id: groupId('group-nord'), members: [LAMP] }],
  programs: [one],
  assignments: [{ target: { kind: 'all' }, program: one.id }],
  ...more,
});

const check = (
  one: ControlProgram,
  installation: Installation | null = null,
  more: Partial<LightingPlan> = {},
): readonly Finding[] => checkPlan({ plan: planOf(one, more), year: YEAR, installations: [installation] });
const codesOf = (findings: readonly Finding[]): readonly string[] => findings.map(({ code }) => code);

const ALL_NIGHT = program([astro()]);
const UNTIL_ONE = program(
  [astro()],
  [
    ['01:00', 0],
    ['12:00', 100],
  ],
);
const UNTIL_MIDNIGHT = program(
  [astro()],
  [
    ['00:00', 0],
    ['12:00', 100],
  ],
);
const UNTIL_TEN = program([clock('16:00', '22:00')]);
const EVENING = program(
  [astro()],
  [
    ['21:00', 0],
    ['12:00', 100],
  ],
);
const MORNING_TOO = program(
  [astro()],
  [
    ['00:30', 0],
    ['07:00', 100],
    ['12:00', 100],
  ],
);

describe('the order of 27 December 2018', () => {
  const of = (category: InstallationCategory, more: Partial<Installation> = {}): Installation => ({ category, ...more });
  const ends = (text: string) => ({ endsAt: time(text) });

  test.each<readonly [string, ControlProgram, Installation, readonly string[]]>([
    ['a road all night: the commune decides', ALL_NIGHT, of('road'), []],
    ['a road off at midnight', UNTIL_MIDNIGHT, of('road'), []],
    ['heritage all night', ALL_NIGHT, of('heritage'), ['lit-after-limit']],
    ['heritage until 01:00', UNTIL_ONE, of('heritage'), []],
    ['heritage until midnight', UNTIL_MIDNIGHT, of('heritage'), []],
    ['heritage from 16:00, in summer by day', UNTIL_TEN, of('heritage'), ['lit-by-day', 'lit-before-sunset']],
    ['a façade all night', ALL_NIGHT, of('facade'), ['lit-after-limit']],
    ['a façade until 01:00', UNTIL_ONE, of('facade'), []],
    ['a park that closes at 20:00, until 21:00', EVENING, of('park', ends('20:00')), []],
    ['a park that closes at 19:00, until 21:00', EVENING, of('park', ends('19:00')), ['lit-after-limit']],
    ['a park whose closing nobody said', EVENING, of('park'), ['closing-unknown']],
    ['a shop window until 00:30 and from 07:00', MORNING_TOO, of('shop-window', { beginsAt: time('09:00') }), []],
    ['a shop window all night', ALL_NIGHT, of('shop-window'), ['lit-after-limit']],
    ['a shop window of a bar that closes at 02:00, until 01:00', UNTIL_ONE, of('shop-window', ends('02:00')), []],
    ['offices that close at 20:00, until 21:00', EVENING, of('interior', ends('20:00')), []],
    ['offices that close at 18:00, until 21:00', EVENING, of('interior', ends('18:00')), ['lit-after-limit']],
    ['offices whose closing nobody said', EVENING, of('interior'), ['closing-unknown']],
    ['a car park two hours after the end', EVENING, of('car-park', ends('19:00')), []],
    ['a car park three hours after the end', EVENING, of('car-park', ends('18:00')), ['lit-after-limit']],
    ['a car park lit again at 07:00', MORNING_TOO, of('car-park', ends('22:30')), []],
    [
      'a car park whose activity begins at 06:30, lit from 05:30',
      program(
        [astro()],
        [
          ['00:30', 0],
          ['05:30', 100],
          ['12:00', 100],
        ],
      ),
      of('car-park', { ...ends('22:30'), beginsAt: time('06:30') }),
      [],
    ],
    [
      'a car park lit again at 05:30 for an activity of 09:00',
      program(
        [astro()],
        [
          ['00:30', 0],
          ['05:30', 100],
          ['12:00', 100],
        ],
      ),
      of('car-park', { ...ends('22:30'), beginsAt: time('09:00') }),
      ['lit-after-limit'],
    ],
    ['an activity that ends at 20:00, until 21:00', EVENING, of('activity', ends('20:00')), []],
    ['an activity that ends at 19:30, until 21:00', EVENING, of('activity', ends('19:30')), ['lit-after-limit']],
    ['a worksite two hours after the end', EVENING, of('worksite', ends('19:00')), ['lit-after-limit']],
    ['a road at 4,000 K', ALL_NIGHT, of('road', { colourTemperatureK: 4000 }), ['colour-temperature']],
    ['a road at 3,000 K', ALL_NIGHT, of('road', { colourTemperatureK: 3000 }), []],
    ['heritage at 4,000 K, which no article limits', UNTIL_ONE, of('heritage', { colourTemperatureK: 4000 }), []],
    [
      'heritage all night under a derogation of the whole year',
      ALL_NIGHT,
      of('heritage', { derogations: [{ from: civilDate('2027-01-01'), to: civilDate('2027-12-31'), decision: 'arrêté 12' }] }),
      [],
    ],
    [
      'heritage all night under a derogation of Christmas only',
      ALL_NIGHT,
      of('heritage', { derogations: [{ from: civilDate('2027-12-20'), to: civilDate('2027-12-31'), decision: 'arrêté 12' }] }),
      ['lit-after-limit'],
    ],
    [
      'a derogation without its end',
      UNTIL_ONE,
      of('heritage', { derogations: [{ from: civilDate('2027-12-20'), decision: 'arrêté 12' }] }),
      ['derogation-undated'],
    ],
  ])('%s', (_, one, installation, codes) => {
    const briefMornings = (code: string) => code !== 'lit-briefly';
    expect(codesOf(check(one, installation)).filter(briefMornings)).toEqual(codes);
  });

  test('is cited with its article, counts the nights, and refuses', () => {
    const [finding] = check(ALL_NIGHT, of('heritage'));
    expect(finding).toMatchObject({
      path: 'assignments.0',
      firstOn: '2027-01-01',
      fields: { nights: 365, limit: '01:00' },
      rule: { id: 'arrete-2018-12-27/b-patrimoine', certainty: 'sourced' },
    });
    expect(finding !== undefined && isRefusal(finding)).toBe(true);
    expect(finding && findingSentence(finding, 'fr')).toBe(
      'Allumé après l’heure limite (01:00) 365 nuits de l’année, la première fois le 2027-01-01. Arrêté du 27 décembre 2018 relatif à la prévention des nuisances lumineuses, article 2, catégorie b.',
    );
  });

  test('what could not be verified is said so and does not refuse', () => {
    const finding = check(EVENING, of('worksite', ends('19:00'))).find(({ code }) => code === 'lit-after-limit');
    expect(finding !== undefined && isRefusal(finding)).toBe(false);
    expect(finding && findingSentence(finding, 'fr')).toMatch(/\(à vérifier\)\.$/);
  });
});

describe('good sense', () => {
  test('a morning lit for 8 minutes in June is said, at the control that lights it', () => {
    const [finding] = check(
      program(
        [astro()],
        [
          ['05:30', 100],
          ['23:30', 0],
        ],
      ),
    );
    expect(finding).toMatchObject({ code: 'lit-briefly', path: 'programs.0.fixedTimeControls.0', rule: null });
    expect(finding?.fields).toMatchObject({
      nights: expect.toSatisfy((nights: number) => nights > 55 && nights < 75),
      least: 30,
    });
    expect(finding?.fields['minutes']).toBeLessThan(9);
  });

  test.each<readonly [string, ControlProgram, readonly string[]]>([
    ['two periods that overlap', program([clock('18:00', '23:00'), clock('22:00', '06:00')]), ['periods-overlap', 'lit-by-day']],
    ['two periods that touch', program([clock('21:00', '23:00'), clock('23:00', '03:00')]), []],
    ['a period that ends before it begins in summer', program([astro(240, -240)]), ['period-void']],
    ['a light that burns day and night', program([]), ['lit-by-day']],
    ['a light that is never lit', program([astro()], [['12:00', 0]]), ['never-lit']],
  ])('%s', (_, one, codes) => {
    expect(codesOf(check(one)).filter((code) => code !== 'lit-briefly')).toEqual(codes);
  });

  test('an empty group, an unknown program and an unknown calendar are refused, each at its place', () => {
    const findings = check(ALL_NIGHT, null, {
      groups: [{ id: groupId('group-vide'), members: [] }],
      assignments: [
        { target: { kind: 'group', group: groupId('group-vide') }, program: 'rue' },
        { target: { kind: 'all' }, program: 'place' },
        { target: { kind: 'all' }, calendar: 'commune' },
      ],
    });
    expect(findings.filter(isRefusal).map(({ code, path }) => [code, path])).toEqual([
      ['group-empty', 'assignments.0.target'],
      ['program-unknown', 'assignments.1.program'],
      ['calendar-unknown', 'assignments.2.calendar'],
    ]);
  });

  test('a rule that never ends, one that never applies and one that another hides are said', () => {
    const rule = (more: Partial<CalendarRule>): CalendarRule => ({ program: 'rue', ...more });
    const commune: Calendar = {
      id: 'commune',
      version: 1,
      name: 'Commune',
      by: 'account-mayor',
      rules: [
        rule({ condition: { type: 'ccDate', dates: [{ start: '--07-14' }] }, program: 'fete' }),
        rule({ startDate: civilDate('2027-07-01') }),
        rule({ startDate: civilDate('2026-01-01'), endDate: civilDate('2026-12-31') }),
      ],
      defaultProgram: 'rue',
    };
    const findings = check(ALL_NIGHT, null, {
      programs: [ALL_NIGHT, { ...ALL_NIGHT, id: 'fete' }],
      calendars: [commune],
      assignments: [{ target: { kind: 'all' }, calendar: 'commune' }],
    });
    expect(findings.map(({ code, path, fields }) => [code, path, fields['nights'] ?? ''])).toEqual([
      ['rule-without-end', 'calendars.0.rules.1.endDate', ''],
      ['rule-hidden', 'calendars.0.rules.1', 1],
      ['rule-without-effect', 'calendars.0.rules.2', ''],
    ]);
  });
});

describe('classes', () => {
  const street = (more: Partial<Photometry> = {}): Photometry => ({
    family: 'M',
    installed: lightingClass('M4').average / 0.8,
    maintenanceFactor: 0.8,
    minimumPercent: 10,
    dimming: { kind: 'continuous' },
    isConflictArea: false,
    ...more,
  });
  const reduced = (level: number) =>
    program(
      [astro()],
      [
        ['05:00', 100],
        ['23:00', level],
      ],
    );
  const road = (photometry: Photometry, leastClass = 'M5'): Installation => ({ category: 'road', photometry, leastClass });
  const found = (one: ControlProgram, installation: Installation) =>
    check(one, installation).filter(({ code }) => code !== 'lit-briefly');

  test('the customary half of an M4 street is M6, not M5: shown as to be verified, never blocking', () => {
    const [finding] = found(reduced(50), road(street()));
    expect(finding).toMatchObject({
      code: 'class-below-floor',
      path: 'programs.0.fixedTimeControls.1',
      fields: { level: 50, average: 0.375, unit: 'cd/m²', reached: 'M6', asked: 'M5' },
    });
    expect(finding !== undefined && isRefusal(finding)).toBe(false);
    expect(finding && findingSentence(finding, 'fr')).toBe(
      'À 50 %, la rue n’a que 0.375 cd/m² : M6 au lieu de M5. NF EN 13201-2:2015 (à vérifier).',
    );
    expect(found(reduced(67), road(street()))).toEqual([]);
  });

  test('a street switched off is not a street below its class', () => {
    expect(found(reduced(0), road(street()))).toEqual([]);
  });

  test('a crossing that is dimmed is refused, one that is switched off is not', () => {
    const crossing = road(street({ isConflictArea: true }));
    expect(found(reduced(80), crossing).filter(isRefusal)).toMatchObject([{ code: 'crossing-dimmed', fields: { level: 80 } }]);
    expect(found(reduced(0), crossing)).toEqual([]);
  });

  test('a level under the minimum of the luminaire and a class out of reach are said', () => {
    expect(codesOf(found(reduced(5), road(street(), 'M6')))).toEqual(['below-minimum', 'class-below-floor']);
    expect(codesOf(found(program([astro()]), road(street(), 'M3')))).toEqual(['class-not-reached']);
  });
});

test('every finding is said in both languages with the same fields', () => {
  const fieldsIn = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const { fr, en } of Object.values(FINDINGS)) expect(fieldsIn(fr)).toEqual(fieldsIn(en));
});
