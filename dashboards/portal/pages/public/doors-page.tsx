import { PageShell } from '../../components/page-shell.tsx';
import type { PageAssets, PageFrame } from '../../page-content.ts';
import { fill, wordsOf } from '../../words/words.ts';

/** Two doors, or, for someone already inside, the way to his own pages. */
export const DoorsPage = ({ frame, assets }: { readonly frame: PageFrame; readonly assets: PageAssets }) => {
  const words = wordsOf(frame.language);
  const { reader } = frame;
  const door = (href: string, name: string, hint: string) => (
    <a class="door" href={href}>
      <strong>{name}</strong>
      <span>{hint}</span>
    </a>
  );
  return (
    <PageShell frame={frame} assets={assets} title={words.doors.title}>
      <h1>{words.doors.title}</h1>
      {reader.kind === 'staff' ? (
        <>
          <p class="lead">{fill(words.frame.signedInAs, { name: reader.displayName })}</p>
          <h2>{words.doors.yourPages}</h2>
          <ul class="links">
            {reader.roles.includes('technician') ? (
              <li>
                <a href="/eclairage">{words.frame.lighting}</a>
              </li>
            ) : null}
            {reader.roles.includes('landlord') ? (
              <li>
                <a href="/patrimoine">{words.frame.estate}</a>
              </li>
            ) : null}
            {reader.roles.includes('admin') ? (
              <li>
                <a href="/health">{words.doors.state}</a>
              </li>
            ) : null}
          </ul>
        </>
      ) : (
        <>
          <p class="lead">{words.doors.sentence}</p>
          <div class="doors">
            {door('/chez-moi', words.doors.home, words.doors.homeHint)}
            {door('/connexion', words.doors.staff, words.doors.staffHint)}
          </div>
        </>
      )}
    </PageShell>
  );
};
