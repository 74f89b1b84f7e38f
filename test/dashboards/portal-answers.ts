import type { BuildingAnswer, HomeAnswer, HomeDetailsAnswer } from '#contract/routes/housing.ts';
import type { LightPointAnswer, OverrideAnswer, StreetAnswer } from '#contract/routes/lighting.ts';
import { formatInstant, type Instant, parseInstant } from '#domain/civil-time.ts';
import { dwellingId, groupId, lightPointId, siteId } from '#domain/identifiers.ts';

/** What the API answers in the tests of pages: one winter evening at 22:41 in Laon. */
export const NOW = parseInstant('2026-11-24T21:41:00Z');
export const STREET = siteId('site-republique');
export const BUILDING = siteId('site-tilleuls');
export const DWELLING = dwellingId('dwelling-tilleuls-07');

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const ago = (ms: number): string => formatInstant((NOW - ms) as Instant);
export const ahead = (ms: number): string => ago(-ms);

const measured = (value: number, at = ago(10_000)) => ({ value, at, quality: 'measured' as const });
const unknown = (at: string | null = null) => ({ value: null, at, quality: 'missing' as const });

const RATED = (number: number): number => (number <= 8 ? 28 : number <= 18 ? 40 : 62);

export const lightPoint = (number: number, given: Partial<LightPointAnswer> = {}): LightPointAnswer => {
  const digits = String(number).padStart(2, '0');
  const expected = RATED(number) * 0.69;
  return {
    id: lightPointId(`light-point-republique-${digits}`),
    label: `REP-${digits}`,
    groups: [groupId(number <= 12 ? 'group-republique-nord' : 'group-republique-sud')],
    ratedPowerW: RATED(number),
    commandedLevelPercent: measured(70),
    effectiveLevelPercent: measured(70),
    activePowerW: measured(expected + 0.2),
    expectedPowerW: expected,
    observed: 'proved',
    gearTemperatureC: measured(31.4),
    activeEnergyWh: measured(182_400 + number),
    operatingHoursH: measured(4_120),
    lampFailure: false,
    availability: 'online',
    askedLevelPercent: 70,
    why: { rung: 'program', what: 'Village', by: 'c-martin', version: 7, nextChangeAt: ahead(79 * MINUTE_MS) },
    override: null,
    ...given,
  };
};

const phases = (given: Partial<OverrideAnswer['phases']>): OverrideAnswer['phases'] => ({
  sent: 0,
  accepted: 0,
  applied: 0,
  proved: 0,
  'not-provable': 0,
  rejected: 0,
  expired: 0,
  failed: 0,
  ...given,
});

export const overrideOfNorth = (given: Partial<OverrideAnswer> = {}): OverrideAnswer => ({
  id: 'override-7f3a',
  target: { kind: 'group', group: groupId('group-republique-nord') },
  levelPercent: 50,
  startsAt: ago(2 * MINUTE_MS),
  endsAt: ahead(HOUR_MS + 5 * MINUTE_MS),
  endedAt: null,
  by: 'c-martin',
  reason: 'travaux OT-1182',
  phases: phases({ proved: 9, applied: 1, 'not-provable': 1, failed: 1 }),
  lines: Array.from({ length: 12 }, (_, index) => {
    const { id, label } = lightPoint(index + 1);
    const base = { lightPoint: id, label, at: ago(95_000), observedW: 13.9, expectedW: 13.86, why: null };
    if (index === 8) return { ...base, phase: 'not-provable' as const, observedW: null };
    if (index === 9) return { ...base, phase: 'applied' as const, observedW: null, expectedW: 19.8 };
    if (index === 10) return { ...base, phase: 'failed' as const, observedW: 0, expectedW: 19.8, why: 'The lamp drew 0 W.' };
    return { ...base, phase: 'proved' as const };
  }),
  ...given,
});

const { lines: _lines, ...listedOverride } = overrideOfNorth();

/** Twelve lamps under an override, one failed, one changed on the spot, two unknown. */
export const lightPointsOfAnEvening = (): LightPointAnswer[] => [
  ...Array.from({ length: 12 }, (_, index) =>
    lightPoint(index + 1, {
      askedLevelPercent: 50,
      effectiveLevelPercent: measured(50),
      activePowerW: measured(RATED(index + 1) * 0.497),
      expectedPowerW: RATED(index + 1) * 0.495,
      why: { rung: 'override', what: 'travaux OT-1182', by: 'c-martin', version: null, nextChangeAt: ahead(65 * MINUTE_MS) },
      override: 'override-7f3a',
    }),
  ),
  lightPoint(13, { lampFailure: true, activePowerW: measured(0), observed: 'differs' }),
  lightPoint(14, { effectiveLevelPercent: measured(30), activePowerW: measured(12.2), expectedPowerW: 12.4 }),
  lightPoint(15, {
    availability: 'offline',
    effectiveLevelPercent: unknown(ago(47 * MINUTE_MS)),
    activePowerW: unknown(ago(47 * MINUTE_MS)),
    expectedPowerW: null,
    observed: 'unknown',
    gearTemperatureC: unknown(),
    lampFailure: null,
  }),
  lightPoint(16, { activePowerW: measured(27.5, ago(12 * MINUTE_MS)) }),
  lightPoint(17, { observed: 'not-provable', activePowerW: unknown() }),
  ...Array.from({ length: 7 }, (_, index) => lightPoint(index + 18)),
];

export const streetAnswer = (given: Partial<StreetAnswer> = {}): StreetAnswer => ({
  site: STREET,
  name: 'Rue de la République, Laon',
  field: 'simulated',
  timeZone: 'Europe/Paris',
  now: formatInstant(NOW),
  clockSpeed: 1,
  sunsetAt: '2026-11-24T15:50:00Z',
  sunriseAt: '2026-11-25T07:06:00Z',
  gateway: {
    id: 'gateway-republique',
    state: 'online',
    since: ago(3 * HOUR_MS),
    outboxDepth: 0,
    programsApplied: 'yes',
    overridesApplied: 'yes',
  },
  cabinet: {
    id: 'cabinet-republique',
    label: 'A07',
    fictitious: true,
    activePowerW: measured(566),
    energyImportedWh: measured(12_345_600),
    doorOpen: false,
    breakersTripped: 0,
  },
  program: {
    id: 'program-village',
    name: 'Village',
    version: 7,
    by: 'c-martin',
    sentence: {
      fr: 'Du coucher au lever du soleil : 100 %, puis 70 % de 22:00 à 23:00, 50 % jusqu’à 05:30.',
      en: 'From sunset to sunrise: 100%, then 70% from 22:00 to 23:00, 50% until 05:30.',
    },
  },
  groups: [
    { id: groupId('group-republique-nord'), label: 'Côté nord', lightPoints: 12 },
    { id: groupId('group-republique-sud'), label: 'Côté sud', lightPoints: 12 },
  ],
  lightPoints: lightPointsOfAnEvening(),
  totalPowerW: { value: 559, known: 22, of: 24 },
  illuminanceLx: measured(0.4),
  presence: true,
  overrides: [listedOverride],
  events: [
    { event: 'level-restored', at: ago(60_000), lightPoint: lightPoint(4).id, label: 'REP-04', detail: {} },
    { event: 'level-departed', at: ago(90_000), lightPoint: lightPoint(4).id, label: 'REP-04', detail: {} },
    { event: 'device-became-silent', at: ago(47 * MINUTE_MS), lightPoint: lightPoint(15).id, label: 'REP-15', detail: {} },
    { event: 'lamp-failed', at: ago(3 * HOUR_MS), lightPoint: lightPoint(13).id, label: 'REP-13', detail: {} },
    { event: 'gateway-started', at: ago(4 * HOUR_MS), lightPoint: null, label: null, detail: {} },
  ],
  lastReadingAt: ago(10_000),
  ...given,
});

/** Every lamp as its program asks: no override, nothing to say. */
export const quietStreet = (given: Partial<StreetAnswer> = {}): StreetAnswer =>
  streetAnswer({
    lightPoints: Array.from({ length: 24 }, (_, index) => lightPoint(index + 1)),
    totalPowerW: { value: 640, known: 24, of: 24 },
    overrides: [],
    events: [],
    ...given,
  });

/** Nothing was ever read. */
export const silentStreet = (): StreetAnswer =>
  quietStreet({
    gateway: {
      id: 'gateway-republique',
      state: 'unknown',
      since: null,
      outboxDepth: null,
      programsApplied: 'unknown',
      overridesApplied: 'unknown',
    },
    cabinet: {
      id: 'cabinet-republique',
      label: 'A07',
      fictitious: true,
      activePowerW: unknown(),
      energyImportedWh: unknown(),
      doorOpen: null,
      breakersTripped: null,
    },
    lightPoints: Array.from({ length: 24 }, (_, index) =>
      lightPoint(index + 1, {
        commandedLevelPercent: unknown(),
        effectiveLevelPercent: unknown(),
        activePowerW: unknown(),
        expectedPowerW: null,
        observed: 'unknown',
        gearTemperatureC: unknown(),
        activeEnergyWh: unknown(),
        operatingHoursH: unknown(),
        lampFailure: null,
        availability: 'unknown',
      }),
    ),
    totalPowerW: { value: null, known: 0, of: 24 },
    illuminanceLx: unknown(),
    presence: null,
    lastReadingAt: null,
  });

const TARIFF = {
  name: 'Tarif Base 6 kVA',
  from: '2026-08-01',
  energyEuroCentsPerKWh: 19.4,
  standingEurosPerMonth: 15.47,
  source: 'CRE, délibération de démonstration',
};

/** Steps of ten minutes since midnight, with a hole from 03:10 to 04:20. */
const curve = (): (number | null)[] =>
  Array.from({ length: 136 }, (_, index) => {
    if (index >= 19 && index < 26) return null;
    return Math.round(900 + 500 * Math.sin(index / 18) + (index > 105 ? 700 : 0));
  });

export const buildingAnswer = (given: Partial<BuildingAnswer> = {}): BuildingAnswer => ({
  site: BUILDING,
  name: 'Résidence Les Tilleuls, Laon',
  field: 'simulated',
  timeZone: 'Europe/Paris',
  now: formatInstant(NOW),
  clockSpeed: 1,
  commonParts: {
    activePowerW: measured(1840),
    todayWh: measured(23_400),
    today: { euros: 5.04, quality: 'estimated' },
    yesterdayWh: measured(24_900, '2026-11-23T23:00:00Z'),
    curve: { stepSeconds: 600, startsAt: '2026-11-23T23:00:00Z', meanPowerW: curve() },
    tariff: TARIFF,
  },
  dwellings: { state: 'published', date: '2026-11-23', energyWh: 142_300, dwellings: 16, quality: 'measured' },
  gateway: { id: 'gateway-tilleuls', state: 'online', since: ago(3 * HOUR_MS) },
  lastReadingAt: ago(10_000),
  ...given,
});

export const maskedBuilding = (reason: 'fewer-than-11' | 'one-share-too-large' | 'composition-changed' | 'not-yet') =>
  buildingAnswer({ dwellings: { state: 'masked', date: '2026-11-23', reason } });

export const silentBuilding = (): BuildingAnswer => {
  const { commonParts } = buildingAnswer();
  return buildingAnswer({
    commonParts: {
      ...commonParts,
      activePowerW: unknown(),
      todayWh: unknown(),
      today: { euros: null, quality: 'missing' },
      yesterdayWh: unknown(),
      curve: { ...commonParts.curve, meanPowerW: [null, null, null] },
    },
    gateway: { id: 'gateway-tilleuls', state: 'offline', since: ago(2 * HOUR_MS) },
    lastReadingAt: null,
  });
};

export const homeAnswer = (given: Partial<HomeAnswer> = {}): HomeAnswer => ({
  dwelling: DWELLING,
  displayName: 'Logement 07',
  field: 'simulated',
  timeZone: 'Europe/Paris',
  now: formatInstant(NOW),
  clockSpeed: 1,
  grain: 'day',
  yesterday: { euros: 1.4, quality: 'estimated', date: '2026-11-23' },
  today: null,
  standingEurosPerDay: 0.51,
  state: 'as-usual',
  lastReadingAt: '2026-11-23T23:00:00Z',
  tariff: TARIFF,
  ...given,
});

export const finerHome = (): HomeAnswer =>
  homeAnswer({ grain: '30min', today: { euros: 0.8, quality: 'estimated', until: '2026-11-24T21:30:00Z' } });

export const homeDetailsAnswer = (given: Partial<HomeDetailsAnswer> = {}): HomeDetailsAnswer => ({
  dwelling: DWELLING,
  grain: 'day',
  timeZone: 'Europe/Paris',
  now: formatInstant(NOW),
  field: 'simulated',
  clockSpeed: 1,
  days: [
    { date: '2026-11-23', energyWh: 4_580, euros: 1.4, quality: 'measured' },
    { date: '2026-11-22', energyWh: null, euros: null, quality: 'missing' },
  ],
  today: null,
  tariff: TARIFF,
  ...given,
});

export const finerDetails = (): HomeDetailsAnswer =>
  homeDetailsAnswer({
    grain: '30min',
    today: Array.from({ length: 44 }, (_, index) => ({
      startsAt: formatInstant((parseInstant('2026-11-23T23:00:00Z') + index * 30 * MINUTE_MS) as Instant),
      energyWh: index === 7 ? null : Math.round(80 + 60 * Math.sin(index / 5) + (index > 36 ? 260 : 0)),
      quality: index === 7 ? ('missing' as const) : ('measured' as const),
    })),
  });
