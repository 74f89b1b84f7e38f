import type { Amount } from '#contract/routes/fields.ts';
import { formatEuros, type Language } from '../words/formats.ts';
import type { Words } from '../words/words.ts';
import { ShownValue } from './value-with-quality.tsx';

interface Props {
  readonly amount: Amount;
  readonly language: Language;
  readonly words: Words;
  readonly format?: (euros: number, language: Language) => string;
}

/** Euros with what they are worth; without a measure there is a dash, never 0 €. */
export const AmountWithQuality = ({ amount, language, words, format = formatEuros }: Props) => {
  if (amount.euros === null || amount.quality === 'missing')
    return <ShownValue text="—" quality="unknown" note={words.quality.missing} />;
  if (amount.quality === 'estimated')
    return <ShownValue text={format(amount.euros, language)} quality="estimated" note={words.quality.estimated} />;
  return <ShownValue text={format(amount.euros, language)} quality="measured" />;
};
