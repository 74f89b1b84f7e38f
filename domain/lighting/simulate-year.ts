import type { TimeZone } from '#domain/civil-time.ts';
import { civilDate, dayNumberOf } from '#domain/civil-time.ts';
import type { CarbonFactor } from '#domain/energy/carbon-factor.ts';
import type { PowerTable } from '#domain/lighting/expected-power.ts';
import { expectedPower } from '#domain/lighting/expected-power.ts';
import type { DayOffset } from '#domain/lighting/program-day.ts';
import { createProgramDays } from '#domain/lighting/program-day.ts';
import type { LevelHours, RunningLight } from '#domain/lighting/year-hours.ts';
import { createYearHours } from '#domain/lighting/year-hours.ts';
import type { YearPlan } from '#domain/lighting/year-profiles.ts';
import { percent } from '#domain/units.ts';

export interface SimulatedLight extends RunningLight {
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

export interface YearSimulator {
  simulate(question: YearQuestion): YearReport;
}

const WH_PER_KWH = 1000;

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

/** What a year of a zone costs. Nights are laid out once for each place and program, and kept added up for the next question. */
export const createYearSimulator = (year: number, zone: TimeZone, dayOffset: DayOffset): YearSimulator => {
  const firstDay = dayNumberOf(civilDate(`${year}-01-01`));
  const nights = dayNumberOf(civilDate(`${year + 1}-01-01`)) - firstDay;
  const hoursOf = createYearHours({ days: createProgramDays(zone, dayOffset), firstDay, nights, dayOffset });
  return {
    simulate: ({ plan, lights, price, carbon }) => {
      const hours = hoursOf(lights, plan);
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
