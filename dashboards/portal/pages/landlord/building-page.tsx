import type { BuildingAnswer } from '#contract/routes/housing.ts';
import { addDays, civilDateOf, type Instant, instant, parseInstant, startOfDay } from '#domain/civil-time.ts';
import { AmountWithQuality } from '../../components/amount-with-quality.tsx';
import { FactList } from '../../components/fact-list.tsx';
import { PageShell } from '../../components/page-shell.tsx';
import { placeOf, type ReadingPlace } from '../../components/reading-place.ts';
import { RecordTable } from '../../components/record-table.tsx';
import { Sentence } from '../../components/sentence.tsx';
import { type ChartStep, roundedTop, StepChart } from '../../components/step-chart.tsx';
import { TariffFacts } from '../../components/tariff-facts.tsx';
import { ShownValue, ValueWithQuality } from '../../components/value-with-quality.tsx';
import type { PageAssets, PageFrame } from '../../page-content.ts';
import { formatCivilDay, formatEnergy, formatKilowatts, formatMoment, formatPower, formatTime } from '../../words/formats.ts';
import { counted, fill } from '../../words/words.ts';

interface BuildingProps {
  readonly building: BuildingAnswer;
  readonly place: ReadingPlace;
}

const CHART_TICK_MS = 6 * 60 * 60_000;

/** What the common parts use now, in a sentence. */
export const BuildingSentence = ({ building, place }: BuildingProps) => {
  const { words, language } = place;
  const { activePowerW } = building.commonParts;
  if (activePowerW.value === null) return <>{words.building.sentenceUnknown}</>;
  const format = (value: number) => formatPower(value, language);
  const power = <ValueWithQuality figure={activePowerW} format={format} place={place} />;
  return <Sentence text={words.building.sentence} values={{ power }} />;
};

const stepsOf = ({ curve }: BuildingAnswer['commonParts']): { steps: ChartStep[]; stepMs: number } => {
  const stepMs = curve.stepSeconds * 1000;
  const from = parseInstant(curve.startsAt);
  return { stepMs, steps: curve.meanPowerW.map((value, index) => ({ startsAt: from + index * stepMs, value })) };
};

const conclusionOf = (steps: readonly ChartStep[], { words, zone, language }: ReadingPlace): string => {
  const measured = steps.filter((step): step is ChartStep & { value: number } => step.value !== null);
  const [peak] = [...measured].sort((a, b) => b.value - a.value);
  if (peak === undefined) return words.building.curveEmpty;
  const time = formatTime(instant(peak.startsAt), zone);
  return fill(words.building.curvePeak, { power: formatPower(peak.value, language), time });
};

/** Every six hours of the civil day, in its true length. */
export const hourTicks = (from: Instant, to: Instant, zone: ReadingPlace['zone']) =>
  Array.from({ length: Math.floor((to - from) / CHART_TICK_MS) + 1 }, (_, index) => from + index * CHART_TICK_MS)
    .filter((at) => at < to)
    .map((at) => ({ at, text: formatTime(instant(at), zone) }));

const Curve = ({ building, place }: BuildingProps) => {
  const { words, language, zone, now } = place;
  const { steps, stepMs } = stepsOf(building.commonParts);
  const from = startOfDay(civilDateOf(now, zone), zone);
  const to = startOfDay(addDays(civilDateOf(now, zone), 1), zone);
  const conclusion = conclusionOf(steps, place);
  const values = steps.flatMap(({ value }) => (value === null ? [] : [value]));
  const missing = steps.length - values.length;
  if (values.length === 0) return <p>{words.building.curveEmpty}</p>;
  return (
    <>
      <p>
        <span class="value" data-quality="measured">
          {conclusion}
        </span>
        {missing === 0 ? null : (
          <span class="meta"> {counted(words.building.missingSteps, missing, language, { of: steps.length })}</span>
        )}
      </p>
      <StepChart
        steps={steps}
        stepMs={stepMs}
        from={from}
        to={to}
        name={fill(words.building.curveName, { conclusion })}
        topLabel={formatPower(roundedTop(Math.max(...values)), language)}
        hours={hourTicks(from, to, zone)}
      />
      <details>
        <summary>{words.building.table}</summary>
        <RecordTable
          caption={words.building.tableCaption}
          rows={steps}
          keyOf={({ startsAt }) => String(startsAt)}
          columns={[
            { name: 'from', header: words.building.columnFrom, cell: ({ startsAt }) => formatTime(instant(startsAt), zone) },
            {
              name: 'power',
              header: words.building.columnPower,
              figures: true,
              cell: ({ value }) =>
                value === null ? (
                  <ShownValue text="—" quality="unknown" />
                ) : (
                  <ShownValue text={formatKilowatts(value, language)} quality="measured" />
                ),
            },
            {
              name: 'quality',
              header: words.building.columnQuality,
              cell: ({ value }) => (value === null ? words.quality.missing : words.quality.measured),
            },
          ]}
        />
      </details>
    </>
  );
};

const Dwellings = ({ building, place }: BuildingProps) => {
  const { words, language } = place;
  const { dwellings } = building;
  const date = formatCivilDay(dwellings.date, language);
  return (
    <section class="card" aria-labelledby="logements">
      <h2 id="logements">{words.building.dwellings}</h2>
      <p class="fact-line">
        {fill(words.building.dwellingsTotal, { date })}{' '}
        {dwellings.state === 'published' ? (
          <strong>
            <ShownValue
              text={formatEnergy(dwellings.energyWh, language)}
              quality={dwellings.quality}
              note={dwellings.quality === 'estimated' ? words.quality.estimated : undefined}
            />
          </strong>
        ) : (
          <ShownValue text={words.building.masked} quality="masked" />
        )}
      </p>
      <p>
        {dwellings.state === 'published'
          ? counted(words.building.dwellingsOf, dwellings.dwellings, language)
          : words.building.maskedWhy[dwellings.reason]}
      </p>
      <p class="meta">{words.building.dwellingsRule}</p>
      {building.field === 'simulated' ? <p class="meta credit">{words.building.credit}</p> : null}
    </section>
  );
};

const CommonParts = ({ building, place }: BuildingProps) => {
  const { words, language } = place;
  const { commonParts } = building;
  const energy = (value: number) => formatEnergy(value, language);
  return (
    <section class="card" aria-labelledby="communes">
      <h2 id="communes">{words.building.commonParts}</h2>
      <FactList
        facts={[
          {
            name: words.building.now,
            value: (
              <ValueWithQuality
                figure={commonParts.activePowerW}
                format={(value) => formatPower(value, language)}
                place={place}
              />
            ),
          },
          {
            name: words.building.today,
            value: <ValueWithQuality figure={commonParts.todayWh} format={energy} place={place} />,
          },
          {
            name: words.building.todayCost,
            value: <AmountWithQuality amount={commonParts.today} language={language} words={words} />,
          },
          {
            name: words.building.yesterday,
            value: (
              <ValueWithQuality figure={commonParts.yesterdayWh} format={energy} place={{ ...place, clockSpeed: Infinity }} />
            ),
          },
        ]}
      />
      <h3>{words.building.tariff}</h3>
      <TariffFacts tariff={commonParts.tariff} language={language} words={words} />
    </section>
  );
};

const GatewayState = ({ building, place }: BuildingProps) => {
  const { words, now, zone, language } = place;
  const { state, since } = building.gateway;
  if (state === 'online') return null;
  const text =
    since === null
      ? words.street.gatewayUnknown
      : fill(words.street.gatewayOffline, { moment: formatMoment(parseInstant(since), now, zone, language) });
  return <p class={`message message-${state === 'offline' ? 'fault' : 'watch'}`}>{text}</p>;
};

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly building: BuildingAnswer;
}

/** The building: its common parts, and its dwellings only as one cell that shows nobody. */
export const BuildingPage = ({ frame, assets, building }: Props) => {
  const place = placeOf(frame, building);
  const { words } = place;
  return (
    <PageShell frame={frame} assets={assets} title={building.name} zone={building.timeZone} changes="/changements">
      <h1>{building.name}</h1>
      <p class="lead">
        <BuildingSentence building={building} place={place} />
      </p>
      <GatewayState building={building} place={place} />
      <div class="columns">
        <CommonParts building={building} place={place} />
        <Dwellings building={building} place={place} />
      </div>
      <section aria-labelledby="courbe">
        <h2 id="courbe">{words.building.curve}</h2>
        <Curve building={building} place={place} />
      </section>
    </PageShell>
  );
};
