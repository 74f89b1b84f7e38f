import { parseInstant } from '#domain/civil-time.ts';
import type { BindingCheckContent } from '../../commissioning-content.ts';
import { addressWords } from '../../components/commissioned-device.tsx';
import { ConfirmForm } from '../../components/confirm-form.tsx';
import { devicePath } from '../../components/device-path.ts';
import { type Fact, FactList } from '../../components/fact-list.tsx';
import { MeterIndex, meterInPlace, meterName } from '../../components/meter-choice.tsx';
import { PageShell } from '../../components/page-shell.tsx';
import { placeOf, type ReadingPlace } from '../../components/reading-place.ts';
import type { PageAssets, PageFrame } from '../../page-content.ts';
import { formatMoment } from '../../words/formats.ts';
import { fill } from '../../words/words.ts';

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly content: BindingCheckContent;
}

interface Check {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
  readonly sentences: readonly string[];
  readonly facts: readonly Fact[];
  readonly button: string;
}

const columnCheck = ({ device, fields }: BindingCheckContent, label: string, { words }: ReadingPlace): Check => ({
  action: 'mat',
  hidden: { mat: fields.column, q: fields.search },
  sentences: [fill(words.commissioning.confirmColumn, { label })],
  facts: [],
  button: fill(words.commissioning.bindColumn, { label, address: addressWords(device, words) }),
});

const meterCheck = (
  { device, fields }: BindingCheckContent,
  { point, from }: BindingCheckContent['binding'] & { readonly kind: 'meter' },
  place: ReadingPlace,
): Check => {
  const { words, now, zone, language } = place;
  const former = meterInPlace(point);
  const moment = formatMoment(parseInstant(from), now, zone, language);
  return {
    action: 'compteur',
    hidden: { point: fields.point, quand: fields.when, date: fields.date, heure: fields.time },
    sentences: [
      fields.when === 'now'
        ? fill(words.commissioning.confirmPointNow, { point: point.id })
        : fill(words.commissioning.confirmPoint, { point: point.id, moment }),
      ...(former === null ? [] : [fill(words.commissioning.confirmReplaced, { meter: meterName(former) })]),
    ],
    facts:
      former === null || point.use === 'dwelling'
        ? []
        : [
            {
              name: `${words.commissioning.lastIndex}, ${former.meter ?? former.device}`,
              value: <MeterIndex figure={former.last} place={place} />,
            },
          ],
    button: fill(words.commissioning.bindPoint, { point: point.id, address: addressWords(device, words) }),
  };
};

/** The binding before it is done, in a button that repeats it. */
export const BindingCheckPage = ({ frame, assets, content }: Props) => {
  const { commissioning, device, binding } = content;
  const place = placeOf(frame, commissioning);
  const { words } = place;
  const check = binding.kind === 'column' ? columnCheck(content, binding.label, place) : meterCheck(content, binding, place);
  const path = devicePath(commissioning.site, device);
  return (
    <PageShell frame={frame} assets={assets} title={words.commissioning.checkTitle} zone={commissioning.timeZone}>
      <h1>{words.commissioning.checkTitle}</h1>
      <p class="lead">{words.commissioning.checkSentence}</p>
      {check.sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {check.facts.length === 0 ? null : <FactList facts={check.facts} />}
      <ConfirmForm
        action={`${path}/${check.action}`}
        hidden={{ ...check.hidden, confirme: 'oui' }}
        submit={check.button}
        cancel={{ href: path, label: words.commissioning.cancel }}
      />
    </PageShell>
  );
};
