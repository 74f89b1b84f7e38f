import type { HomeDetailsAnswer } from '#contract/routes/housing.ts';
import { addDays, civilDateOf, instant, parseInstant, startOfDay } from '#domain/civil-time.ts';
import { AmountWithQuality } from '../../components/amount-with-quality.tsx';
import { PageShell } from '../../components/page-shell.tsx';
import { placeOf, type ReadingPlace } from '../../components/reading-place.ts';
import { RecordTable } from '../../components/record-table.tsx';
import { roundedTop, StepChart } from '../../components/step-chart.tsx';
import { TariffFacts } from '../../components/tariff-facts.tsx';
import { ShownValue } from '../../components/value-with-quality.tsx';
import type { PageAssets, PageFrame } from '../../page-content.ts';
import { formatEnergy, formatKilowattHours, formatShortCivilDay, formatTime } from '../../words/formats.ts';
import { fill } from '../../words/words.ts';
import { hourTicks } from '../landlord/building-page.tsx';

type HalfHour = NonNullable<HomeDetailsAnswer['today']>[number];

interface DetailsProps {
  readonly details: HomeDetailsAnswer;
  readonly place: ReadingPlace;
}

const HALF_HOUR_MS = 30 * 60_000;

const EnergyCell = ({ energyWh, quality, place }: Pick<HalfHour, 'energyWh' | 'quality'> & { readonly place: ReadingPlace }) =>
  energyWh === null || quality === 'missing' ? (
    <ShownValue text="—" quality="unknown" />
  ) : (
    <ShownValue text={formatKilowattHours(energyWh, place.language)} quality={quality} />
  );

const Days = ({ details, place }: DetailsProps) => {
  const { words, language } = place;
  if (details.days.length === 0) return <p>{words.homeDetails.noDay}</p>;
  return (
    <RecordTable
      caption={words.homeDetails.daysCaption}
      rows={details.days}
      keyOf={({ date }) => date}
      columns={[
        { name: 'day', header: words.homeDetails.columnDay, cell: ({ date }) => formatShortCivilDay(date, language) },
        {
          name: 'energy',
          header: words.homeDetails.columnEnergy,
          figures: true,
          cell: ({ energyWh, quality }) => <EnergyCell energyWh={energyWh} quality={quality} place={place} />,
        },
        {
          name: 'cost',
          header: words.homeDetails.columnCost,
          figures: true,
          cell: ({ euros, quality }) => <AmountWithQuality amount={{ euros, quality }} language={language} words={words} />,
        },
        { name: 'quality', header: words.homeDetails.columnQuality, cell: ({ quality }) => words.quality[quality] },
      ]}
    />
  );
};

const highestOf = (halfHours: readonly HalfHour[], { words, zone, language }: ReadingPlace): string => {
  const [highest] = [...halfHours]
    .filter(({ energyWh }) => energyWh !== null)
    .sort((a, b) => (b.energyWh ?? 0) - (a.energyWh ?? 0));
  if (highest === undefined || highest.energyWh === null) return words.homeDetails.halfHoursEmpty;
  const time = formatTime(parseInstant(highest.startsAt), zone);
  return fill(words.homeDetails.halfHoursPeak, { energy: formatEnergy(highest.energyWh, language), time });
};

const HalfHours = ({ halfHours, place }: { readonly halfHours: readonly HalfHour[]; readonly place: ReadingPlace }) => {
  const { words, language, zone, now } = place;
  const conclusion = highestOf(halfHours, place);
  const values = halfHours.flatMap(({ energyWh }) => (energyWh === null ? [] : [energyWh]));
  if (values.length === 0) return <p>{words.homeDetails.halfHoursEmpty}</p>;
  const from = startOfDay(civilDateOf(now, zone), zone);
  const to = startOfDay(addDays(civilDateOf(now, zone), 1), zone);
  return (
    <>
      <p>
        <span class="value" data-quality="measured">
          {conclusion}
        </span>
      </p>
      <StepChart
        steps={halfHours.map(({ startsAt, energyWh }) => ({ startsAt: parseInstant(startsAt), value: energyWh }))}
        stepMs={HALF_HOUR_MS}
        from={from}
        to={to}
        name={fill(words.homeDetails.halfHoursName, { conclusion })}
        topLabel={formatEnergy(roundedTop(Math.max(...values)), language)}
        hours={hourTicks(from, to, zone)}
      />
      <details>
        <summary>{words.building.table}</summary>
        <RecordTable
          caption={words.homeDetails.halfHoursCaption}
          rows={halfHours}
          keyOf={({ startsAt }) => startsAt}
          columns={[
            {
              name: 'from',
              header: words.homeDetails.columnFrom,
              cell: ({ startsAt }) => formatTime(instant(parseInstant(startsAt)), zone),
            },
            {
              name: 'energy',
              header: words.homeDetails.columnEnergy,
              figures: true,
              cell: (halfHour) => <EnergyCell energyWh={halfHour.energyWh} quality={halfHour.quality} place={place} />,
            },
            { name: 'quality', header: words.homeDetails.columnQuality, cell: ({ quality }) => words.quality[quality] },
          ]}
        />
      </details>
    </>
  );
};

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly details: HomeDetailsAnswer;
}

/** A tenant's energy, day by day, and by half-hour only when he chose so. */
export const HomeDetailsPage = ({ frame, assets, details }: Props) => {
  const place = placeOf(frame, details);
  const { words, language } = place;
  return (
    <PageShell
      frame={frame}
      assets={assets}
      title={words.homeDetails.title}
      zone={details.timeZone}
      changes="/chez-moi/changements"
    >
      <h1>{words.homeDetails.title}</h1>
      <p class="lead">{words.homeDetails.sentence}</p>
      <p>{details.grain === 'day' ? words.homeDetails.dayGrain : words.homeDetails.halfHourGrain}</p>
      <section aria-labelledby="jours">
        <h2 id="jours">{words.homeDetails.days}</h2>
        <Days details={details} place={place} />
      </section>
      {details.today === null ? null : (
        <section aria-labelledby="demi-heures">
          <h2 id="demi-heures">{words.homeDetails.halfHours}</h2>
          <HalfHours halfHours={details.today} place={place} />
        </section>
      )}
      <section aria-labelledby="tarif">
        <h2 id="tarif">{words.homeDetails.tariff}</h2>
        <TariffFacts tariff={details.tariff} language={language} words={words} />
      </section>
      <p>
        <a class="button" href="/chez-moi">
          {words.homeDetails.back}
        </a>
      </p>
      {details.field === 'simulated' ? <p class="meta credit">{words.building.credit}</p> : null}
    </PageShell>
  );
};
