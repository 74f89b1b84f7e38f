import type { OverrideAnswer, StreetAnswer } from '#contract/routes/lighting.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { Countdown } from '../../components/countdown.tsx';
import { FactList } from '../../components/fact-list.tsx';
import { OverrideSentence, ReturnToProgram } from '../../components/override-list.tsx';
import { PageShell } from '../../components/page-shell.tsx';
import { instantOrNull, placeOf, type ReadingPlace } from '../../components/reading-place.ts';
import { type Column, RecordTable } from '../../components/record-table.tsx';
import { ShownValue } from '../../components/value-with-quality.tsx';
import type { PageAssets, PageFrame } from '../../page-content.ts';
import { formatMoment, formatPower, formatTimeWithSeconds } from '../../words/formats.ts';
import { fill, type Words } from '../../words/words.ts';

type Line = OverrideAnswer['lines'][number];
type Phase = Line['phase'];

const PHASE_GLYPHS: Readonly<Record<Phase, string>> = {
  sent: '→',
  accepted: '○',
  applied: '◐',
  proved: '✓',
  'not-provable': '–',
  rejected: '◆',
  expired: '◆',
  failed: '◆',
};

/** Phases are counted by the furthest one reached: a proved light point was also accepted and applied. */
const reachedCounts = ({ phases }: OverrideAnswer) => {
  const applied = phases.applied + phases.proved + phases['not-provable'];
  return { accepted: phases.accepted + applied, applied, proved: phases.proved };
};

const progressFacts = (override: OverrideAnswer, { words }: ReadingPlace) => {
  const reached = reachedCounts(override);
  const of = override.lines.length;
  const count = (n: number) => fill(words.override.count, { count: n, of });
  const failures = (['not-provable', 'rejected', 'expired', 'failed'] as const).filter((phase) => override.phases[phase] > 0);
  return [
    { name: words.override.phase.accepted, value: count(reached.accepted) },
    { name: words.override.phase.applied, value: count(reached.applied) },
    { name: words.override.phase.proved, value: count(reached.proved) },
    ...failures.map((phase) => ({ name: words.override.phase[phase], value: count(override.phases[phase]) })),
  ];
};

const PowerOrNone = ({
  powerW,
  quality,
  place,
}: {
  powerW: number | null;
  quality: 'measured' | 'calculated';
  place: ReadingPlace;
}) =>
  powerW === null ? (
    <ShownValue text="—" quality="unknown" note={place.words.quality.unknown} />
  ) : (
    <ShownValue text={formatPower(powerW, place.language)} quality={quality} />
  );

/** What the phase does not say: the reason of the field, in the field's own words where ours have none. */
const Precision = ({ line, words }: { readonly line: Line; readonly words: Words }) => {
  if (line.phase === 'not-provable') return <>{words.override.notProvableMeaning}</>;
  if (line.phase === 'failed' && line.observedW !== null) return <>{words.override.failedMeaning}</>;
  return line.why === null ? null : <span lang="en">{line.why}</span>;
};

const columnsOf = (place: ReadingPlace): Column<Line>[] => {
  const { words, zone } = place;
  return [
    { name: 'label', header: words.street.column.label, cell: ({ label }) => label },
    {
      name: 'phase',
      header: words.override.columnPhase,
      cell: ({ phase }) => (
        <span class={`phase phase-${phase}`}>
          <span aria-hidden="true">{PHASE_GLYPHS[phase]}</span> {words.override.phase[phase]}
        </span>
      ),
    },
    {
      name: 'at',
      header: words.override.columnAt,
      figures: true,
      cell: ({ at }) => {
        const instant = instantOrNull(at);
        return instant === null ? '—' : formatTimeWithSeconds(instant, zone);
      },
    },
    {
      name: 'observed',
      header: words.levels.observed,
      figures: true,
      cell: ({ observedW }) => <PowerOrNone powerW={observedW} quality="measured" place={place} />,
    },
    {
      name: 'expected',
      header: words.street.column.expected,
      figures: true,
      cell: ({ expectedW }) => <PowerOrNone powerW={expectedW} quality="calculated" place={place} />,
    },
    {
      name: 'why',
      header: words.override.columnWhy,
      cell: (line) => <Precision line={line} words={words} />,
    },
  ];
};

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly street: StreetAnswer;
  readonly override: OverrideAnswer;
}

const Ending = ({ street, override, place }: Omit<Props, 'frame' | 'assets'> & { readonly place: ReadingPlace }) => {
  const { words, now, zone, language } = place;
  const endsAt = parseInstant(override.endsAt);
  const endedAt = instantOrNull(override.endedAt);
  if (endedAt !== null)
    return <p class="message">{fill(words.override.ended, { moment: formatMoment(endedAt, now, zone, language) })}</p>;
  if (endsAt <= now) return <p class="message">{words.override.over}</p>;
  return (
    <div class="message message-override">
      <p>
        <span aria-hidden="true">⬢ </span>
        {words.override.endsIn} <Countdown endsAt={endsAt} place={place} />
      </p>
      <div class="actions">
        <ReturnToProgram street={street} override={override} place={place} />
      </div>
    </div>
  );
};

/** An order followed from sent to proved, light point by light point. */
export const OverridePage = ({ frame, assets, street, override }: Props) => {
  const place = placeOf(frame, street);
  const { words } = place;
  const reached = reachedCounts(override);
  return (
    <PageShell frame={frame} assets={assets} title={words.override.title} zone={street.timeZone} changes="/changements">
      <h1>{words.override.title}</h1>
      <p class="lead">
        <OverrideSentence street={street} override={override} place={place} />
      </p>
      <p class="meta">{fill(words.override.by, { by: override.by, reason: override.reason })}</p>
      <Ending street={street} override={override} place={place} />
      <section class="card" aria-labelledby="suivi">
        <h2 id="suivi">{words.override.progress}</h2>
        <p role="status">{fill(words.override.status, { proved: reached.proved, of: override.lines.length })}</p>
        <FactList facts={progressFacts(override, place)} />
        <p class="meta">{words.override.provedMeaning}</p>
      </section>
      <section aria-labelledby="lignes">
        <h2 id="lignes">{words.override.lines}</h2>
        <RecordTable
          caption={words.override.linesCaption}
          columns={columnsOf(place)}
          rows={override.lines}
          keyOf={({ lightPoint }) => lightPoint}
        />
      </section>
      <p>
        <a class="button" href={`/eclairage/armoires/${street.site}`}>
          {words.override.back}
        </a>
      </p>
    </PageShell>
  );
};
