import type { TimeZone } from '#domain/civil-time.ts';
import { civilDate, dayNumberOf } from '#domain/civil-time.ts';
import type { CarbonFactor } from '#domain/energy/carbon-factor.ts';
import type { Calendar } from '#domain/lighting/calendar.ts';
import { chooseProgram } from '#domain/lighting/calendar.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { PowerTable } from '#domain/lighting/expected-power.ts';
import { expectedPower } from '#domain/lighting/expected-power.ts';
import type { NightLedger, ProgramVariant } from '#domain/lighting/night-ledger.ts';
import { createNightLedger } from '#domain/lighting/night-ledger.ts';
import type { CompiledProgram } from '#domain/lighting/program-course.ts';
import { compileProgram } from '#domain/lighting/program-course.ts';
import type { DayOffset, ProgramDays } from '#domain/lighting/program-day.ts';
import { createProgramDays } from '#domain/lighting/program-day.ts';
import type { Position } from '#domain/lighting/sun.ts';
import { createSunTable } from '#domain/lighting/sun-table.ts';
import { percent } from '#domain/units.ts';

/** What lights could run, published or not. */
export interface YearPlan {
  readonly programs: readonly ControlProgram[];
  readonly calendars: readonly Calendar[];
  /** Of a light point, or of a day, without a program: 0 to 100 % of full light. */
  readonly defaultLevelPercent: number;
}

export interface SimulatedLight {
  readonly position: Position;
  /** A program every day, or what a calendar chooses; neither: the default level. */
  readonly program?: string;
  readonly calendar?: string;
  readonly powerTable: PowerTable;
  /** Lit below this level, it leaves the lowest class that its street may have; absent: no class is asked. */
  readonly floorPercent?: number;
}

export interface ElectricityPrice {
  readonly euroCentsPerKWh: number;
  /** Contract and date, as shown beside the amount. */
  readonly version: string;
}

export interface YearQuestion {
  readonly plan: YearPlan;
  readonly lights: readonly SimulatedLight[];
  readonly price: ElectricityPrice;
  readonly carbon: CarbonFactor;
}

/** A year of program days, from that of 1 January; sensors are silent in it. */
export interface YearReport {
  readonly nights: number;
  /** Hours lit, mean over the light points. */
  readonly litHours: number;
  readonly energyWh: number;
  readonly costEuroCents: number;
  readonly priceVersion: string;
  readonly co2Grams: number;
  readonly carbonVersion: string;
  /** Light-point hours lit below the floor of their class. */
  readonly belowFloorHours: number;
  /** In the order of the lights asked about. */
  readonly lights: readonly LightYear[];
}

export interface LightYear {
  readonly litHours: number;
  readonly energyWh: number;
  readonly belowFloorHours: number;
}

/** How long each level lasts in the year, in order of level. */
export type LevelHours = readonly { readonly levelPercent: number; readonly hours: number }[];

export interface YearSimulator {
  simulate(question: YearQuestion): YearReport;
  /** What one light point does in the year. */
  levelHours(light: Pick<SimulatedLight, 'position' | 'program' | 'calendar'>, plan: YearPlan): LevelHours;
}

const HOUR_MS = 3_600_000;
const WH_PER_KWH = 1000;
const LEVELS = 101;
const NO_PROGRAM = -1;

/** Which variant runs on each day of the year; light points of one profile and one place share their nights. */
interface Profile {
  readonly number: number;
  readonly variants: Int32Array;
  readonly defaultLevelPercent: number;
}

interface Year {
  readonly days: ProgramDays;
  readonly firstDay: number;
  readonly nights: number;
  readonly dayOffset: DayOffset;
}

/** Gives each program, variant and profile a number, the same for the same content of two plans. */
const createProfiles = ({ days, firstDay, nights, dayOffset }: Year) => {
  const compiled = new Map<ControlProgram, CompiledProgram>();
  const variants: ProgramVariant[] = [];
  const variantNumbers = new Map<CompiledProgram, Map<number | null, number>>();
  const profiles = new Map<string, Profile>();
  const compiledOf = (program: ControlProgram): CompiledProgram => {
    const known = compiled.get(program) ?? compileProgram(program, dayOffset);
    compiled.set(program, known);
    return known;
  };
  const variantOf = (program: CompiledProgram, carried: number | null): number => {
    const own = variantNumbers.get(program) ?? new Map<number | null, number>();
    variantNumbers.set(program, own);
    const known = own.get(carried) ?? variants.push({ compiled: program, carried }) - 1;
    own.set(carried, known);
    return known;
  };
  const programsOn = (source: ControlProgram | Calendar, programs: ReadonlyMap<string, ControlProgram>) =>
    Array.from({ length: nights + 1 }, (_, index): CompiledProgram | null => {
      if (!('rules' in source)) return compiledOf(source);
      const chosen = chooseProgram(source, days.numbered(firstDay - 1 + index).date);
      const program = programs.get(chosen?.program ?? '');
      return program === undefined ? null : compiledOf(program);
    });
  return {
    variants,
    profileOf: (source: ControlProgram | Calendar | null, { programs, defaultLevelPercent }: YearPlan): Profile => {
      const run = new Int32Array(nights).fill(NO_PROGRAM);
      const all = new Map(programs.map((program) => [program.id, program]));
      const daily = source === null ? [] : programsOn(source, all);
      for (const index of run.keys()) {
        const program = daily[index + 1] ?? null;
        if (program !== null) run[index] = variantOf(program, daily[index]?.lastLevelPercent ?? null);
      }
      const key = `${run.includes(NO_PROGRAM) ? defaultLevelPercent : ''}:${run.join()}`;
      const known = profiles.get(key) ?? { number: profiles.size, variants: run, defaultLevelPercent };
      profiles.set(key, known);
      return known;
    },
  };
};

const addUp = (profile: Profile, ledger: NightLedger, { days, firstDay }: Year): LevelHours => {
  const totals = new Float64Array(LEVELS);
  for (let index = 0; index < profile.variants.length; index += 1) {
    const variant = profile.variants[index] ?? NO_PROGRAM;
    if (variant !== NO_PROGRAM) ledger.add(totals, variant, index);
    else {
      const { startAt, endAt } = days.numbered(firstDay + index);
      totals[profile.defaultLevelPercent] = (totals[profile.defaultLevelPercent] ?? 0) + endAt - startAt;
    }
  }
  return [...totals.entries()].flatMap(([levelPercent, ms]) => (ms === 0 ? [] : [{ levelPercent, hours: ms / HOUR_MS }]));
};

const lightYear = (hoursByLevel: LevelHours, { powerTable, floorPercent = 0 }: SimulatedLight): LightYear => {
  let litHours = 0;
  let energyWh = 0;
  let belowFloorHours = 0;
  for (const { levelPercent, hours } of hoursByLevel) {
    energyWh += hours * expectedPower(powerTable, percent(levelPercent));
    if (levelPercent > 0) litHours += hours;
    if (levelPercent > 0 && levelPercent < floorPercent) belowFloorHours += hours;
  }
  return { litHours, energyWh, belowFloorHours };
};

const sumOf = (lights: readonly LightYear[], field: keyof LightYear): number =>
  lights.reduce((sum, light) => sum + light[field], 0);

type Placed = Pick<SimulatedLight, 'position'> & { readonly profile: Profile };

/** Each light point with what it runs, resolved once per program and per calendar. */
const placeLights = (
  lights: readonly Pick<SimulatedLight, 'position' | 'program' | 'calendar'>[],
  plan: YearPlan,
  profileOf: (source: ControlProgram | Calendar | null, plan: YearPlan) => Profile,
): readonly Placed[] => {
  const programs = new Map(plan.programs.map((program) => [program.id, program]));
  const calendars = new Map(plan.calendars.map((calendar) => [calendar.id, calendar]));
  const known = new Map<ControlProgram | Calendar | null, Profile>();
  return lights.map(({ position, program, calendar }) => {
    const source = programs.get(program ?? '') ?? calendars.get(calendar ?? '') ?? null;
    const profile = known.get(source) ?? profileOf(source, plan);
    known.set(source, profile);
    return { position, profile };
  });
};

/** What a year of a zone costs. Nights are laid out once for each place and program, and kept added up for the next question. */
export const createYearSimulator = (year: number, zone: TimeZone, dayOffset: DayOffset): YearSimulator => {
  const firstDay = dayNumberOf(civilDate(`${year}-01-01`));
  const nights = dayNumberOf(civilDate(`${year + 1}-01-01`)) - firstDay;
  const days = createProgramDays(zone, dayOffset);
  const own: Year = { days, firstDay, nights, dayOffset };
  const { variants, profileOf } = createProfiles(own);
  const addedUp = new Map<string, Map<number, LevelHours>>();
  const hoursOf = (placed: readonly Placed[]): readonly LevelHours[] => {
    const answers: LevelHours[] = new Array<LevelHours>(placed.length);
    const byPlace = Map.groupBy(placed.keys(), (index) => {
      const { latitude = 0, longitude = 0 } = placed[index]?.position ?? {};
      return `${latitude} ${longitude}`;
    });
    for (const [place, indices] of byPlace) {
      const known = addedUp.get(place) ?? new Map<number, LevelHours>();
      addedUp.set(place, known);
      let ledger: NightLedger | null = null;
      for (const index of indices) {
        const { position, profile } = placed[index] as Placed;
        let hours = known.get(profile.number);
        if (hours === undefined) {
          ledger ??= createNightLedger(variants, createSunTable(position, days), days, firstDay, nights);
          hours = addUp(profile, ledger, own);
          known.set(profile.number, hours);
        }
        answers[index] = hours;
      }
    }
    return answers;
  };
  return {
    levelHours: (light, plan) => hoursOf(placeLights([light], plan, profileOf))[0] ?? [],
    simulate: ({ plan, lights, price, carbon }) => {
      const hours = hoursOf(placeLights(lights, plan, profileOf));
      const years = lights.map((light, index) => lightYear(hours[index] ?? [], light));
      const energyWh = sumOf(years, 'energyWh');
      return {
        nights,
        litHours: years.length === 0 ? 0 : sumOf(years, 'litHours') / years.length,
        energyWh,
        costEuroCents: (energyWh / WH_PER_KWH) * price.euroCentsPerKWh,
        priceVersion: price.version,
        co2Grams: (energyWh / WH_PER_KWH) * carbon.gramsPerKWh,
        carbonVersion: carbon.version,
        belowFloorHours: sumOf(years, 'belowFloorHours'),
        lights: years,
      };
    },
  };
};
