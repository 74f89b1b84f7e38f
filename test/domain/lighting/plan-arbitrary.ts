import fc from 'fast-check';
import { type CivilTime, type Instant, instant, parseInstant, timeZone } from '#domain/civil-time.ts';
import { deviceId, groupId } from '#domain/identifiers.ts';
import { type Calendar, type CalendarRule, OCCURRENCES } from '#domain/lighting/calendar.ts';
import type { ActivePeriod, ControlProgram, DynamicControl } from '#domain/lighting/control-program.ts';
import { EFFECT_OPERATIONS } from '#domain/lighting/effect-operation.ts';
import type { LightingPlan } from '#domain/lighting/lighting-plan.ts';
import type { Override, OverrideTarget } from '#domain/lighting/override.ts';
import type { SensorHistory, SensorSample } from '#domain/lighting/sensor-history.ts';

export const LAMP = deviceId('luminaire-01');
const NORTH = groupId('group-nord');
const SENSORS = ['detecteur-01/presence', 'cellule-01/illuminanceLx'] as const;
const MINUTE = 60_000;
const DAY = 86_400_000;

/** Days on which the cases dwell: both changes of the clocks, solstices, ends of months and of years, a leap day. */
const DAYS = [
  '2026-03-28',
  '2026-03-29',
  '2026-10-24',
  '2026-10-25',
  '2026-06-20',
  '2026-12-21',
  '2027-12-31',
  '2028-02-28',
  '2031-05-30',
];

const time = fc.constantFrom(
  ...[
    '00:00',
    '01:00',
    '02:00',
    '02:15',
    '02:30',
    '03:00',
    '04:59:59',
    '05:30',
    '11:59:59',
    '12:00',
    '17:30',
    '20:00',
    '23:00',
    '23:59:59',
  ].map((text) => text as CivilTime),
);
const level = fc.integer({ min: 0, max: 100 });
const offset = fc.oneof(fc.integer({ min: -90, max: 90 }), fc.constantFrom(-720, 720));
const operation = fc.constantFrom(...EFFECT_OPERATIONS);
const sensor = fc.record({ sensorAddresses: fc.constantFrom([SENSORS[0]], [SENSORS[1]], [...SENSORS]) });
const before = fc.integer({ min: 0, max: 90 });

const activePeriod: fc.Arbitrary<ActivePeriod> = fc.oneof(
  fc.record({ name: fc.constant('AbsoluteActivePeriod' as const), startTime: time, endTime: time }),
  fc.record({ name: fc.constant('AstroClockActivePeriod' as const), sunsetOffset: offset, sunriseOffset: offset }),
  fc.record({ name: fc.constant('SensorActivePeriod' as const), sensor, onLevel: fc.constant(20), offLevel: fc.constant(35) }),
  fc.record(
    {
      name: fc.constant('AstroAndSensorActivePeriod' as const),
      sensor,
      sunsetOffset: offset,
      sunriseOffset: offset,
      pcActiveBeforeSunset: before,
      pcActiveBeforeSunrise: before,
    },
    { requiredKeys: ['name', 'sensor', 'sunsetOffset', 'sunriseOffset', 'pcActiveBeforeSunset', 'pcActiveBeforeSunrise'] },
  ),
  fc.record({
    name: fc.constant('ValueActivePeriod' as const),
    reference: fc.constantFrom(...SENSORS),
    operator: fc.constantFrom('EQ', 'NE', 'GE', 'GT', 'LE', 'LT'),
    value: fc.constantFrom(0, 1, 20),
  }),
);

const effect = { source: fc.record({ sensor }), operation, holdTime: fc.constantFrom(0, 90, 3600) };
const dynamicControl: fc.Arbitrary<DynamicControl> = fc.record(
  {
    period: fc.record({ startTime: time, endTime: time }),
    effect: fc.oneof(
      fc.record({ type: fc.constant('FixedControlEffect' as const), levelPercent: level, ...effect }),
      fc.record({ type: fc.constant('ExternalControlEffect' as const), ...effect }),
    ),
  },
  { requiredKeys: ['effect'] },
);

const secondsOf = (text: string): string => text.padEnd(8, ':00');
const program = (id: string): fc.Arbitrary<ControlProgram> =>
  fc.record({
    id: fc.constant(id),
    version: fc.constant(3),
    name: fc.constant(id),
    by: fc.constant('account-technician'),
    activePeriods: fc.array(activePeriod, { maxLength: 3 }),
    fixedTimeControls: fc
      .uniqueArray(fc.record({ startTime: time, levelPercent: level }), { maxLength: 5, selector: ({ startTime }) => startTime })
      .map((list) => list.sort((a, b) => (secondsOf(a.startTime) < secondsOf(b.startTime) ? -1 : 1))),
    astroClockTimeControls: fc.array(
      fc.record({
        solarEventType: fc.constantFrom('sunset' as const, 'sunrise' as const),
        offset,
        operation,
        levelPercent: level,
      }),
      { maxLength: 2 },
    ),
    dynamicControls: fc.array(dynamicControl, { maxLength: 2 }),
  });

const PROGRAMS = ['rue', 'village', 'fete'];
const ruled = fc.constantFrom(...PROGRAMS);
const condition: fc.Arbitrary<NonNullable<CalendarRule['condition']>> = fc.oneof(
  fc.record({
    type: fc.constant('ccDate' as const),
    dates: fc.constantFrom(
      [{ start: '--12-24' as const, end: '--12-31' as const }],
      [{ start: '---28' as const, end: '---31' as const }],
      [{ start: '--02-29' as const }, { start: '--10-24' as const }],
    ),
  }),
  fc.record({
    type: fc.constant('ccDay' as const),
    days: fc.constantFrom([{ start: 6 }], [{ start: 5, end: 7 }], [{ start: 1 }, { start: 4, end: 6 }]),
    occurrences: fc.subarray([...OCCURRENCES], { maxLength: 2 }),
  }),
);
const rule: fc.Arbitrary<CalendarRule> = fc.record(
  {
    startDate: fc.constantFrom('2026-03-29' as never, '--06-01' as const, '2031-01-01' as never),
    endDate: fc.constantFrom('2026-10-24' as never, '--11-30' as const, '2031-12-31' as never),
    condition,
    program: ruled,
  },
  { requiredKeys: ['program'] },
);
const calendar: fc.Arbitrary<Calendar> = fc.record(
  {
    id: fc.constant('commune'),
    version: fc.constant(2),
    name: fc.constant('Commune'),
    by: fc.constant('account-mayor'),
    rules: fc.array(rule, { maxLength: 4 }),
    defaultProgram: ruled,
  },
  { requiredKeys: ['id', 'version', 'name', 'by', 'rules'] },
);

const target: fc.Arbitrary<OverrideTarget> = fc.constantFrom<OverrideTarget>(
  { kind: 'all' },
  { kind: 'group', group: NORTH },
  { kind: 'device', device: LAMP },
  { kind: 'device', device: deviceId('luminaire-02') },
);

const plan: fc.Arbitrary<LightingPlan> = fc.record(
  {
    timeZone: fc.constant(timeZone('Europe/Paris')),
    position: fc.constantFrom(
      { latitude: 49.564, longitude: 3.62 },
      { latitude: 48.989, longitude: 3.37 },
      { latitude: 78.2, longitude: 15.6 },
    ),
    dayOffset: fc.constantFrom(0 as const, 12 as const),
    defaultLevelPercent: level,
    groups: fc.constant([{ id: NORTH, members: [LAMP] }]),
    programs: fc.tuple(...PROGRAMS.map(program)),
    calendars: calendar.map((one) => [one]),
    assignments: fc.array(
      fc.oneof(fc.record({ target, program: ruled }), fc.record({ target, calendar: fc.constant('commune') })),
      { maxLength: 3 },
    ),
    safetyFloors: fc.array(
      fc.record({
        id: fc.constantFrom('floor-a', 'floor-b'),
        target,
        minimumPercent: fc.integer({ min: 1, max: 100 }),
        by: fc.constant('account-technician'),
        reason: fc.constant('carrefour'),
      }),
      { maxLength: 1 },
    ),
  },
  { requiredKeys: ['timeZone', 'position', 'defaultLevelPercent', 'groups', 'programs', 'assignments'] },
);

/** Instants around one of the days: on a whole minute, on a civil time, or anywhere; a millisecond before as often. */
const instantAround = (day: string): fc.Arbitrary<Instant> => {
  const midnight = parseInstant(`${day}T00:00:00Z`);
  return fc
    .tuple(fc.integer({ min: -12 * 60, max: 44 * 60 }), fc.constantFrom(0, -1, 0, 31_234))
    .map(([minutes, more]) => instant(midnight + minutes * MINUTE + more));
};

const samples = (day: string): fc.Arbitrary<readonly SensorSample[]> =>
  fc
    .array(
      fc.record({ at: instantAround(day), value: fc.constantFrom<SensorSample['value']>(true, false, null, 0, 1, 15, 25, 60) }),
      { maxLength: 6 },
    )
    .map((list) => list.sort((a, b) => a.at - b.at).filter(({ at }, index) => list[index + 1]?.at !== at));

const history = (day: string): fc.Arbitrary<SensorHistory> =>
  fc.tuple(samples(day), samples(day)).map(
    ([first, second]) =>
      new Map([
        [SENSORS[0], first],
        [SENSORS[1], second],
      ] as const),
  );

const override = (day: string): fc.Arbitrary<Override> =>
  fc
    .record({
      id: fc.constantFrom('works', 'fete', 'essai'),
      target,
      levelPercent: level,
      startsAt: instantAround(day),
      lasts: fc.integer({ min: 1, max: DAY }),
    })
    .map(({ lasts, ...one }) => ({ ...one, endsAt: instant(one.startsAt + lasts), by: 'account-technician', reason: 'essai' }));

export interface LadderCase {
  readonly plan: LightingPlan;
  readonly overrides: readonly Override[];
  readonly sensors: SensorHistory;
  readonly instants: readonly Instant[];
}

/** A plan of every kind of element, with what its sensors said and the overrides of a few days, asked about at many instants. */
export const ladderCase = (instants: number): fc.Arbitrary<LadderCase> =>
  fc.constantFrom(...DAYS).chain((day) =>
    fc.record({
      plan,
      overrides: fc.array(override(day), { maxLength: 2 }),
      sensors: history(day),
      instants: fc.array(instantAround(day), { minLength: instants, maxLength: instants }),
    }),
  );
