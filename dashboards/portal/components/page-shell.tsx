import type { ComponentChildren } from 'preact';
import { parseInstant, timeZone } from '#domain/civil-time.ts';
import type { PageAssets, PageFrame } from '../page-content.ts';
import { formatNumber, formatTime, LANGUAGES } from '../words/formats.ts';
import { fill, type Words, wordsOf } from '../words/words.ts';

export interface PageShellProps {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly title: string;
  /** Zone of the site; the platform's own where a page has no site. */
  readonly zone?: string;
  /** Event stream that tells when the page should be read again. */
  readonly changes?: string;
  readonly children: ComponentChildren;
}

const LanguageLinks = ({ frame, words }: { readonly frame: PageFrame; readonly words: Words }) => (
  <nav class="languages" aria-label={words.language.switch}>
    {LANGUAGES.map((language) => (
      <a
        key={language}
        href={`/langue/${language}?retour=${encodeURIComponent(frame.path)}`}
        lang={language}
        hreflang={language}
        aria-label={`${language.toUpperCase()}, ${words.language[language]}`}
        aria-current={language === frame.language ? 'true' : undefined}
      >
        {language.toUpperCase()}
      </a>
    ))}
  </nav>
);

const StaffBar = ({ frame, words }: { readonly frame: PageFrame; readonly words: Words }) => {
  if (frame.reader.kind !== 'staff') return null;
  const { roles, displayName } = frame.reader;
  const link = (href: string, text: string) => (
    <a href={href} aria-current={frame.path.startsWith(href) ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <div class="staff-bar">
      <nav class="pages" aria-label={words.frame.navigation}>
        {roles.includes('technician') ? link('/eclairage', words.frame.lighting) : null}
        {roles.includes('landlord') ? link('/patrimoine', words.frame.estate) : null}
      </nav>
      <form method="post" action="/deconnexion" class="sign-out">
        <span>{fill(words.frame.signedInAs, { name: displayName })}</span>
        <button type="submit" class="quiet">
          {words.frame.signOut}
        </button>
      </form>
    </div>
  );
};

const FieldNotice = ({ frame, words }: { readonly frame: PageFrame; readonly words: Words }) => {
  const tenant = frame.reader.kind === 'tenant' || frame.path.startsWith('/chez-moi');
  const simulated = frame.field === 'simulated';
  const accelerated = frame.clockSpeed !== 1 && !tenant;
  if (!simulated && !accelerated) return null;
  return (
    <p class="field-notice">
      {simulated ? (tenant ? words.home.simulated : words.frame.simulatedField) : null}
      {accelerated ? ` ${fill(words.frame.simulatedTime, { speed: formatNumber(frame.clockSpeed, frame.language) })}` : null}
    </p>
  );
};

const OfflineBar = ({ frame, words }: { readonly frame: PageFrame; readonly words: Words }) => {
  const text = frame.reader.kind === 'tenant' ? words.home.offline : words.frame.offline;
  const [before = '', after = ''] = text.split('{time}');
  return (
    <div id="offline" class="offline" role="status" hidden>
      {before}
      <time id="offline-since" />
      {after}
    </div>
  );
};

/** The whole document: skip link, header, notices, content, foot. */
export const PageShell = ({ frame, assets, title, zone = 'Europe/Paris', changes, children }: PageShellProps) => {
  const words = wordsOf(frame.language);
  const tenant = frame.path.startsWith('/chez-moi');
  const now = parseInstant(frame.now);
  return (
    <html lang={frame.language} class={tenant ? 'tenant' : 'staff'}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{fill(words.frame.pageTitle, { page: title })}</title>
        <link rel="icon" href="/portail/axone.svg" type="image/svg+xml" />
        <link rel="stylesheet" href={`/portail/${assets.style}`} />
        <script type="module" src={`/portail/${assets.script}`} />
      </head>
      <body data-now={now} data-speed={frame.clockSpeed} data-zone={zone} data-language={frame.language} data-changes={changes}>
        <a class="skip" href="#content">
          {words.frame.skip}
        </a>
        <header>
          <a class="product" href={frame.reader.kind === 'tenant' ? '/chez-moi' : '/'}>
            {words.product}
          </a>
          <LanguageLinks frame={frame} words={words} />
          <StaffBar frame={frame} words={words} />
          <FieldNotice frame={frame} words={words} />
        </header>
        <OfflineBar frame={frame} words={words} />
        <main id="content" tabIndex={-1}>
          {children}
        </main>
        <footer>
          <p>{tenant ? fill(words.home.help, { phone: frame.helpPhone }) : fill(words.frame.help, { phone: frame.helpPhone })}</p>
          {changes === undefined || tenant ? null : (
            <p id="read-at">{fill(words.frame.updated, { time: formatTime(now, timeZone(zone)) })}</p>
          )}
        </footer>
      </body>
    </html>
  );
};
