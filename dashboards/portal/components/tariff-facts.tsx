import type { BuildingAnswer } from '#contract/routes/housing.ts';
import { formatCentsPerKilowattHour, formatCivilDayWithYear, formatEuros, type Language } from '../words/formats.ts';
import { fill, type Words } from '../words/words.ts';
import { FactList } from './fact-list.tsx';
import { Sentence } from './sentence.tsx';
import { DecidedValue } from './value-with-quality.tsx';

interface Props {
  readonly tariff: BuildingAnswer['commonParts']['tariff'];
  readonly language: Language;
  readonly words: Words;
}

/** The dated, sourced prices behind an amount. */
export const TariffFacts = ({ tariff, language, words }: Props) => (
  <>
    <FactList
      facts={[
        {
          name: fill(words.building.tariffName, { name: tariff.name, date: formatCivilDayWithYear(tariff.from, language) }),
          value: <DecidedValue text={formatCentsPerKilowattHour(tariff.energyEuroCentsPerKWh, language)} />,
        },
        {
          name: words.building.standing,
          value:
            tariff.standingEurosPerMonth === null ? (
              words.quality.unknown
            ) : (
              <Sentence
                text={words.building.perMonth}
                values={{ amount: <DecidedValue text={formatEuros(tariff.standingEurosPerMonth, language)} /> }}
              />
            ),
        },
      ]}
    />
    <p class="meta">
      <Sentence text={words.building.source} values={{ source: <span lang="en">{tariff.source}</span> }} />
    </p>
  </>
);
