import type { StreetAnswer } from '#contract/routes/lighting.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { ConfirmForm } from '../../components/confirm-form.tsx';
import { FactList } from '../../components/fact-list.tsx';
import { observedLevel } from '../../components/light-point-health.ts';
import { reachedLightPoints, targetName, targetOfChoice } from '../../components/override-target.ts';
import { PageShell } from '../../components/page-shell.tsx';
import { placeOf } from '../../components/reading-place.ts';
import { DecidedValue } from '../../components/value-with-quality.tsx';
import type { OverrideDraft, PageAssets, PageFrame } from '../../page-content.ts';
import { formatMoment, formatPercent } from '../../words/formats.ts';
import { counted, fill } from '../../words/words.ts';

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly street: StreetAnswer;
  readonly draft: OverrideDraft;
}

/** The order before it leaves, in a button that repeats verb, number and end. Reached only without scripts. */
export const OverrideCheckPage = ({ frame, assets, street, draft }: Props) => {
  const place = placeOf(frame, street);
  const { words, language, now, zone } = place;
  const target = targetOfChoice(draft.fields.target, street) ?? { kind: 'all' };
  const reached = reachedLightPoints(target, street);
  const unknown = reached.filter((lightPoint) => observedLevel(lightPoint) === null).length;
  const end = formatMoment(parseInstant(draft.endsAt), now, zone, language);
  const level = formatPercent(draft.levelPercent, language);
  const name = targetName(target, street, words, language);
  const hidden: Readonly<Record<string, string>> = {
    cible: draft.fields.target,
    niveau: draft.fields.level,
    fin: draft.fields.end,
    date: draft.fields.date,
    heure: draft.fields.time,
    pourquoi: draft.fields.reason,
    jusqua: draft.endsAt,
    confirme: 'oui',
  };
  return (
    <PageShell frame={frame} assets={assets} title={words.act.checkTitle} zone={street.timeZone}>
      <h1>{words.act.checkTitle}</h1>
      <p class="lead">{words.act.checkSentence}</p>
      <FactList
        facts={[
          { name: words.act.what, value: name },
          { name: words.act.level, value: <DecidedValue text={level} /> },
          { name: words.act.until, value: end },
          { name: words.act.reason, value: draft.fields.reason },
          { name: words.act.effect, value: counted(words.act.effectPoints, reached.length, language) },
        ]}
      />
      {unknown === 0 ? null : <p class="message message-watch">{counted(words.act.effectUnknown, unknown, language)}</p>}
      <ConfirmForm
        action={`/eclairage/armoires/${street.site}/derogations`}
        hidden={hidden}
        submit={fill(words.act.submit, { target: target.kind === 'all' ? words.act.targetAll : name, level, end })}
        cancel={{ href: `/eclairage/armoires/${street.site}`, label: words.act.cancel }}
      />
    </PageShell>
  );
};
