import { type Instant, parseInstant, type TimeZone, timeZone } from '#domain/civil-time.ts';
import type { Language } from '../words/formats.ts';
import { type Words, wordsOf } from '../words/words.ts';

/** Where and when a page is read: what every figure needs to be printed. */
export interface ReadingPlace {
  readonly language: Language;
  readonly words: Words;
  readonly zone: TimeZone;
  readonly now: Instant;
  /** Civil seconds in one elapsed second. */
  readonly clockSpeed: number;
}

export const instantOrNull = (at: string | null): Instant | null => (at === null ? null : parseInstant(at));

export const placeOf = (
  reader: { readonly language: Language },
  site: { readonly timeZone: string; readonly now: string; readonly clockSpeed: number },
): ReadingPlace => ({
  language: reader.language,
  words: wordsOf(reader.language),
  zone: timeZone(site.timeZone),
  now: parseInstant(site.now),
  clockSpeed: site.clockSpeed,
});
