import type { HousingRegistry } from '#contract/ports/housing-registry.ts';
import type { Amount } from '#contract/routes/fields.ts';
import type { CivilDate } from '#domain/civil-time.ts';
import { type Cost, type Tariff, tariffOn } from '#domain/energy/tariff.ts';
import { DEFAULT_TARIFF, TARIFFS } from '#domain/energy/tariffs/catalogue.ts';
import type { DwellingId, SiteId } from '#domain/identifiers.ts';

/** The tariff by which a dwelling's, or a building's common parts', energy of any day is counted. */
export type TariffByDay = (date: CivilDate) => Tariff;

export const readTariff = async (
  housing: Pick<HousingRegistry, 'tariffChoicesOf'>,
  subject: DwellingId | SiteId,
): Promise<TariffByDay> => {
  const choices = await housing.tariffChoicesOf(subject);
  return (date) => TARIFFS.get(choices.findLast(({ from }) => from <= date)?.tariff ?? '') ?? DEFAULT_TARIFF;
};

/** What is said of the tariff behind an amount; before its first price list, that list. */
export const tariffAnswer = (tariff: Tariff, date: CivilDate) => {
  const period = tariffOn(tariff, date) ?? tariff.periods[0];
  if (period === undefined) throw new RangeError(`Tariff ${tariff.id} has no price list`);
  const { from, energyEuroCentsPerKWh, standingEurosPerMonth, source } = period;
  return { name: tariff.name, from, energyEuroCentsPerKWh, standingEurosPerMonth, source };
};

export const amountOf = ({ cents, quality }: Cost): Amount => ({ euros: cents === null ? null : cents / 100, quality });
