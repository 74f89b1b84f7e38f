import type { BuildingAnswer } from '#contract/routes/housing.ts';
import { PageShell } from '../../components/page-shell.tsx';
import { placeOf } from '../../components/reading-place.ts';
import type { PageAssets, PageFrame } from '../../page-content.ts';
import { fill, wordsOf } from '../../words/words.ts';
import { BuildingSentence } from './building-page.tsx';

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly buildings: readonly BuildingAnswer[];
}

export const EstatePage = ({ frame, assets, buildings }: Props) => {
  const words = wordsOf(frame.language);
  return (
    <PageShell frame={frame} assets={assets} title={words.estate.title} changes="/changements">
      <h1>{words.estate.title}</h1>
      {buildings.length === 0 ? <p class="lead">{words.estate.none}</p> : null}
      <ul class="cards">
        {buildings.map((building) => (
          <li key={building.site} class="card" id={`residence-${building.site}`}>
            <h2>{building.name}</h2>
            <p class="lead">
              <BuildingSentence building={building} place={placeOf(frame, building)} />
            </p>
            <p>
              <a class="button" href={`/patrimoine/${building.site}`}>
                {fill(words.estate.open, { residence: building.name })}
              </a>
            </p>
          </li>
        ))}
      </ul>
    </PageShell>
  );
};
