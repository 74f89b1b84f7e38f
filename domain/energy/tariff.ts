import { type CivilDate, civilDate } from '../civil-time.ts';
import type { WattHours } from '../units.ts';
import type { Energy, EnergyQuality } from './reading.ts';

/** A price list from a civil date on, taxes included, until the next one. */
export interface TariffPeriod {
  readonly from: CivilDate;
  readonly energyEuroCentsPerKWh: number;
  /** Null where the source gives none: a day's amount is then unknown, never without its standing charge. */
  readonly standingEurosPerMonth: number | null;
  readonly source: string;
}

/** A tariff as dated data. */
export interface Tariff {
  readonly id: string;
  readonly name: string;
  /** Ascending by date. */
  readonly periods: readonly TariffPeriod[];
}

/** Whole euro cents. */
export interface Cost {
  readonly cents: number | null;
  readonly quality: EnergyQuality;
}

/** The price list of a day, or null before the first one. */
export const tariffOn = (tariff: Tariff, date: CivilDate): TariffPeriod | null =>
  tariff.periods.findLast((period) => period.from <= date) ?? null;

const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const daysInYear = (date: CivilDate): number => (isLeapYear(Number(date.slice(0, 4))) ? 366 : 365);

/**
 * Standing charge of one civil day in euro cents, not rounded: twelve months spread evenly over the 365 or 366 days of
 * its year, whatever the month's length. Null where the tariff gives none.
 */
export const standingCentsOfDay = (tariff: Tariff, date: CivilDate): number | null => {
  const monthly = tariffOn(tariff, date)?.standingEurosPerMonth ?? null;
  return monthly === null ? null : (monthly * 1200) / daysInYear(date);
};

/** A hair above the half, so that 0.5 cent made of decimal prices is not lost to binary fractions. */
const roundCents = (cents: number): number => Math.round(cents + 1e-9);

const exactCentsOfDay = (tariff: Tariff, date: CivilDate, energyWh: WattHours): number | null => {
  const period = tariffOn(tariff, date);
  const standing = standingCentsOfDay(tariff, date);
  return period === null || standing === null ? null : (energyWh / 1000) * period.energyEuroCentsPerKWh + standing;
};

const costOf = (cents: number | null, quality: EnergyQuality): Cost =>
  cents === null ? { cents: null, quality: 'missing' } : { cents: roundCents(cents), quality };

/** Cost of a civil day: energy × price + standing charge of the day, rounded to the cent once, at the end. */
export const costOfDay = (tariff: Tariff, date: CivilDate, { energyWh, quality }: Energy): Cost =>
  costOf(energyWh === null ? null : exactCentsOfDay(tariff, date, energyWh), quality);

/** Cost of several civil days, rounded once: it differs from the sum of the days' own amounts by half a cent a day at most. */
export const costOfDays = (tariff: Tariff, days: readonly (Energy & { readonly date: CivilDate })[]): Cost => {
  const parts = days.map(({ date, energyWh }) => (energyWh === null ? null : exactCentsOfDay(tariff, date, energyWh)));
  if (parts.length === 0 || parts.includes(null)) return costOf(null, 'missing');
  const quality = days.some((day) => day.quality === 'estimated') ? 'estimated' : 'measured';
  return costOf(
    parts.reduce<number>((sum, part) => sum + (part ?? 0), 0),
    quality,
  );
};

/** Checks that periods ascend, and brands their dates. Throws a `RangeError`. */
export const defineTariff = (
  tariff: Omit<Tariff, 'periods'> & { readonly periods: readonly (Omit<TariffPeriod, 'from'> & { readonly from: string })[] },
): Tariff => {
  const periods = tariff.periods.map((period) => ({ ...period, from: civilDate(period.from) }));
  if (periods.some((period, index) => index > 0 && period.from <= (periods[index - 1]?.from ?? '')))
    throw new RangeError(`The periods of tariff ${tariff.id} must ascend`);
  return { ...tariff, periods };
};
