import type { CommissionedDevice, CommissioningAnswer, MeteredPoint, MeterPeriod } from '#contract/routes/commissioning.ts';
import { parseInstant } from '#domain/civil-time.ts';
import type { BindingFields } from '../commissioning-content.ts';
import { formatFullNumber, formatMoment } from '../words/formats.ts';
import { fill, type Words } from '../words/words.ts';
import { CommandAction } from './command-action.tsx';
import { devicePath } from './device-path.ts';
import { instantOrNull, type ReadingPlace } from './reading-place.ts';
import { RecordTable } from './record-table.tsx';
import { ShownValue } from './value-with-quality.tsx';

interface Props {
  readonly commissioning: CommissioningAnswer;
  readonly device: CommissionedDevice;
  readonly fields: BindingFields;
  readonly place: ReadingPlace;
}

export const useWords = ({ use }: MeteredPoint, { commissioning }: Words): string =>
  new Map<string, string>(Object.entries(commissioning.use)).get(use) ?? use;

/** The meter that is in place, if there is one. */
export const meterInPlace = ({ meters }: MeteredPoint): MeterPeriod | null => meters.find(({ to }) => to === null) ?? null;

export const meterName = ({ meter, model, device }: MeterPeriod): string =>
  model === null ? (meter ?? device) : `${meter ?? device} (${model})`;

/** An index is read on the meter itself: every digit of it, in kWh, with the instant it was read. */
export const MeterIndex = ({ figure, place }: { readonly figure: MeterPeriod['first']; readonly place: ReadingPlace }) => {
  const { words, language, now, zone } = place;
  const at = instantOrNull(figure.at);
  if (figure.value === null || at === null) return <ShownValue text="—" quality="unknown" note={words.quality.unknown} />;
  const quality = figure.quality === 'missing' ? 'unknown' : figure.quality;
  const text = `${formatFullNumber(figure.value / 1000, language)}\u00A0kWh`;
  return <ShownValue text={text} quality={quality} note={formatMoment(at, now, zone, language)} />;
};

export const PointMeters = ({ point, place }: { readonly point: MeteredPoint; readonly place: ReadingPlace }) => {
  const { words, now, zone, language } = place;
  const moment = (at: string): string => formatMoment(parseInstant(at), now, zone, language);
  return (
    <section aria-labelledby={`compteurs-${point.id}`}>
      <h2 id={`compteurs-${point.id}`}>{words.commissioning.meters}</h2>
      {point.use === 'dwelling' ? <p class="meta">{words.commissioning.hiddenIndex}</p> : null}
      <RecordTable
        caption={fill(words.commissioning.metersCaption, { point: point.id })}
        rows={point.meters}
        keyOf={({ device, from }) => `${device} ${from}`}
        columns={[
          { name: 'meter', header: words.commissioning.meter, cell: meterName },
          { name: 'since', header: words.commissioning.since, cell: ({ from }) => moment(from) },
          {
            name: 'until',
            header: words.commissioning.until,
            cell: ({ to }) => (to === null ? words.commissioning.now : moment(to)),
          },
          {
            name: 'first',
            header: words.commissioning.firstIndex,
            figures: true,
            cell: ({ first }) => <MeterIndex figure={first} place={place} />,
          },
          {
            name: 'last',
            header: words.commissioning.lastIndex,
            figures: true,
            cell: ({ last }) => <MeterIndex figure={last} place={place} />,
          },
        ]}
      />
    </section>
  );
};

const PointOption = ({ point, fields, words }: { point: MeteredPoint; fields: BindingFields; words: Words }) => {
  const former = meterInPlace(point);
  const named = { use: useWords(point, words), point: point.id };
  return (
    <label class="choice">
      <input type="radio" name="point" value={point.id} checked={fields.point === point.id} required />
      <span>
        {former === null
          ? fill(words.commissioning.pointNow, named)
          : fill(words.commissioning.pointReplaced, { ...named, meter: meterName(former) })}
      </span>
    </label>
  );
};

/** What a meter measures, and since when. */
export const MeterChoice = ({ commissioning, device, fields, place }: Props) => {
  const { words } = place;
  return (
    <section class="card" aria-labelledby="quel-point">
      <h2 id="quel-point">{words.commissioning.whichPoint}</h2>
      <form method="post" action={`${devicePath(commissioning.site, device)}/compteur`} class="fitting" data-keep noValidate>
        <fieldset id="points" aria-labelledby="quel-point">
          <div class="choices choices-tall">
            {commissioning.points.map((point) => (
              <PointOption key={point.id} point={point} fields={fields} words={words} />
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend>{words.commissioning.from}</legend>
          <p class="meta" id="date-aide">
            {words.commissioning.fromHint}
          </p>
          <div class="choices">
            {(['now', 'date'] as const).map((when) => (
              <label class="choice" key={when}>
                <input type="radio" name="quand" value={when} checked={fields.when === when} />
                <span>{when === 'now' ? words.commissioning.fromNow : words.act.dateTime}</span>
              </label>
            ))}
          </div>
          <div class="date-time">
            <p class="field">
              <label for="date">{words.act.date}</label>
              <input id="date" name="date" type="date" value={fields.date} required aria-describedby="date-aide" />
            </p>
            <p class="field">
              <label for="heure">{words.act.time}</label>
              <input id="heure" name="heure" type="time" value={fields.time} required />
            </p>
          </div>
        </fieldset>
        <CommandAction words={words} label={words.commissioning.checkMeter} />
      </form>
    </section>
  );
};
