import type { StreetAnswer } from '#contract/routes/lighting.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { IMPORTED_BY } from '#domain/lighting/control-program.ts';
import { ActingErrors, ActingForm } from '../../components/acting-form.tsx';
import { EventList } from '../../components/event-list.tsx';
import { type Fact, FactList } from '../../components/fact-list.tsx';
import { LightPointCounters, LightPointTable } from '../../components/light-point-table.tsx';
import { OverrideList } from '../../components/override-list.tsx';
import { PageShell } from '../../components/page-shell.tsx';
import { placeOf, type ReadingPlace } from '../../components/reading-place.ts';
import { StreetPicture } from '../../components/street-picture.tsx';
import { nextChangeSentence, streetSentence } from '../../components/street-sentence.ts';
import { ShownValue, ValueWithQuality } from '../../components/value-with-quality.tsx';
import type { ActingError, ActingFields, PageAssets, PageFrame, Refusal } from '../../page-content.ts';
import { formatEnergy, formatMoment, formatPower, formatWithUnit } from '../../words/formats.ts';
import { counted, fill, type Words } from '../../words/words.ts';

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly street: StreetAnswer;
  readonly fields: ActingFields;
  readonly errors: readonly ActingError[];
  readonly refusal: Refusal | null;
}

interface StreetProps {
  readonly street: StreetAnswer;
  readonly place: ReadingPlace;
}

const GatewayNotice = ({ street, place }: StreetProps) => {
  const { words, now, zone, language } = place;
  const { state, since, programsApplied, overridesApplied } = street.gateway;
  const waiting = [programsApplied, overridesApplied];
  const notice = (kind: 'fault' | 'watch', text: string) => <p class={`message message-${kind}`}>{text}</p>;
  if (state === 'offline') {
    const moment = since === null ? words.quality.unknown : formatMoment(parseInstant(since), now, zone, language);
    return notice('fault', fill(words.street.gatewayOffline, { moment }));
  }
  if (state === 'unknown') return notice('watch', words.street.gatewayUnknown);
  if (waiting.includes('refused')) return notice('fault', words.street.ordersRefused);
  return waiting.includes('waiting') ? notice('watch', words.street.ordersWaiting) : null;
};

const LampsPower = ({ street, place }: StreetProps) => {
  const { words, language } = place;
  const { value, known, of } = street.totalPowerW;
  if (value === null || known < of / 2) return <ShownValue text="—" quality="unknown" note={words.quality.unknown} />;
  const note = known < of ? `◔ ${fill(words.quality.partial, { known, of })}` : undefined;
  return <ShownValue text={formatPower(value, language)} quality="calculated" note={note} />;
};

const doorState = (open: boolean | null, words: Words): string =>
  open === null ? words.quality.unknown : open ? words.street.doorOpen : words.street.doorClosed;

const breakersState = (tripped: number | null, { words, language }: ReadingPlace): string => {
  if (tripped === null) return words.quality.unknown;
  return tripped === 0 ? words.street.breakersFine : counted(words.street.breakersTripped, tripped, language);
};

const cabinetFacts = ({ street, place }: StreetProps): Fact[] => {
  const { words, language } = place;
  const { cabinet } = street;
  const fictitious = street.field === 'simulated' ? ` (${words.street.sensorFictitious})` : '';
  const presence =
    street.presence === null ? words.quality.unknown : street.presence ? words.street.presenceYes : words.street.presenceNo;
  return [
    {
      name: words.street.cabinetPower,
      value: <ValueWithQuality figure={cabinet.activePowerW} format={(value) => formatPower(value, language)} place={place} />,
    },
    { name: words.street.lampsPower, value: <LampsPower street={street} place={place} /> },
    {
      name: words.street.cabinetEnergy,
      value: (
        <ValueWithQuality figure={cabinet.energyImportedWh} format={(value) => formatEnergy(value, language)} place={place} />
      ),
    },
    { name: words.street.door, value: doorState(cabinet.doorOpen, words) },
    { name: words.street.breakers, value: breakersState(cabinet.breakersTripped, place) },
    {
      name: words.street.illuminance + fictitious,
      value: (
        <ValueWithQuality figure={street.illuminanceLx} format={(value) => formatWithUnit(value, 'lx', language)} place={place} />
      ),
    },
    { name: words.street.presence + fictitious, value: presence },
  ];
};

const CabinetCard = ({ street, place }: StreetProps) => {
  const { words, language } = place;
  return (
    <section class="card" aria-labelledby="armoire">
      <h2 id="armoire">
        {fill(words.street.cabinet, { label: street.cabinet.label })}
        {street.cabinet.fictitious ? <span class="tag">{words.street.fictitious}</span> : null}
      </h2>
      <FactList facts={cabinetFacts({ street, place })} />
      <h3>{words.street.program}</h3>
      <p>
        {fill(words.street.programBy, {
          name: street.program.name,
          version: street.program.version,
          by: street.program.by === IMPORTED_BY ? words.street.assetsFile : street.program.by,
        })}
      </p>
      <p>
        <span class="value" data-quality="decided">
          {street.program.sentence[language].replaceAll(' %', '\u00A0%')}
        </span>
      </p>
    </section>
  );
};

/** The living street: a sentence, its picture, the acting form, every light point asked, in effect and observed. */
export const StreetPage = ({ frame, assets, street, fields, errors, refusal }: Props) => {
  const place = placeOf(frame, street);
  const { words, language } = place;
  const sentence = streetSentence(street, words, language);
  const next = nextChangeSentence(street, words, language);
  return (
    <PageShell
      frame={frame}
      assets={assets}
      title={street.name}
      zone={street.timeZone}
      // The answer to a form has no address of its own to be read again at.
      {...(errors.length === 0 && refusal === null ? { changes: '/changements' } : {})}
    >
      {errors.length === 0 ? null : <ActingErrors errors={errors} words={words} />}
      {refusal === null ? null : (
        <div class="message message-fault" role="alert">
          <h2>{words.act.errorTitle}</h2>
          <p lang="en">
            {refusal.what} {refusal.next}
          </p>
          <p class="meta">{fill(words.failure.code, { code: refusal.code })}</p>
        </div>
      )}
      <h1>{street.name}</h1>
      <p class="lead">{sentence}</p>
      {next === null ? null : <p class="meta">{next}</p>}
      <GatewayNotice street={street} place={place} />
      {street.lastReadingAt === null ? <p class="message message-watch">{words.street.firstReading}</p> : null}
      <figure class="picture">
        <StreetPicture lightPoints={street.lightPoints} name={fill(words.street.pictureName, { sentence })} />
        <figcaption class="meta">{words.street.legend}</figcaption>
      </figure>
      <div class="columns">
        <section class="card" aria-labelledby="agir">
          <h2 id="agir">{words.act.title}</h2>
          <ActingForm street={street} fields={fields} errors={errors} place={place} />
        </section>
        <div>
          <section class="card" aria-labelledby="derogations">
            <h2 id="derogations">{words.street.overrides}</h2>
            <OverrideList street={street} place={place} />
          </section>
          <CabinetCard street={street} place={place} />
        </div>
      </div>
      <section aria-labelledby="points">
        <h2 id="points">{words.street.lightPoints}</h2>
        <div class="street-points">
          <LightPointTable street={street} place={place} />
        </div>
        <p>
          <a class="button" href={`/eclairage/armoires/${street.site}/mise-en-service`}>
            {words.commissioning.title}
          </a>
        </p>
        <details>
          <summary>{words.street.details}</summary>
          <LightPointCounters street={street} place={place} />
        </details>
      </section>
      <section aria-labelledby="evenements">
        <h2 id="evenements">{words.street.events}</h2>
        <EventList street={street} place={place} />
      </section>
    </PageShell>
  );
};
