import type { Figure } from '#contract/routes/fields.ts';
import { formatAge, formatSince } from '../words/formats.ts';
import { fill } from '../words/words.ts';
import { instantOrNull, type ReadingPlace } from './reading-place.ts';

/** Three periods of a device read each minute, in elapsed time: an accelerated clock makes nothing old sooner. */
const FRESH_MS = 3 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

export type ShownQuality = 'measured' | 'calculated' | 'estimated' | 'doubtful' | 'stale' | 'unknown' | 'masked' | 'decided';

interface ShownValueProps {
  readonly text: string;
  readonly quality: ShownQuality;
  readonly note?: string | undefined;
}

const MARKS: Partial<Readonly<Record<ShownQuality, string>>> = { calculated: '=', estimated: '≈', doubtful: '?', masked: '▒' };

/** A figure as it is printed: the mark of its doubt before, the words of its doubt after. No page prints a figure without it. */
export const ShownValue = ({ text, quality, note }: ShownValueProps) => (
  <span class="value" data-quality={quality}>
    {MARKS[quality] === undefined ? null : (
      <span class="value-mark" aria-hidden="true">
        {MARKS[quality]}{' '}
      </span>
    )}
    <span class="value-figure">{text}</span>
    {note === undefined ? null : <small class="value-note"> {note}</small>}
  </span>
);

interface ValueWithQualityProps {
  readonly figure: Figure;
  readonly format: (value: number) => string;
  readonly place: ReadingPlace;
}

/** A measured figure with its age and quality; a missing one is a dash with since when, never 0. */
export const ValueWithQuality = ({ figure, format, place }: ValueWithQualityProps) => {
  const { words, language, zone, now, clockSpeed } = place;
  const at = instantOrNull(figure.at);
  const age = at === null ? null : now - at;
  if (figure.value === null || figure.quality === 'missing' || age === null || age > DAY_MS * clockSpeed) {
    const since = at === null ? words.quality.unknown : unknownSince(place, at);
    return <ShownValue text="—" quality="unknown" note={since} />;
  }
  if (age > FRESH_MS * clockSpeed)
    return <ShownValue text={format(figure.value)} quality="stale" note={formatAge(at ?? now, now, zone, language)} />;
  if (figure.quality === 'measured') return <ShownValue text={format(figure.value)} quality="measured" />;
  return <ShownValue text={format(figure.value)} quality={figure.quality} note={words.quality[figure.quality]} />;
};

const unknownSince = ({ words, language, zone, now }: ReadingPlace, at: NonNullable<ReturnType<typeof instantOrNull>>): string =>
  fill(words.quality.unknownSince, { moment: formatSince(at, now, zone, language) });

/** A number that somebody decided (a level asked, a tariff): there is nothing to doubt. */
export const DecidedValue = ({ text }: { readonly text: string }) => <ShownValue text={text} quality="decided" />;
