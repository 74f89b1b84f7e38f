/** Greenhouse gases of one kWh of electricity, as dated data. */
export interface CarbonFactor {
  readonly id: string;
  /** As a person says it, with its year: it is shown beside every figure. */
  readonly version: string;
  readonly gramsPerKWh: number;
  readonly source: string;
  /** `to-verify`: known from no source that could be read; shown as such. */
  readonly certainty: 'sourced' | 'to-verify';
}

const RTE = 'RTE, bilan électrique, analysesetdonnees.rte-france.com';

/** Production: what French power stations emitted. Consumption is higher; which one to use is a choice that is shown. */
export const CARBON_FACTORS: readonly CarbonFactor[] = [
  { id: 'rte-production-2024', version: 'RTE, mix de production 2024', gramsPerKWh: 21.7, source: RTE, certainty: 'sourced' },
  { id: 'rte-production-2023', version: 'RTE, mix de production 2023', gramsPerKWh: 32, source: RTE, certainty: 'sourced' },
  {
    id: 'ademe-consumption-2022',
    version: 'ADEME Base Empreinte, mix moyen consommé 2022-2023',
    gramsPerKWh: 52,
    source: 'ADEME Base Empreinte',
    certainty: 'to-verify',
  },
];
