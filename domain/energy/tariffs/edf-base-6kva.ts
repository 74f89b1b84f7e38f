import { defineTariff } from '../tariff.ts';

const CURRENT = 'EDF Tarif Bleu of 2026-02-01, as in github.com/JC144/EDF_Simulateur_Prix at d6cded4, scripts/tarifs/edf/bleu.js';
const FORMER =
  'EDF Tarif Bleu, former prices of the kWh: JC144/EDF_Simulateur_Prix at d6cded4; kulturegeek.fr 2026-02-02; boursorama.com 2024-02';

/**
 * EDF's regulated Tarif Bleu, option Base, 6 kVA, taxes included. The older periods' standing charges were not found in
 * a source that could be checked, so amounts of their days are unknown. A building's common parts are counted at this
 * same tariff, whatever their own contract, and said so on screen.
 */
export const edfBase6kVA = defineTariff({
  id: 'edf-base-6kva',
  name: 'EDF Tarif Bleu, Base, 6 kVA',
  periods: [
    { from: '2024-02-01', energyEuroCentsPerKWh: 25.16, standingEurosPerMonth: null, source: FORMER },
    { from: '2025-02-01', energyEuroCentsPerKWh: 20.16, standingEurosPerMonth: null, source: FORMER },
    { from: '2025-08-01', energyEuroCentsPerKWh: 19.52, standingEurosPerMonth: null, source: FORMER },
    { from: '2026-02-01', energyEuroCentsPerKWh: 19.4, standingEurosPerMonth: 15.65, source: CURRENT },
  ],
});
