import type { ComponentChildren } from 'preact';
import type { HomeAnswer } from '#contract/routes/housing.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { PageShell } from '../../components/page-shell.tsx';
import { placeOf, type ReadingPlace } from '../../components/reading-place.ts';
import { Sentence } from '../../components/sentence.tsx';
import { DecidedValue, ShownValue } from '../../components/value-with-quality.tsx';
import type { PageAssets, PageFrame } from '../../page-content.ts';
import { formatEuros, formatLongDate, formatSpokenTime, formatTenantEuros, formatWeekday } from '../../words/formats.ts';
import { fill } from '../../words/words.ts';

interface HomeProps {
  readonly home: HomeAnswer;
  readonly place: ReadingPlace;
}

const WEEK_MS = 7 * 24 * 60 * 60_000;

const PICTOGRAMS = {
  euro: 'M17 6a7 7 0 1 0 0 12M4 10h9M4 14h9',
  house: 'M4 11 12 4l8 7M6 10v10h12V10M10 20v-6h4v6',
  calendar: 'M4 6h16v14H4zM4 10h16M8 3v4M16 3v4',
} as const;

const Card = ({ pictogram, children }: { readonly pictogram: keyof typeof PICTOGRAMS; readonly children: ComponentChildren }) => (
  <div class="card spoken">
    <svg class="pictogram" viewBox="0 0 24 24" width="32" height="32" aria-hidden="true" focusable="false">
      <path d={PICTOGRAMS[pictogram]} />
    </svg>
    <div>{children}</div>
  </div>
);

/** The price of yesterday is always said; the one of today only when the tenant chose the finer measure. */
const Amounts = ({ home, place }: HomeProps) => {
  const { words, language, zone } = place;
  const { yesterday, today } = home;
  const euros = (amount: number) => <ShownValue text={formatTenantEuros(amount, language)} quality="measured" />;
  return (
    <>
      {yesterday.euros === null ? (
        <p class="key">{words.home.noYesterday}</p>
      ) : (
        <p class="key">
          <Sentence text={words.home.yesterday} values={{ amount: euros(yesterday.euros) }} />
        </p>
      )}
      {today === null || today.euros === null || today.until === null ? null : (
        <p class="key-second">
          <Sentence
            text={words.home.today}
            values={{ amount: euros(today.euros), time: formatSpokenTime(parseInstant(today.until), zone, language) }}
          />
        </p>
      )}
    </>
  );
};

const stateText = ({ home, place }: HomeProps): string => {
  const { words, now, zone, language } = place;
  switch (home.state) {
    case 'no-measure': {
      if (home.lastReadingAt === null) return words.home.noMeasure;
      const last = parseInstant(home.lastReadingAt);
      const day = now - last < WEEK_MS ? formatWeekday(last, zone, language) : formatLongDate(last, zone, language);
      return fill(words.home.noMeasureSince, { day });
    }
    case 'not-enough-history':
      return words.home.notEnoughHistory;
    case 'as-usual':
    case 'a-little-more':
    case 'much-more':
      return words.home.state[home.state];
  }
};

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly home: HomeAnswer;
}

/** A tenant's home: what it cost, whether all is well, what to do. No unit but the euro. */
export const HomePage = ({ frame, assets, home }: Props) => {
  const place = placeOf(frame, home);
  const { words, language } = place;
  return (
    <PageShell frame={frame} assets={assets} title={words.home.title} zone={home.timeZone} changes="/chez-moi/changements">
      <h1>{words.home.title}</h1>
      <Card pictogram="euro">
        <Amounts home={home} place={place} />
      </Card>
      <Card pictogram="house">
        <p>{stateText({ home, place })}</p>
      </Card>
      <Card pictogram="calendar">
        <p>{words.home.nothingToDo}</p>
      </Card>
      <div class="spoken">
        <p>{words.home.estimated}</p>
        {home.standingEurosPerDay === null ? null : (
          <p>
            <Sentence
              text={words.home.standing}
              values={{ amount: <DecidedValue text={formatEuros(home.standingEurosPerDay, language)} /> }}
            />
          </p>
        )}
        <p>{words.home.landlord}</p>
      </div>
      <div id="listen" hidden data-keep data-stop={words.home.stop}>
        <button type="button">{words.home.listen}</button>
        <p>{fill(words.home.cannotHear, { phone: frame.helpPhone })}</p>
      </div>
      <p>
        <a class="button" href="/chez-moi/details">
          {words.home.more}
        </a>
      </p>
      <form method="post" action="/chez-moi/sortir">
        <button type="submit" class="quiet">
          {words.home.leave}
        </button>
      </form>
      {home.field === 'simulated' ? <p class="meta credit">{words.building.credit}</p> : null}
    </PageShell>
  );
};
