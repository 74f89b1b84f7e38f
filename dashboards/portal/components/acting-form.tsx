import type { StreetAnswer } from '#contract/routes/lighting.ts';
import { parseInstant } from '#domain/civil-time.ts';
import type { ActingError, ActingFields } from '../page-content.ts';
import { formatMoment } from '../words/formats.ts';
import { counted, fill, type Words } from '../words/words.ts';
import { CommandAction } from './command-action.tsx';
import type { ReadingPlace } from './reading-place.ts';

interface ActingFormProps {
  readonly street: StreetAnswer;
  readonly fields: ActingFields;
  readonly errors: readonly ActingError[];
  readonly place: ReadingPlace;
}

const ERROR_FIELDS: Readonly<Record<ActingError, string>> = {
  target: 'cible',
  level: 'niveau',
  end: 'fin-1h',
  date: 'date',
  reason: 'pourquoi',
};

export const actingErrorText = (error: ActingError, words: Words): string =>
  ({
    target: words.act.errorTarget,
    level: words.act.errorLevel,
    end: words.act.errorEnd,
    date: words.act.errorDate,
    reason: words.act.errorReason,
  })[error];

/** What is wrong, in one place, each line leading to its field. */
export const ActingErrors = ({ errors, words }: { readonly errors: readonly ActingError[]; readonly words: Words }) => (
  <div class="message message-fault" role="alert" id="erreurs">
    <h2>{words.act.errorTitle}</h2>
    <ul>
      {errors.map((error) => (
        <li key={error}>
          <a href={`#${ERROR_FIELDS[error]}`}>{actingErrorText(error, words)}</a>
        </li>
      ))}
    </ul>
  </div>
);

const TargetField = ({ street, fields, place }: ActingFormProps) => {
  const { words, language } = place;
  const option = (value: string, text: string, spoken = text) => (
    <option key={value} value={value} selected={value === fields.target} data-name={spoken}>
      {text}
    </option>
  );
  return (
    <p class="field">
      <label for="cible">{words.act.what}</label>
      <select id="cible" name="cible">
        {option('tout', counted(words.act.all, street.lightPoints.length, language), words.act.targetAll)}
        {street.groups.map(({ id, label, lightPoints }) =>
          option(`groupe:${id}`, counted(words.act.group, lightPoints, language, { label }), label),
        )}
        {street.lightPoints.map(({ id, label }) => option(`point:${id}`, label))}
      </select>
    </p>
  );
};

const FieldError = ({ error, errors, words }: { error: ActingError; errors: readonly ActingError[]; words: Words }) =>
  errors.includes(error) ? (
    <span class="field-error" id={`erreur-${error}`}>
      {actingErrorText(error, words)}
    </span>
  ) : null;

const LevelField = ({ fields, errors, place: { words } }: ActingFormProps) => (
  <p class="field">
    <label for="niveau">
      {words.act.level} <span class="meta">({words.act.required})</span>
    </label>
    <span class="meta" id="niveau-aide">
      {words.act.levelHint}
    </span>
    <FieldError error="level" errors={errors} words={words} />
    <span class="level-input">
      <input
        id="niveau"
        name="niveau"
        type="number"
        inputMode="numeric"
        min="0"
        max="100"
        step="1"
        required
        value={fields.level}
        aria-describedby={errors.includes('level') ? 'niveau-aide erreur-level' : 'niveau-aide'}
        aria-invalid={errors.includes('level')}
      />
      <span aria-hidden="true">%</span>
    </span>
  </p>
);

const EndField = ({ street, fields, errors, place }: ActingFormProps) => {
  const { words, now, zone, language } = place;
  const sunrise = street.sunriseAt === null ? null : parseInstant(street.sunriseAt);
  const choice = (value: string, text: string, end?: string) => (
    <label class="choice" key={value}>
      <input type="radio" id={`fin-${value}`} name="fin" value={value} checked={fields.end === value} data-end={end} required />
      <span>{text}</span>
    </label>
  );
  return (
    <fieldset>
      <legend>
        {words.act.until} <span class="meta">({words.act.required})</span>
      </legend>
      <FieldError error="end" errors={errors} words={words} />
      <FieldError error="date" errors={errors} words={words} />
      <div class="choices">
        {choice('1h', words.act.oneHour)}
        {choice('2h', words.act.twoHours)}
        {sunrise === null || sunrise <= now
          ? null
          : choice('lever', fill(words.act.sunrise, { moment: formatMoment(sunrise, now, zone, language) }), String(sunrise))}
        {choice('date', words.act.dateTime)}
      </div>
      <div class="date-time">
        <p class="field">
          <label for="date">{words.act.date}</label>
          <input id="date" name="date" type="date" value={fields.date} />
        </p>
        <p class="field">
          <label for="heure">{words.act.time}</label>
          <input id="heure" name="heure" type="time" value={fields.time} />
        </p>
      </div>
    </fieldset>
  );
};

/**
 * What, until when, why. Without a script its button leads to a page that repeats the order; with one the button itself
 * repeats verb, number and end.
 */
export const ActingForm = (props: ActingFormProps) => {
  const { street, fields, errors, place } = props;
  const { words } = place;
  return (
    <form
      class="acting"
      id="agir-formulaire"
      method="post"
      action={`/eclairage/armoires/${street.site}/derogations`}
      data-keep
      data-submit={words.act.submit}
      noValidate
    >
      <TargetField {...props} />
      <LevelField {...props} />
      <EndField {...props} />
      <p class="field">
        <label for="pourquoi">
          {words.act.reason} <span class="meta">({words.act.required})</span>
        </label>
        <span class="meta" id="pourquoi-aide">
          {words.act.reasonHint}
        </span>
        <FieldError error="reason" errors={errors} words={words} />
        <input
          id="pourquoi"
          name="pourquoi"
          maxLength={200}
          required
          value={fields.reason}
          autoComplete="off"
          aria-describedby={errors.includes('reason') ? 'pourquoi-aide erreur-reason' : 'pourquoi-aide'}
          aria-invalid={errors.includes('reason')}
        />
      </p>
      <input type="hidden" name="jusqua" value="" />
      <CommandAction words={words} label={words.act.check} id="agir-envoyer" />
    </form>
  );
};
