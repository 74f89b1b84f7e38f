import type { HomeAnswer, HomeDetailsAnswer } from '#contract/routes/housing.ts';
import { addDays, type CivilDate, formatInstant, type Instant, instant, startOfDay } from '#domain/civil-time.ts';
import { DAY_BOUNDARY } from '#domain/energy/cumulative-register.ts';
import { energyBySteps, type LoadStep } from '#domain/energy/load-curve.ts';
import { type Cost, costOfDay, standingCentsOfDay } from '#domain/energy/tariff.ts';
import { compareWithUsual } from '#domain/housing/usual-day.ts';
import type { DwellingId } from '#domain/identifiers.ts';
import type { Principal } from '#domain/people/permission.ts';
import { minutes } from '#domain/units.ts';
import { type DwellingView, type HomeMeans, viewDwelling } from './dwelling-view.ts';
import { amountOf, tariffAnswer } from './tariff-of.ts';

const STEP = minutes(30);
const DAYS_OF_COMPARISON = 8;
const DAYS_OF_DETAILS = 30;

const costOf = (view: DwellingView, date: CivilDate): Cost => costOfDay(view.tariff(date), date, view.energyOf(date));

/** Today's half-hours, of which those before the consent hold nothing; null without a consent to them. */
const todaySteps = ({ finer, count, today, site, now }: DwellingView): readonly LoadStep[] | null => {
  if (finer === null) return null;
  const steps = energyBySteps(count, startOfDay(today, site.zone), now, STEP);
  return steps.map((step) => (step.startsAt < finer.from ? { ...step, energyWh: null, quality: 'missing' as const } : step));
};

/** From midnight to the end of the last half-hour that has a measure, the whole day's standing charge included. */
const todayAmount = (view: DwellingView): HomeAnswer['today'] => {
  const steps = todaySteps(view);
  if (steps === null) return null;
  const last = steps.findLast(({ energyWh }) => energyWh !== null);
  if (last === undefined) return { euros: null, quality: 'missing', until: null };
  const until: Instant = instant(last.startsAt + STEP * 1000);
  const energy = view.count.between(startOfDay(view.today, view.site.zone), until, DAY_BOUNDARY);
  return { ...amountOf(costOfDay(view.tariff(view.today), view.today, energy)), until: formatInstant(until) };
};

const standingEuros = (view: DwellingView): number | null => {
  const cents = standingCentsOfDay(view.tariff(view.today), view.today);
  return cents === null ? null : Math.round(cents) / 100;
};

const sharedFacts = (means: HomeMeans, view: DwellingView) => ({
  dwelling: view.dwelling.id,
  field: means.field,
  timeZone: view.site.zone,
  now: formatInstant(view.now),
  clockSpeed: means.clock.speed,
  grain: view.finer === null ? ('day' as const) : ('30min' as const),
  tariff: tariffAnswer(view.tariff(view.today), view.today),
});

/** What a tenant reads first: euros. */
export const readHomeOf = async (means: HomeMeans, id: DwellingId, principal: Principal): Promise<HomeAnswer> => {
  const view = await viewDwelling(means, id, principal, DAYS_OF_COMPARISON);
  const yesterday = addDays(view.today, -1);
  const cost = costOf(view, yesterday);
  return {
    ...sharedFacts(means, view),
    displayName: view.dwelling.label,
    yesterday: { ...amountOf(cost), date: yesterday },
    today: todayAmount(view),
    standingEurosPerDay: standingEuros(view),
    state: compareWithUsual(cost.cents, costOf(view, addDays(yesterday, -7)).cents),
    lastReadingAt: view.count.last === null ? null : formatInstant(view.count.last),
  };
};

/** Kilowatt-hours by day, the last thirty finished days, and today's half-hours for who chose them. */
export const readHomeDetailsOf = async (means: HomeMeans, id: DwellingId, principal: Principal): Promise<HomeDetailsAnswer> => {
  const view = await viewDwelling(means, id, principal, DAYS_OF_DETAILS);
  const dates = Array.from({ length: DAYS_OF_DETAILS }, (_, index) => addDays(view.today, index - DAYS_OF_DETAILS));
  const steps = todaySteps(view);
  const days = dates.map((date) => {
    const { energyWh, quality } = view.energyOf(date);
    return { date, energyWh, quality, euros: amountOf(costOf(view, date)).euros };
  });
  // Days before the first measure were never promised: a missing day is one after it.
  const first = days.findIndex(({ energyWh }) => energyWh !== null);
  return {
    ...sharedFacts(means, view),
    days: first === -1 ? [] : days.slice(first),
    today: steps?.map(({ startsAt, energyWh, quality }) => ({ startsAt: formatInstant(startsAt), energyWh, quality })) ?? null,
  };
};
