import type { CivilTime, Instant, TimeZone } from '#domain/civil-time.ts';
import { civilTimeOf, instant } from '#domain/civil-time.ts';
import type { Finding } from '#domain/lighting/finding.ts';
import type { Installation } from '#domain/lighting/installation.ts';
import type { LawRule } from '#domain/lighting/law-rule.ts';
import { ARRETE_2018_12_27, COLOUR_TEMPERATURE } from '#domain/lighting/laws/arrete-2018-12-27.ts';
import type { LitNight } from '#domain/lighting/lit-nights.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** A minute late is a rounding, not a fault. */
const TOLERANCE_MS = 60_000;
const NOON = '12:00';

/** The rule in force for a category on a date. */
const ruleOf = ({ category }: Installation, night: LitNight): LawRule | undefined =>
  ARRETE_2018_12_27.findLast((rule) => rule.category === category && rule.from <= night.day.date);

const isDerogated = ({ derogations = [] }: Installation, { day }: LitNight): boolean =>
  derogations.some(({ from, to }) => to !== undefined && from <= day.date && day.date <= to);

/** The latest instant of a night at which it may be lit; null when its hour is not known or not regulated. */
const latestOf = ({ offAtLatest = {} }: LawRule, { endsAt }: Installation, { day }: LitNight): Instant | null => {
  const { time, minutesAfterEnd } = offAtLatest;
  const known = [
    ...(time === undefined ? [] : [day.instantOf(time)]),
    ...(minutesAfterEnd === undefined || endsAt === undefined ? [] : [day.instantOf(endsAt) + minutesAfterEnd * MINUTE_MS]),
  ];
  return known.length === 0 ? null : instant(Math.max(...known));
};

/** From when it may be lit again in the morning. */
const morningOf = ({ morningFrom }: LawRule, { beginsAt }: Installation, { day }: LitNight): number => {
  if (morningFrom === undefined) return day.endAt;
  const morning = day.instantOf(morningFrom);
  const isMorning = (time: CivilTime | undefined): time is CivilTime => time !== undefined && time < NOON;
  return isMorning(beginsAt) ? Math.min(morning, day.instantOf(beginsAt) - HOUR_MS) : morning;
};

const isLitWithin = ({ lit }: LitNight, from: number, to: number): boolean =>
  lit.some((stretch) => Math.min(stretch.to, to) - Math.max(stretch.from, from) > TOLERANCE_MS);

interface Broken {
  readonly night: LitNight;
  readonly rule: LawRule;
  readonly limit: string;
}

const nightly = (code: 'lit-after-limit' | 'lit-before-sunset', broken: readonly Broken[], path: string): readonly Finding[] => {
  const [first] = broken;
  if (first === undefined) return [];
  const { rule, limit, night } = first;
  return [{ code, path, rule, firstOn: night.day.date, fields: { nights: broken.length, date: night.day.date, limit } }];
};

const afterLimit = (installation: Installation, nights: readonly LitNight[], zone: TimeZone): readonly Broken[] =>
  nights.flatMap((night) => {
    const rule = ruleOf(installation, night);
    const latest = rule === undefined ? null : latestOf(rule, installation, night);
    if (rule === undefined || latest === null || !isLitWithin(night, latest, morningOf(rule, installation, night))) return [];
    return [{ night, rule, limit: civilTimeOf(latest, zone).slice(0, NOON.length) }];
  });

const beforeSunset = (installation: Installation, nights: readonly LitNight[]): readonly Broken[] =>
  nights.flatMap((night) => {
    const rule = ruleOf(installation, night);
    const { sunsetAt } = night.sun;
    if (rule?.isOnAfterSunset !== true || sunsetAt === null || !isLitWithin(night, night.day.startAt, sunsetAt)) return [];
    return [{ night, rule, limit: 'coucher' }];
  });

const unknownClosing = (installation: Installation, [night]: readonly LitNight[], path: string): readonly Finding[] => {
  const rule = night === undefined ? undefined : ruleOf(installation, night);
  const { time, minutesAfterEnd } = rule?.offAtLatest ?? {};
  if (rule === undefined || minutesAfterEnd === undefined || time !== undefined || installation.endsAt !== undefined) return [];
  return [{ code: 'closing-unknown', path, rule, firstOn: null, fields: {} }];
};

const colour = ({ category, colourTemperatureK }: Installation, path: string): readonly Finding[] => {
  const { atMostK, categories } = COLOUR_TEMPERATURE;
  if (colourTemperatureK === undefined || colourTemperatureK <= atMostK || !categories.includes(category)) return [];
  return [
    {
      code: 'colour-temperature',
      path,
      rule: COLOUR_TEMPERATURE,
      firstOn: null,
      fields: { kelvins: colourTemperatureK, most: atMostK },
    },
  ];
};

/** What the order of 27 December 2018 says of the nights of an installation; those of a dated derogation are left out. */
export const checkLaw = (
  installation: Installation,
  nights: readonly LitNight[],
  zone: TimeZone,
  path: string,
): readonly Finding[] => {
  const ordinary = nights.filter((night) => !isDerogated(installation, night));
  const undated = (installation.derogations ?? []).filter(({ to }) => to === undefined);
  return [
    ...nightly('lit-after-limit', afterLimit(installation, ordinary, zone), path),
    ...nightly('lit-before-sunset', beforeSunset(installation, ordinary), path),
    ...unknownClosing(installation, nights, path),
    ...colour(installation, path),
    ...undated.map(
      ({ from, decision }): Finding => ({
        code: 'derogation-undated',
        path,
        rule: null,
        firstOn: from,
        fields: { decision },
      }),
    ),
  ];
};
