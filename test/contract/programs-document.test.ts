import { describe, expect, test } from 'vitest';
import { programsDocument, programsExample } from '#contract/messages/documents.ts';

const problemOf = (change: Record<string, unknown>): string => {
  const parsed = programsDocument.safeParse({ ...programsExample, ...change });
  const [issue] = parsed.error?.issues ?? [];
  return issue === undefined ? 'accepted' : `${issue.path.map(String).join('.')}: ${issue.message}`;
};

const [example] = programsExample.programs;
const program = (change: Record<string, unknown>) => ({ programs: [{ ...example, ...change }] });
const calendar = (...rules: readonly Record<string, unknown>[]) => ({
  calendars: [
    {
      id: 'commune',
      version: 1,
      name: 'Commune',
      by: 'account-mayor',
      rules: rules.map((rule) => ({ program: 'program-rue', ...rule })),
    },
  ],
});
const presence = { sensorAddresses: ['detecteur-01/presence'] };

describe('a programs document', () => {
  test('of the former version, without any of the new fields, is as good as before', () => {
    expect(Object.keys(programsExample)).not.toContain('calendars');
    expect(problemOf({})).toBe('accepted');
  });

  test('takes every kind of active period and of control', () => {
    expect(
      problemOf(
        program({
          activePeriods: [
            { name: 'AbsoluteActivePeriod', startTime: '20:00', endTime: '06:00:30' },
            { name: 'AstroClockActivePeriod', sunsetOffset: 15, sunriseOffset: -15 },
            { name: 'SensorActivePeriod', sensor: presence, onLevel: 20, offLevel: 35 },
            {
              name: 'AstroAndSensorActivePeriod',
              sensor: presence,
              sunsetOffset: -30,
              sunriseOffset: 30,
              pcActiveBeforeSunset: 30,
              pcActiveBeforeSunrise: 20,
            },
            { name: 'ValueActivePeriod', reference: 'cellule-01/illuminanceLx', operator: 'LT', value: 12 },
          ],
          astroClockTimeControls: [{ solarEventType: 'sunset', offset: 60, operation: 'Min', levelPercent: 80 }],
          dynamicControls: [
            {
              period: { startTime: '23:00', endTime: '05:00' },
              effect: {
                type: 'FixedControlEffect',
                operation: 'Max',
                holdTime: 120,
                source: { sensor: presence },
                levelPercent: 60,
              },
            },
            { effect: { type: 'ExternalControlEffect', operation: 'Set', source: { sensor: presence } } },
          ],
        }),
      ),
    ).toBe('accepted');
  });

  test('takes calendars, their assignment, midnight as the start of the day, and safety floors', () => {
    expect(
      problemOf({
        ...calendar(
          { startDate: '2026-07-13', endDate: '2026-07-14' },
          { condition: { type: 'ccDate', dates: [{ start: '--12-24', end: '--12-31' }, { start: '---01' }] } },
          { condition: { type: 'ccDay', days: [{ start: 6 }, { start: 1, end: 2 }], occurrences: ['1', 'L'] } },
        ),
        dayOffset: 0,
        assignments: [{ target: { kind: 'all' }, calendar: 'commune' }],
        safetyFloors: [
          { id: 'carrefour', target: { kind: 'all' }, minimumPercent: 70, by: 'account-technician', reason: 'carrefour' },
        ],
      }),
    ).toBe('accepted');
  });

  test.each<readonly [string, Record<string, unknown>, string]>([
    [
      'two controls at one time',
      program({
        fixedTimeControls: [
          { startTime: '23:00', levelPercent: 50 },
          { startTime: '23:00:00', levelPercent: 60 },
        ],
      }),
      'programs.0.fixedTimeControls.1.startTime: start times must ascend, no two alike',
    ],
    [
      'a level above full light',
      program({ fixedTimeControls: [{ startTime: '23:00', levelPercent: 101 }] }),
      'programs.0.fixedTimeControls.0.levelPercent: ',
    ],
    [
      'an active period without its end',
      program({ activePeriods: [{ name: 'AbsoluteActivePeriod', startTime: '20:00' }] }),
      'programs.0.activePeriods.0.endTime: ',
    ],
    [
      'a photocell that would blink',
      program({ activePeriods: [{ name: 'SensorActivePeriod', sensor: presence, onLevel: 40, offLevel: 20 }] }),
      'programs.0.activePeriods.0: onLevel must not be above offLevel',
    ],
    [
      'a sensor without its quantity',
      program({
        activePeriods: [{ name: 'SensorActivePeriod', sensor: { sensorAddresses: ['detecteur-01'] }, onLevel: 1, offLevel: 2 }],
      }),
      'programs.0.activePeriods.0.sensor.sensorAddresses.0: a sensor is a device and one of its quantities, such as detecteur-01/presence',
    ],
    [
      'a day that no year has',
      calendar({ startDate: '2026-02-30' }),
      'calendars.0.rules.0.startDate: a date is yyyy-mm-dd, or --mm-dd for each year',
    ],
    [
      'a range over the new year',
      calendar({ condition: { type: 'ccDate', dates: [{ start: '--12-20', end: '--01-05' }] } }),
      'calendars.0.rules.0.condition.dates.0.end: the end must be of the same kind as the start and after it: a range over the new year is written as two',
    ],
    [
      'a rule that ends before it starts',
      calendar({ startDate: '2026-07-14', endDate: '2026-07-13' }),
      'calendars.0.rules.0.endDate: ',
    ],
    [
      'an eighth weekday',
      calendar({ condition: { type: 'ccDay', days: [{ start: 8 }] } }),
      'calendars.0.rules.0.condition.days.0.start: ',
    ],
    [
      'an assignment of nothing',
      { assignments: [{ target: { kind: 'all' } }] },
      'assignments.0.program: an assignment is of a program or of a calendar',
    ],
  ])('refuses %s, and says where', (_, change, problem) => {
    expect(problemOf(change).startsWith(problem)).toBe(true);
  });
});
