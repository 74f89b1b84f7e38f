import { type CivilTime, instant, parseInstant, timeZone } from '#domain/civil-time.ts';
import { CARBON_FACTORS } from '#domain/energy/carbon-factor.ts';
import { deviceId, groupId } from '#domain/identifiers.ts';
import type { Calendar } from '#domain/lighting/calendar.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { LightingPlan } from '#domain/lighting/lighting-plan.ts';
import type { Override } from '#domain/lighting/override.ts';
import { createLevelResolver } from '#domain/lighting/resolve-level.ts';
import { createYearSimulator, type SimulatedLight, type YearQuestion } from '#domain/lighting/simulate-year.ts';
import { type Bench, type BenchRow, rateRow, row } from './bench.ts';

const PARIS = timeZone('Europe/Paris');
const PROGRAMS = 60;
const CALENDARS = 300;
const POSITIONS = 800;
const LIGHTS = 100_000;
const DEVICES = 1000;
const RESOLUTIONS = 1_000_000;
const RUNS = 5;
const MONTH = 30;
const YEAR = 365;

/** The same numbers at every run. */
const createSequence = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

const control = (startTime: string, levelPercent: number) => ({ startTime: startTime as CivilTime, levelPercent });

/** Astronomical periods, some with an astronomical operation, some by the clock alone, reduced at different hours. */
const programOf = (index: number): ControlProgram => {
  const until = `0${4 + (index % 3)}:${index % 2 === 0 ? '00' : '30'}`;
  const reduced = index % 4 === 0 ? 0 : 30 + (index % 5) * 10;
  const astro = { name: 'AstroClockActivePeriod' as const, sunsetOffset: index % 30, sunriseOffset: -(index % 20) };
  const clock = { name: 'AbsoluteActivePeriod' as const, startTime: '18:00' as CivilTime, endTime: '07:00' as CivilTime };
  return {
    id: `program-${index}`,
    version: 1,
    name: `Programme ${index}`,
    by: 'account-technician',
    activePeriods: [index % 10 === 9 ? clock : astro],
    fixedTimeControls: [control(until, 100), control('21:30', 80), control(`23:${index % 2 === 0 ? '00' : '30'}`, reduced)],
    ...(index % 6 === 5
      ? {
          astroClockTimeControls: [
            { solarEventType: 'sunset' as const, offset: 60, operation: 'Min' as const, levelPercent: 90 },
          ],
        }
      : {}),
  };
};

const calendarOf = (index: number, next: (below: number) => number): Calendar => {
  const program = () => `program-${next(PROGRAMS)}`;
  return {
    id: `calendar-${index}`,
    version: 1,
    name: `Commune ${index}`,
    by: 'account-mayor',
    rules: [
      { startDate: '2027-07-13' as never, endDate: '2027-07-14' as never, program: program() },
      { condition: { type: 'ccDate', dates: [{ start: '--12-24', end: '--12-31' }, { start: '--01-01' }] }, program: program() },
      { condition: { type: 'ccDay', days: [{ start: 5 + (index % 3) }] }, program: program() },
    ],
    defaultProgram: program(),
  };
};

const TABLE = [
  { levelPercent: 0, powerW: 0.4 },
  { levelPercent: 10, powerW: 6 },
  { levelPercent: 50, powerW: 21.5 },
  { levelPercent: 100, powerW: 40 },
];

const fleet = () => {
  const next = createSequence(5);
  const programs = Array.from({ length: PROGRAMS }, (_, index) => programOf(index));
  const calendars = Array.from({ length: CALENDARS }, (_, index) => calendarOf(index, next));
  const positions = Array.from({ length: POSITIONS }, (_, index) => ({
    latitude: 48.8 + index / 650,
    longitude: 2.95 + next(1300) / 1000,
  }));
  const lights = Array.from(
    { length: LIGHTS },
    (): SimulatedLight => ({
      position: positions[next(POSITIONS)] ?? { latitude: 0, longitude: 0 },
      calendar: `calendar-${next(CALENDARS)}`,
      powerTable: TABLE,
      floorPercent: 40,
    }),
  );
  return { programs, calendars, lights, next };
};

const secondsOf = (work: () => void): number => {
  const startedAt = performance.now();
  work();
  return (performance.now() - startedAt) / 1000;
};

/** Levels, reasons and next changes of 1,000 lights under 60 programs and 300 calendars, one in ten with an override. */
const resolveRate = ({ programs, calendars, next }: ReturnType<typeof fleet>, nights: number): number => {
  const devices = Array.from({ length: DEVICES }, (_, index) => deviceId(`luminaire-${index}`));
  const group = groupId('group-fete');
  const plan: LightingPlan = {
    timeZone: PARIS,
    position: { latitude: 49.564, longitude: 3.62 },
    defaultLevelPercent: 100,
    groups: [{ id: group, members: devices.slice(0, DEVICES / 10) }],
    programs,
    calendars,
    assignments: devices.map((device, index) => ({
      target: { kind: 'device', device },
      ...(index % 4 === 0 ? { program: `program-${index % PROGRAMS}` } : { calendar: `calendar-${index % CALENDARS}` }),
    })),
  };
  const from = parseInstant('2027-06-10T12:00:00Z');
  const overrides: readonly Override[] = [
    {
      id: 'override-fete',
      target: { kind: 'group', group },
      levelPercent: 100,
      startsAt: parseInstant('2027-06-21T18:00:00Z'),
      endsAt: parseInstant('2027-06-22T02:00:00Z'),
      by: 'account-mayor',
      reason: 'fête',
    },
  ];
  const resolver = createLevelResolver(plan);
  const questions = Array.from({ length: RESOLUTIONS }, (_, index) => ({
    device: devices[next(DEVICES)] ?? deviceId('luminaire-0'),
    at: instant(from + Math.floor((index / RESOLUTIONS) * nights) * 86_400_000 + next(86_400_000)),
  }));
  const took = secondsOf(() => {
    for (const { device, at } of questions) resolver.resolve(device, at, overrides);
  });
  return RESOLUTIONS / took;
};

const simulate = ({ programs, calendars, lights }: ReturnType<typeof fleet>) => {
  const simulator = createYearSimulator(2027, PARIS, 12);
  const [carbon] = CARBON_FACTORS;
  if (carbon === undefined) throw new Error('There is no carbon factor');
  const question: YearQuestion = {
    plan: { programs, calendars, defaultLevelPercent: 100 },
    lights,
    price: { euroCentsPerKWh: 20, version: 'bench' },
    carbon,
  };
  const cold = secondsOf(() => void simulator.simulate(question));
  const warm = secondsOf(() => void simulator.simulate({ ...question, price: { euroCentsPerKWh: 25, version: 'other' } }));
  const changed = { ...question.plan, calendars: calendars.map((one, index) => (index === 0 ? { ...one, rules: [] } : one)) };
  const edited = secondsOf(() => void simulator.simulate({ ...question, plan: changed }));
  return { cold, warm, edited };
};

export const bench: Bench = {
  summary: 'levels resolved in a second, and a year of 100,000 light points in 800 places under 300 calendars',
  async run(say) {
    const field = fleet();
    const rates = { month: [] as number[], year: [] as number[] };
    for (let run = 1; run <= RUNS; run += 1) {
      rates.month.push(resolveRate(field, MONTH));
      rates.year.push(resolveRate(field, YEAR));
      say(`resolutions, ${run} of ${RUNS}: ${Math.round(rates.month.at(-1) ?? 0)} a second`);
    }
    const { cold, warm, edited } = simulate(field);
    say(`the year: ${cold.toFixed(1)} s cold, ${warm.toFixed(1)} s warm`);
    const rows: readonly BenchRow[] = [
      rateRow('resolutions over mixed programs in a month of nights, one core, from cold', '/s', 500_000, rates.month),
      row('the same in a year of nights, most of them laid out for one question', '/s', null, rates.year),
      row('year of 100,000 light points, 800 positions × 300 calendars, cold', 's', 30, [cold]),
      row('the same year again, at another price', 's', 5, [warm]),
      row('the same year, one calendar changed', 's', 5, [edited]),
    ];
    return rows;
  },
};
