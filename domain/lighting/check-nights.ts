import type { CivilDate } from '#domain/civil-time.ts';
import type { DaySun } from '#domain/lighting/active-spans.ts';
import { clockSpans, sunSpans } from '#domain/lighting/active-spans.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { Finding, FindingCode } from '#domain/lighting/finding.ts';
import type { LitNight, LitStretch } from '#domain/lighting/lit-nights.ts';
import type { ProgramDay } from '#domain/lighting/program-day.ts';

const MINUTE_MS = 60_000;
/** Lit for less is a nuisance and a strain on the gear: "the morning on for 8 minutes". */
const LEAST_LIT_MINUTES = 30;
/** How far from the night a light may be lit before it burns by day. */
const TWILIGHT_MS = 60 * MINUTE_MS;

const finding = (
  code: FindingCode,
  path: string,
  dates: readonly CivilDate[],
  fields: Finding['fields'] = {},
): readonly Finding[] => {
  const [firstOn] = dates;
  if (firstOn === undefined) return [];
  return [{ code, path, rule: null, firstOn, fields: { nights: dates.length, date: firstOn, ...fields } }];
};

const isWithinDay = ({ from, to }: LitStretch, { startAt, endAt }: ProgramDay): boolean => from > startAt && to < endAt;

/** Where in a program a stretch begins: its fixed-time control, or the program. */
const placeOf = ({ day, governed }: LitNight, { from }: LitStretch, programs: readonly ControlProgram[]): string => {
  const index = programs.findIndex(({ id }) => id === governed.program?.id);
  const control = programs[index]?.fixedTimeControls.findIndex(({ startTime }) => day.instantOf(startTime) === from) ?? -1;
  return control === -1 ? `programs.${index}` : `programs.${index}.fixedTimeControls.${control}`;
};

const briefly = (nights: readonly LitNight[], programs: readonly ControlProgram[]): readonly Finding[] => {
  const brief = nights.flatMap((night) =>
    night.lit.flatMap((stretch) => {
      const ms = stretch.to - stretch.from;
      if (!isWithinDay(stretch, night.day) || ms >= LEAST_LIT_MINUTES * MINUTE_MS) return [];
      return [{ date: night.day.date, ms, path: placeOf(night, stretch, programs) }];
    }),
  );
  return [...Map.groupBy(brief, ({ path }) => path)].flatMap(([path, list]) => {
    const minutes = Math.floor(Math.min(...list.map(({ ms }) => ms)) / MINUTE_MS);
    return finding(
      'lit-briefly',
      path,
      list.map(({ date }) => date),
      { minutes, least: LEAST_LIT_MINUTES },
    );
  });
};

const isLitByDay = ({ lit, sun }: LitNight): boolean =>
  sun.nights.some(({ polar }) => polar === 'light')
    ? lit.length > 0
    : lit.some(({ from, to }) => {
        const dark = sun.nights.reduce(
          (sum, { sunsetAt, sunriseAt }) =>
            sum + Math.max(0, Math.min(to, (sunriseAt ?? to) + TWILIGHT_MS) - Math.max(from, (sunsetAt ?? from) - TWILIGHT_MS)),
          0,
        );
        return to - from - dark > MINUTE_MS;
      });

/** What is absurd in the nights of a year, whatever the law says. */
export const checkNights = (
  nights: readonly LitNight[],
  programs: readonly ControlProgram[],
  path: string,
): readonly Finding[] => {
  const year = Number(nights[0]?.day.date.slice(0, 4));
  if (nights.every(({ lit }) => lit.length === 0))
    return [{ code: 'never-lit', path, rule: null, firstOn: null, fields: { year } }];
  const byDay = nights.filter(isLitByDay).map(({ day }) => day.date);
  return [...briefly(nights, programs), ...finding('lit-by-day', path, byDay)];
};

/** Active periods of a program against each other over days: those that overlap, those that end before they begin. */
export const checkPeriods = (
  { activePeriods }: ControlProgram,
  days: readonly { readonly day: ProgramDay; readonly sun: DaySun }[],
  path: string,
): readonly Finding[] => {
  const clocked = activePeriods.flatMap((period, index) =>
    period.name === 'AbsoluteActivePeriod' || period.name === 'AstroClockActivePeriod' ? [{ period, index }] : [],
  );
  const laid = days.map(({ day, sun }) => ({
    date: day.date,
    spans: clocked.map(({ period }) => [...clockSpans([period], day), ...sunSpans([period], day, sun)]),
  }));
  return clocked.flatMap(({ index: second }, rank) => {
    const place = `${path}.activePeriods.${second}`;
    const empty = laid.filter(({ spans }) => spans[rank]?.length === 0).map(({ date }) => date);
    const overlaps = clocked.slice(0, rank).flatMap(({ index: first }, before) => {
      const dates = laid.filter(({ spans }) =>
        spans[rank]?.some((one) => spans[before]?.some((other) => one.from < other.to && other.from < one.to)),
      );
      return finding(
        'periods-overlap',
        place,
        dates.map(({ date }) => date),
        { first: first + 1, second: second + 1 },
      );
    });
    return [...overlaps, ...finding('period-void', place, empty, { first: second + 1 })];
  });
};
