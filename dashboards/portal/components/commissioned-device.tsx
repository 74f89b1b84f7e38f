import type { CommissionedDevice } from '#contract/routes/commissioning.ts';
import { parseInstant } from '#domain/civil-time.ts';
import type { CommissioningError, Deed } from '../commissioning-content.ts';
import type { Refusal } from '../page-content.ts';
import { formatSince, formatTime } from '../words/formats.ts';
import { fill, type Words } from '../words/words.ts';
import { HEALTH_GLYPHS, type LightPointHealth } from './light-point-health.ts';
import type { ReadingPlace } from './reading-place.ts';

type Address = Pick<CommissionedDevice, 'unitId' | 'channel'>;

export const addressWords = ({ unitId, channel }: Address, words: Words): string =>
  channel === null
    ? fill(words.commissioning.address, { unit: unitId })
    : fill(words.commissioning.addressWithChannel, { unit: unitId, channel });

export const boundWords = ({ bound }: CommissionedDevice, { words, now, zone, language }: ReadingPlace): string => {
  if (bound === null) return words.commissioning.unbound;
  const moment = formatSince(parseInstant(bound.since), now, zone, language);
  return bound.kind === 'light-point'
    ? fill(words.commissioning.boundToColumn, { label: bound.label, moment })
    : fill(words.commissioning.boundToPoint, { point: bound.point, moment });
};

const SHAPES: Readonly<Record<CommissionedDevice['state'], LightPointHealth>> = {
  online: 'normal',
  degraded: 'watch',
  offline: 'fault',
  unknown: 'unknown',
  waiting: 'unknown',
};

export const DeviceState = ({ device, words }: { readonly device: CommissionedDevice; readonly words: Words }) => {
  const shape = SHAPES[device.state];
  return (
    <span class={`health health-${shape}`}>
      <span class="health-glyph" aria-hidden="true">
        {HEALTH_GLYPHS[shape]}
      </span>{' '}
      {words.commissioning.state[device.state]}
      {device.why === null ? null : (
        <small class="value-note" lang="en">
          {' '}
          {device.why}
        </small>
      )}
    </span>
  );
};

export const blinkWords = ({ blink }: CommissionedDevice, { words, zone }: ReadingPlace): string | null => {
  if (blink === null) return null;
  const time = formatTime(parseInstant(blink.at), zone);
  return fill(words.commissioning.blinkPhase[blink.phase], { time, why: blink.why ?? '' }).trim();
};

/** What was just done. */
export const DeedNotice = ({ deed, words }: { readonly deed: Deed | null; readonly words: Words }) =>
  deed === null ? null : (
    <p class="message" role="status">
      {fill(words.commissioning.done[deed.what], { object: deed.object })}
    </p>
  );

const ERROR_FIELDS: Readonly<Record<CommissioningError, string>> = {
  column: 'mats',
  point: 'points',
  date: 'date',
  unit: 'unite',
  channel: 'voie',
  profile: 'profil',
  lines: 'lignes',
};

const errorText = (error: CommissioningError, { commissioning }: Words): string =>
  ({
    column: commissioning.errorColumn,
    point: commissioning.errorPoint,
    date: commissioning.errorDate,
    unit: commissioning.errorUnit,
    channel: commissioning.errorChannel,
    profile: commissioning.errorProfile,
    lines: commissioning.errorLines,
  })[error];

interface TroubleProps {
  readonly errors: readonly CommissioningError[];
  readonly refusal: Refusal | null;
  readonly words: Words;
}

/** The platform's own words for a refusal, where the portal has none in the reader's language. */
const RefusalText = ({ refusal, words }: { readonly refusal: Refusal; readonly words: Words }) => {
  const own = new Map<string, string>(Object.entries(words.commissioning.refusal)).get(refusal.code);
  return own === undefined ? (
    <p lang="en">
      {refusal.what} {refusal.next}
    </p>
  ) : (
    <p>{own}</p>
  );
};

/** Why nothing was done, and the next gesture; each line leads to its field. */
export const Trouble = ({ errors, refusal, words }: TroubleProps) =>
  errors.length === 0 && refusal === null ? null : (
    <div class="message message-fault" role="alert" id="erreurs">
      <h2>{words.commissioning.errorTitle}</h2>
      {refusal === null ? null : (
        <>
          <RefusalText refusal={refusal} words={words} />
          <p class="meta">{fill(words.failure.code, { code: refusal.code })}</p>
        </>
      )}
      {errors.length === 0 ? null : (
        <ul>
          {errors.map((error) => (
            <li key={error}>
              <a href={`#${ERROR_FIELDS[error]}`}>{errorText(error, words)}</a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
