import { PageShell } from '../../components/page-shell.tsx';
import type { HomeSignInProblem, PageAssets, PageFrame } from '../../page-content.ts';
import { type Words, wordsOf } from '../../words/words.ts';

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly code: string | null;
  readonly problem: HomeSignInProblem | null;
}

const problemText = (problem: HomeSignInProblem, words: Words): string =>
  ({
    'wrong-code': words.homeSignIn.wrongCode,
    'wrong-digits': words.homeSignIn.wrongDigits,
    shape: words.homeSignIn.shape,
    wait: words.homeSignIn.wait,
  })[problem];

const CodeField = ({ words }: { readonly words: Words }) => (
  <p class="field">
    <label for="code">{words.homeSignIn.code}</label>
    <input
      id="code"
      name="code"
      required
      maxLength={12}
      autoComplete="off"
      autoCapitalize="characters"
      spellcheck={false}
      class="secret"
      aria-describedby="probleme"
    />
  </p>
);

const DigitsField = ({ code, words }: { readonly code: string; readonly words: Words }) => (
  <>
    <input type="hidden" name="code" value={code} />
    <p class="field">
      <label for="chiffres">{words.homeSignIn.digits}</label>
      <input
        id="chiffres"
        name="chiffres"
        type="password"
        inputMode="numeric"
        maxLength={4}
        required
        autoComplete="off"
        class="secret"
        aria-describedby="probleme"
      />
    </p>
  </>
);

/** One question a page: the code of the letter, then the four digits. */
export const HomeSignInPage = ({ frame, assets, code, problem }: Props) => {
  const words = wordsOf(frame.language);
  return (
    <PageShell frame={frame} assets={assets} title={words.homeSignIn.title}>
      <h1>{words.homeSignIn.title}</h1>
      <p id="probleme" role="alert" class={problem === null ? undefined : 'message message-fault'}>
        {problem === null ? null : problemText(problem, words)}
      </p>
      <form method="post" action="/chez-moi/entrer">
        {code === null ? <CodeField words={words} /> : <DigitsField code={code} words={words} />}
        <button type="submit" class="primary">
          {code === null ? words.homeSignIn.next : words.homeSignIn.enter}
        </button>
      </form>
      {code === null ? (
        <p>{words.homeSignIn.lost}</p>
      ) : (
        <p>
          <a href="/chez-moi/entrer">{words.homeSignIn.otherCode}</a>
        </p>
      )}
    </PageShell>
  );
};
