import type { Calendar } from '#domain/lighting/calendar.ts';
import { chooseProgram } from '#domain/lighting/calendar.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { ProgramVariant } from '#domain/lighting/night-ledger.ts';
import type { CompiledProgram } from '#domain/lighting/program-course.ts';
import { compileProgram } from '#domain/lighting/program-course.ts';
import type { DayOffset, ProgramDays } from '#domain/lighting/program-day.ts';

/** What lights could run, published or not. */
export interface YearPlan {
  readonly programs: readonly ControlProgram[];
  readonly calendars: readonly Calendar[];
  /** Of a light point, or of a day, without a program: 0 to 100 % of full light. */
  readonly defaultLevelPercent: number;
}

/** The program days of a year, from that of 1 January. */
export interface Year {
  readonly days: ProgramDays;
  readonly firstDay: number;
  readonly nights: number;
  readonly dayOffset: DayOffset;
}

/** Which variant runs on each day of the year; light points of one profile and one place share their nights. */
export interface Profile {
  readonly number: number;
  /** Indices of variants; `NO_PROGRAM` where the default level holds. */
  readonly variants: Int32Array;
  readonly defaultLevelPercent: number;
}

export const NO_PROGRAM = -1;

export interface YearProfiles {
  /** Grows as profiles are asked for. */
  readonly variants: readonly ProgramVariant[];
  profileOf(source: ControlProgram | Calendar | null, plan: YearPlan): Profile;
}

/** Numbers programs by what they are, not by their name: a program changed under its name is another. */
const createVariants = (dayOffset: DayOffset) => {
  const compiled = new Map<ControlProgram, CompiledProgram>();
  const numbers = new Map<CompiledProgram, Map<number | null, number>>();
  const variants: ProgramVariant[] = [];
  return {
    variants,
    compiledOf: (program: ControlProgram): CompiledProgram => {
      const known = compiled.get(program) ?? compileProgram(program, dayOffset);
      compiled.set(program, known);
      return known;
    },
    numberOf: (program: CompiledProgram, carried: number | null): number => {
      const own = numbers.get(program) ?? new Map<number | null, number>();
      numbers.set(program, own);
      const known = own.get(carried) ?? variants.push({ compiled: program, carried }) - 1;
      own.set(carried, known);
      return known;
    },
  };
};

export const createYearProfiles = ({ days, firstDay, nights, dayOffset }: Year): YearProfiles => {
  const { variants, compiledOf, numberOf } = createVariants(dayOffset);
  const profiles = new Map<string, Profile>();
  /** From the day before the first, whose last level the first begins with. */
  const daily = (source: ControlProgram | Calendar, programs: ReadonlyMap<string, ControlProgram>) =>
    Array.from({ length: nights + 1 }, (_, index): CompiledProgram | null => {
      if (!('rules' in source)) return compiledOf(source);
      const chosen = chooseProgram(source, days.numbered(firstDay - 1 + index).date);
      const program = programs.get(chosen?.program ?? '');
      return program === undefined ? null : compiledOf(program);
    });
  return {
    variants,
    profileOf: (source, { programs, defaultLevelPercent }) => {
      const run = new Int32Array(nights).fill(NO_PROGRAM);
      const list = source === null ? [] : daily(source, new Map(programs.map((program) => [program.id, program])));
      for (const index of run.keys()) {
        const program = list[index + 1] ?? null;
        if (program !== null) run[index] = numberOf(program, list[index]?.lastLevelPercent ?? null);
      }
      const key = `${run.includes(NO_PROGRAM) ? defaultLevelPercent : ''}:${run.join()}`;
      const known = profiles.get(key) ?? { number: profiles.size, variants: run, defaultLevelPercent };
      profiles.set(key, known);
      return known;
    },
  };
};
