import type { StreetAnswer } from '#contract/routes/lighting.ts';
import { parseInstant, timeZone } from '#domain/civil-time.ts';
import { formatMoment, formatTime, type Language } from '../words/formats.ts';
import { counted, fill, type Words } from '../words/words.ts';
import { departsFromAsked, observedLevel } from './light-point-health.ts';

const isNight = ({ now, sunriseAt, sunsetAt }: StreetAnswer): boolean | null => {
  if (sunriseAt === null || sunsetAt === null) return null;
  // Those of one night, noon to noon, or the next ones: then the sun rises first while it is night.
  const at = parseInstant(now);
  const [rise, set] = [parseInstant(sunriseAt), parseInstant(sunsetAt)];
  return set < rise ? set <= at && at < rise : at < rise || at >= set;
};

interface Count {
  readonly lit: number;
  readonly known: number;
  readonly of: number;
}

const litSentence = ({ lit, known, of }: Count, words: Words, language: Language): string => {
  if (lit === 0 && known === of) return counted(words.street.sentenceOff, known, language);
  if (lit === of) return counted(words.street.sentenceLit, known, language);
  return counted(words.street.sentencePart, lit, language, { of });
};

/** What a person could read aloud: hour, what the lamps do, what departs, what is unknown. */
export const streetSentence = (street: StreetAnswer, words: Words, language: Language): string => {
  const zone = timeZone(street.timeZone);
  const now = parseInstant(street.now);
  const night = isNight(street);
  const hour = `${formatTime(now, zone)}${night === null ? '' : `, ${night ? words.street.night : words.street.day}`}.`;
  const levels = street.lightPoints.map(observedLevel);
  const known = levels.filter((level) => level !== null);
  if (known.length === 0) return `${hour} ${words.street.sentenceUnknown}`;
  const lit = known.filter((level) => level > 0).length;
  const departing = street.lightPoints.filter(departsFromAsked).length;
  const unseen = levels.length - known.length;
  const inForce = street.overrides.filter(({ startsAt, endedAt }) => endedAt === null && parseInstant(startsAt) <= now).length;
  return [
    hour,
    litSentence({ lit, known: known.length, of: levels.length }, words, language),
    departing === 0 ? words.street.sentenceAsAsked : counted(words.street.sentenceDiffer, departing, language),
    ...(unseen === 0 ? [] : [counted(words.street.sentenceUnseen, unseen, language)]),
    ...(inForce === 0 ? [] : [counted(words.street.sentenceOverrides, inForce, language)]),
  ].join(' ');
};

/** When the street will next change by itself. */
export const nextChangeSentence = (street: StreetAnswer, words: Words, language: Language): string | null => {
  const now = parseInstant(street.now);
  const next = street.lightPoints
    .flatMap(({ why }) => (why.nextChangeAt === null ? [] : [parseInstant(why.nextChangeAt)]))
    .filter((at) => at > now)
    .sort((a, b) => a - b)[0];
  if (next === undefined) return null;
  return fill(words.street.nextChange, { moment: formatMoment(next, now, timeZone(street.timeZone), language) });
};
