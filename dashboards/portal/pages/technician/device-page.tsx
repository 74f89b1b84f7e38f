import type { CommissionedDevice, CommissioningAnswer } from '#contract/routes/commissioning.ts';
import type { DeviceContent } from '../../commissioning-content.ts';
import { ColumnChoice } from '../../components/column-choice.tsx';
import { CommandAction } from '../../components/command-action.tsx';
import { addressWords, blinkWords, boundWords, DeedNotice, DeviceState, Trouble } from '../../components/commissioned-device.tsx';
import { devicePath } from '../../components/device-path.ts';
import { FactList } from '../../components/fact-list.tsx';
import { MeterChoice, PointMeters } from '../../components/meter-choice.tsx';
import { PageShell } from '../../components/page-shell.tsx';
import { placeOf, type ReadingPlace } from '../../components/reading-place.ts';
import type { PageAssets, PageFrame } from '../../page-content.ts';
import { fill } from '../../words/words.ts';

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly content: DeviceContent;
}

interface DeviceProps {
  readonly commissioning: CommissioningAnswer;
  readonly device: CommissionedDevice;
  readonly place: ReadingPlace;
}

const Blink = ({ commissioning, device, place }: DeviceProps) => {
  const { words } = place;
  const became = blinkWords(device, place);
  return (
    <form method="post" action={`${devicePath(commissioning.site, device)}/clignoter`}>
      <p class="meta">{words.commissioning.blinkHint}</p>
      <CommandAction words={words} label={words.commissioning.blink} />
      <p id="clignotement" role="status">
        {became}
      </p>
    </form>
  );
};

const Release = ({ commissioning, device, place }: DeviceProps) => {
  const { words } = place;
  const { bound } = device;
  if (bound === null) return null;
  const isColumn = bound.kind === 'light-point';
  return (
    <form method="post" action={`${devicePath(commissioning.site, device)}/detacher`}>
      <input type="hidden" name="quoi" value={isColumn ? 'mat' : 'compteur'} />
      <p class="meta">{isColumn ? words.commissioning.releaseHint : words.commissioning.releaseMeterHint}</p>
      <CommandAction
        words={words}
        label={isColumn ? fill(words.commissioning.release, { label: bound.label }) : words.commissioning.releaseMeter}
        minor
      />
    </form>
  );
};

const Withdraw = ({ commissioning, device, place }: DeviceProps) => (
  <details>
    <summary>{place.words.commissioning.withdraw}</summary>
    <form method="post" action={`${devicePath(commissioning.site, device)}/retirer`}>
      <p class="meta">{place.words.commissioning.withdrawHint}</p>
      <CommandAction words={place.words} label={place.words.commissioning.withdraw} minor />
    </form>
  </details>
);

/** What may be done to an address: recognised, bound, or let go. */
const Gestures = ({ content, place }: { readonly content: DeviceContent; readonly place: ReadingPlace }) => {
  const { commissioning, device, fields } = content;
  const around = { commissioning, device, place };
  const measured = device.bound?.kind === 'point' ? device.bound.point : null;
  const point = commissioning.points.find(({ id }) => id === measured);
  return (
    <>
      {device.canBlink ? <Blink {...around} /> : null}
      {device.bound === null && device.canBlink ? <ColumnChoice {...around} fields={fields} /> : null}
      {device.bound === null && !device.canBlink ? <MeterChoice {...around} fields={fields} /> : null}
      {point === undefined ? null : <PointMeters point={point} place={place} />}
      <Release {...around} />
      {device.bound === null ? <Withdraw {...around} /> : null}
    </>
  );
};

/** One address, held in a hand at the foot of a column. */
export const DevicePage = ({ frame, assets, content }: Props) => {
  const { commissioning, device, deed, errors, refusal } = content;
  const place = placeOf(frame, commissioning);
  const { words } = place;
  const title = fill(words.commissioning.deviceTitle, { address: addressWords(device, words) });
  const isAnswer = errors.length > 0 || refusal !== null;
  return (
    <PageShell
      frame={frame}
      assets={assets}
      title={title}
      zone={commissioning.timeZone}
      {...(isAnswer ? {} : { changes: '/changements' })}
    >
      <DeedNotice deed={deed} words={words} />
      <Trouble errors={errors} refusal={refusal} words={words} />
      <h1>{title}</h1>
      <p class="meta">{device.model ?? device.profile}</p>
      <FactList
        facts={[
          { name: words.commissioning.stateName, value: <DeviceState device={device} words={words} /> },
          { name: words.commissioning.boundName, value: boundWords(device, place) },
        ]}
      />
      <Gestures content={content} place={place} />
      <p>
        <a class="button" href={`/eclairage/armoires/${commissioning.site}/mise-en-service`}>
          {words.commissioning.back}
        </a>
      </p>
    </PageShell>
  );
};
