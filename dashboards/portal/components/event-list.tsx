import type { StreetAnswer } from '#contract/routes/lighting.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { formatMoment } from '../words/formats.ts';
import { counted, fill, type Words } from '../words/words.ts';
import type { ReadingPlace } from './reading-place.ts';

type StreetEvent = StreetAnswer['events'][number];
type EventWord = Exclude<keyof Words['events'], 'somebody' | 'several'>;

export interface EventLine {
  readonly word: EventWord;
  readonly at: string;
  readonly labels: readonly string[];
}

const SHOWN_LINES = 12;
/** A local change and its repair within this much elapsed time are one story. */
const SAME_STORY_MS = 10 * 60_000;
const MINUTE_MS = 60_000;

const isEventWord = (event: string, words: Words): event is EventWord =>
  event in words.events && event !== 'somebody' && event !== 'several';

const isRepairOf = (departed: StreetEvent, restored: StreetEvent, clockSpeed: number): boolean =>
  departed.event === 'level-departed' &&
  restored.event === 'level-restored' &&
  departed.lightPoint === restored.lightPoint &&
  parseInstant(restored.at) - parseInstant(departed.at) <= SAME_STORY_MS * clockSpeed;

/** Joins a local change with its repair: the older one is dropped. */
const told = (events: readonly StreetEvent[], words: Words, clockSpeed: number): EventLine[] => {
  const repaired = new Set<StreetEvent>();
  return events.flatMap((event) => {
    if (repaired.has(event) || !isEventWord(event.event, words)) return [];
    const departed = events.find((older) => !repaired.has(older) && older.at <= event.at && isRepairOf(older, event, clockSpeed));
    if (departed !== undefined) repaired.add(departed);
    const labels = event.label === null ? [] : [event.label];
    return [{ word: departed === undefined ? event.event : 'departedThenRestored', at: event.at, labels } satisfies EventLine];
  });
};

/** Newest first; what happened to several light points in the same minute is one line. */
export const eventLines = (events: readonly StreetEvent[], words: Words, clockSpeed: number): readonly EventLine[] => {
  const newestFirst = [...events].sort((a, b) => parseInstant(b.at) - parseInstant(a.at));
  const lines = new Map<string, EventLine>();
  for (const line of told(newestFirst, words, clockSpeed)) {
    const key = `${line.word} ${Math.floor(parseInstant(line.at) / (MINUTE_MS * clockSpeed))}`;
    const known = lines.get(key);
    lines.set(key, known === undefined ? line : { ...known, labels: [...new Set([...known.labels, ...line.labels])] });
  }
  return [...lines.values()].slice(0, SHOWN_LINES);
};

const said = (line: EventLine, { words, language }: ReadingPlace): string => {
  const [only] = line.labels;
  const label =
    line.labels.length > 1 ? counted(words.events.several, line.labels.length, language) : (only ?? words.events.somebody);
  return fill(words.events[line.word], { label });
};

export const EventList = ({ street, place }: { readonly street: StreetAnswer; readonly place: ReadingPlace }) => {
  const lines = eventLines(street.events, place.words, place.clockSpeed);
  if (lines.length === 0) return <p>{place.words.street.noEvent}</p>;
  return (
    <ul class="events">
      {lines.map((line) => (
        <li key={`${line.word} ${line.at}`}>
          <time dateTime={line.at}>{formatMoment(parseInstant(line.at), place.now, place.zone, place.language)}</time>{' '}
          {said(line, place)}
        </li>
      ))}
    </ul>
  );
};
