import type { StreetAnswer } from '#contract/routes/lighting.ts';
import { PageShell } from '../../components/page-shell.tsx';
import { streetSentence } from '../../components/street-sentence.ts';
import type { PageAssets, PageFrame } from '../../page-content.ts';
import { fill, wordsOf } from '../../words/words.ts';

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly streets: readonly StreetAnswer[];
}

/** One sentence for each street of the hat, and the way to its cabinet. */
export const LightingPage = ({ frame, assets, streets }: Props) => {
  const words = wordsOf(frame.language);
  return (
    <PageShell frame={frame} assets={assets} title={words.lighting.title} changes="/changements">
      <h1>{words.lighting.title}</h1>
      {streets.length === 0 ? <p class="lead">{words.lighting.none}</p> : null}
      <ul class="cards">
        {streets.map((street) => (
          <li key={street.site} class="card" id={`rue-${street.site}`}>
            <h2>{street.name}</h2>
            <p class="lead">{streetSentence(street, words, frame.language)}</p>
            <p>
              <a class="button" href={`/eclairage/armoires/${street.site}`}>
                {fill(words.lighting.open, { street: street.name })}
              </a>
            </p>
          </li>
        ))}
      </ul>
    </PageShell>
  );
};
