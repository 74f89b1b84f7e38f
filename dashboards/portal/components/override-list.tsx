import type { StreetAnswer } from '#contract/routes/lighting.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { formatMoment, formatPercent } from '../words/formats.ts';
import { fill } from '../words/words.ts';
import { Countdown } from './countdown.tsx';
import { targetName } from './override-target.ts';
import type { ReadingPlace } from './reading-place.ts';
import { Sentence } from './sentence.tsx';
import { DecidedValue } from './value-with-quality.tsx';

type ListedOverride = StreetAnswer['overrides'][number];

interface Props {
  readonly street: StreetAnswer;
  readonly override: ListedOverride;
  readonly place: ReadingPlace;
}

/** `Toute la rue (24 points) à 50 % jusqu’à 23:30.` */
export const OverrideSentence = ({ street, override, place }: Props) => {
  const { words, now, zone, language } = place;
  return (
    <Sentence
      text={words.override.sentence}
      values={{
        target: targetName(override.target, street, words, language),
        level: <DecidedValue text={formatPercent(override.levelPercent, language)} />,
        end: formatMoment(parseInstant(override.endsAt), now, zone, language),
      }}
    />
  );
};

/** One click back to the program, named by what it ends. */
export const ReturnToProgram = ({ street, override, place }: Props) => {
  const { words, language } = place;
  const target = targetName(override.target, street, words, language);
  return (
    <form method="post" action={`/eclairage/armoires/${street.site}/derogations/${override.id}/fin`}>
      <button type="submit" data-command aria-label={fill(words.override.returnOne, { target })}>
        {words.override.return}
      </button>
    </form>
  );
};

/** Overrides by their end, each with its countdown. */
export const OverrideList = ({ street, place }: Omit<Props, 'override'>) => {
  const { words, now } = place;
  const current = street.overrides.filter(({ endedAt, endsAt }) => endedAt === null && parseInstant(endsAt) > now);
  if (current.length === 0) return <p>{words.street.noOverride}</p>;
  return (
    <ul class="cards">
      {current.map((override) => (
        <li key={override.id} class="message message-override" id={`derogation-${override.id}`}>
          <p>
            <span aria-hidden="true">⬢ </span>
            <OverrideSentence street={street} override={override} place={place} />
          </p>
          <p class="meta">
            {fill(words.override.by, { by: override.by, reason: override.reason })} · {words.override.endsIn}{' '}
            <Countdown endsAt={parseInstant(override.endsAt)} place={place} />
          </p>
          <div class="actions">
            <a
              class="button"
              href={`/eclairage/armoires/${street.site}/derogations/${override.id}`}
              aria-label={fill(words.street.followOne, { reason: override.reason })}
            >
              {words.street.follow}
            </a>
            <ReturnToProgram street={street} override={override} place={place} />
          </div>
        </li>
      ))}
    </ul>
  );
};
