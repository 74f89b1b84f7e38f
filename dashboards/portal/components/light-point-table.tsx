import type { LightPointAnswer, StreetAnswer } from '#contract/routes/lighting.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { formatEnergy, formatMoment, formatNumber, formatPercent, formatPower, formatWithUnit } from '../words/formats.ts';
import { fill } from '../words/words.ts';
import { HEALTH_GLYPHS, healthOf } from './light-point-health.ts';
import type { ReadingPlace } from './reading-place.ts';
import { type Column, RecordTable } from './record-table.tsx';
import { DecidedValue, ShownValue, ValueWithQuality } from './value-with-quality.tsx';

interface Props {
  readonly street: StreetAnswer;
  readonly place: ReadingPlace;
}

const State = ({ lightPoint, place }: { readonly lightPoint: LightPointAnswer; readonly place: ReadingPlace }) => {
  const { words } = place;
  const health = healthOf(lightPoint);
  const said =
    health === 'fault' ? words.street.lampFailed : health === 'watch' ? words.street.notObeyed : words.street.shape[health];
  return (
    <span class={`health health-${health}`}>
      <span class="health-glyph" aria-hidden="true">
        {HEALTH_GLYPHS[health]}
      </span>{' '}
      {said}
    </span>
  );
};

const PROOFS = { proved: '✓', differs: '≠', 'not-provable': '–' } as const;

const Proof = ({ lightPoint, place }: { readonly lightPoint: LightPointAnswer; readonly place: ReadingPlace }) => {
  const { words } = place;
  const { observed } = lightPoint;
  if (observed === 'unknown' || lightPoint.activePowerW.value === null) return null;
  const said = { proved: words.street.proved, differs: words.street.differs, 'not-provable': words.street.notProvable }[observed];
  return (
    <span class={`proof proof-${observed}`}>
      <span aria-hidden="true">{PROOFS[observed]}</span> {said}
    </span>
  );
};

const Why = ({ lightPoint, place }: { readonly lightPoint: LightPointAnswer; readonly place: ReadingPlace }) => {
  const { words, now, zone, language } = place;
  const { rung, what, nextChangeAt } = lightPoint.why;
  const because = fill(words.street.why[rung], { what });
  if (nextChangeAt === null) return <>{because}</>;
  const until = fill(words.street.why.until, { moment: formatMoment(parseInstant(nextChangeAt), now, zone, language) });
  return (
    <>
      {because} <span class="meta">{until}</span>
    </>
  );
};

const columnsOf = ({ street, place }: Props): Column<LightPointAnswer>[] => {
  const { words, language } = place;
  const { column } = words.street;
  const percent = (value: number) => formatPercent(value, language);
  const power = (value: number) => formatPower(value, language);
  return [
    { name: 'label', header: column.label, cell: ({ label }) => label },
    { name: 'state', header: column.state, cell: (lightPoint) => <State lightPoint={lightPoint} place={place} /> },
    {
      name: 'asked',
      header: column.asked,
      figures: true,
      cell: ({ askedLevelPercent }) => <DecidedValue text={percent(askedLevelPercent)} />,
    },
    {
      name: 'effective',
      header: column.effective,
      figures: true,
      cell: (lightPoint) => <ValueWithQuality figure={lightPoint.effectiveLevelPercent} format={percent} place={place} />,
    },
    {
      name: 'observed',
      header: column.observed,
      figures: true,
      cell: (lightPoint) => (
        <>
          <ValueWithQuality figure={lightPoint.activePowerW} format={power} place={place} />{' '}
          <Proof lightPoint={lightPoint} place={place} />
        </>
      ),
    },
    {
      name: 'expected',
      header: column.expected,
      figures: true,
      cell: ({ expectedPowerW }) =>
        expectedPowerW === null ? (
          <ShownValue text="—" quality="unknown" note={words.quality.unknown} />
        ) : (
          <ShownValue text={power(expectedPowerW)} quality="calculated" />
        ),
    },
    { name: 'why', header: column.why, cell: (lightPoint) => <Why lightPoint={lightPoint} place={place} /> },
    {
      name: 'act',
      header: column.act,
      cell: ({ id, label }) => (
        <a
          class="adjust"
          href={`/eclairage/armoires/${street.site}?cible=point:${id}#agir`}
          data-target={`point:${id}`}
          aria-label={fill(words.street.adjustOne, { label })}
        >
          {words.street.adjust}
        </a>
      ),
    },
  ];
};

/** Asked, in effect, observed, for each light point: the twin of the street's picture. */
export const LightPointTable = ({ street, place }: Props) => (
  <RecordTable
    caption={place.words.street.tableCaption}
    columns={columnsOf({ street, place })}
    rows={street.lightPoints}
    keyOf={({ id }) => id}
    idOf={({ id }) => `point-${id}`}
  />
);

/** What is looked at less often: temperature of the gear, energy, hours. */
export const LightPointCounters = ({ street, place }: Props) => {
  const { words, language } = place;
  const columns: Column<LightPointAnswer>[] = [
    { name: 'label', header: words.street.column.label, cell: ({ label }) => label },
    {
      name: 'temperature',
      header: words.street.temperature,
      figures: true,
      cell: ({ gearTemperatureC }) => (
        <ValueWithQuality figure={gearTemperatureC} format={(value) => formatWithUnit(value, '°C', language)} place={place} />
      ),
    },
    {
      name: 'energy',
      header: words.street.energy,
      figures: true,
      cell: ({ activeEnergyWh }) => (
        <ValueWithQuality figure={activeEnergyWh} format={(value) => formatEnergy(value, language)} place={place} />
      ),
    },
    {
      name: 'hours',
      header: words.street.hours,
      figures: true,
      cell: ({ operatingHoursH }) => (
        <ValueWithQuality figure={operatingHoursH} format={(value) => `${formatNumber(value, language)}\u00A0h`} place={place} />
      ),
    },
  ];
  return <RecordTable caption={words.street.detailsCaption} columns={columns} rows={street.lightPoints} keyOf={({ id }) => id} />;
};
