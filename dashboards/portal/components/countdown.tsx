import type { Instant } from '#domain/civil-time.ts';
import { formatInstant } from '#domain/civil-time.ts';
import { formatDuration } from '../words/formats.ts';
import type { ReadingPlace } from './reading-place.ts';
import { DecidedValue } from './value-with-quality.tsx';

/** How long until an end; the script keeps it true between two readings of the page. */
export const Countdown = ({ endsAt, place }: { readonly endsAt: Instant; readonly place: ReadingPlace }) => (
  <time dateTime={formatInstant(endsAt)} data-countdown={endsAt}>
    <DecidedValue text={formatDuration(endsAt - place.now, place.language)} />
  </time>
);
