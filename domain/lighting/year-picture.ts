import type { CivilTime, TimeZone } from '#domain/civil-time.ts';
import { civilDate, dayNumberOf } from '#domain/civil-time.ts';
import type { Calendar } from '#domain/lighting/calendar.ts';
import { createGovernor, stepHolding } from '#domain/lighting/governor.ts';
import { silentLevel } from '#domain/lighting/night-ledger.ts';
import { compileProgram } from '#domain/lighting/program-course.ts';
import type { DayOffset } from '#domain/lighting/program-day.ts';
import { createProgramDays } from '#domain/lighting/program-day.ts';
import type { Position } from '#domain/lighting/sun.ts';
import { createSunTable } from '#domain/lighting/sun-table.ts';
import type { YearPlan } from '#domain/lighting/year-profiles.ts';

export interface YearPicture {
  /** One row for each program day, from that of 1 January. */
  readonly rows: number;
  /** Steps of a row, by civil time from the start of the program day. */
  readonly columns: number;
  /** 0 to 100 % of full light, row after row. */
  readonly levels: Uint8Array;
}

export interface PictureQuestion {
  readonly year: number;
  readonly zone: TimeZone;
  readonly dayOffset: DayOffset;
  readonly position: Position;
  readonly plan: YearPlan;
  /** What the light point runs: a program of the plan, or a calendar. */
  readonly source: string | Calendar;
  /** A divisor of 60. */
  readonly stepMinutes: number;
}

const MINUTES_IN_A_DAY = 1440;

const timeAfter = (minutes: number, dayOffset: DayOffset): CivilTime => {
  const ofDay = (minutes + dayOffset * 60) % MINUTES_IN_A_DAY;
  return `${String(Math.floor(ofDay / 60)).padStart(2, '0')}:${String(ofDay % 60).padStart(2, '0')}` as CivilTime;
};

/** The year of one light point as a grid for the eye, sensors silent: sunset and sunrise draw its edges. */
export const drawYear = ({ year, zone, dayOffset, position, plan, source, stepMinutes }: PictureQuestion): YearPicture => {
  const days = createProgramDays(zone, dayOffset);
  const programs = new Map(plan.programs.map((program) => [program.id, compileProgram(program, dayOffset)]));
  const governor = createGovernor(source, {
    days,
    sunOf: createSunTable(position, days),
    programOf: (id) => programs.get(id) ?? null,
  });
  const firstDay = dayNumberOf(civilDate(`${year}-01-01`));
  const rows = dayNumberOf(civilDate(`${year + 1}-01-01`)) - firstDay;
  const times = Array.from({ length: MINUTES_IN_A_DAY / stepMinutes }, (_, step) => timeAfter(step * stepMinutes, dayOffset));
  const levels = new Uint8Array(rows * times.length);
  for (let row = 0; row < rows; row += 1) {
    const { day, course } = governor.dayNumbered(firstDay + row);
    for (const [column, time] of times.entries())
      levels[row * times.length + column] =
        course === null ? plan.defaultLevelPercent : silentLevel(stepHolding(course, day.instantOf(time)));
  }
  return { rows, columns: times.length, levels };
};
