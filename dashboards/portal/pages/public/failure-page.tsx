import { PageShell } from '../../components/page-shell.tsx';
import type { FailureKind, PageAssets, PageFrame } from '../../page-content.ts';
import { fill, type Words, wordsOf } from '../../words/words.ts';

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly failure: FailureKind;
  readonly code: string;
}

const saidOf = (failure: FailureKind, words: Words): { readonly title: string; readonly next: string } => {
  switch (failure) {
    case 'not-found':
      return { title: words.failure.notFoundTitle, next: words.failure.notFound };
    case 'forged':
      return { title: words.failure.forgedTitle, next: words.failure.forged };
    case 'slowed':
      return { title: words.failure.slowedTitle, next: words.failure.slowed };
    case 'unavailable':
      return { title: words.failure.unavailableTitle, next: words.failure.unavailable };
    case 'other':
      return { title: words.failure.title, next: words.failure.next };
  }
};

/** What, what next, and the code of the catalogue. A refused object and one that does not exist are the same page. */
export const FailurePage = ({ frame, assets, failure, code }: Props) => {
  const words = wordsOf(frame.language);
  const { title, next } = saidOf(failure, words);
  return (
    <PageShell frame={frame} assets={assets} title={title}>
      <h1>{title}</h1>
      <p class="lead">{next}</p>
      <p class="meta">{fill(words.failure.code, { code })}</p>
      <p>
        <a class="button" href="/">
          {words.failure.back}
        </a>
      </p>
    </PageShell>
  );
};
