import { PageShell } from '../../components/page-shell.tsx';
import type { PageAssets, PageFrame, SignInProblem } from '../../page-content.ts';
import { wordsOf } from '../../words/words.ts';

interface Props {
  readonly frame: PageFrame;
  readonly assets: PageAssets;
  readonly email: string;
  readonly problem: SignInProblem | null;
}

export const SignInPage = ({ frame, assets, email, problem }: Props) => {
  const words = wordsOf(frame.language);
  return (
    <PageShell frame={frame} assets={assets} title={words.signIn.title}>
      <h1>{words.signIn.title}</h1>
      <p class="lead">{words.signIn.sentence}</p>
      {problem === null ? null : (
        <div class="message message-fault" role="alert">
          <h2>{words.signIn.errorTitle}</h2>
          <p id="erreur">{words.signIn[problem]}</p>
        </div>
      )}
      <form method="post" action="/connexion" class="narrow">
        <p class="field">
          <label for="email">{words.signIn.email}</label>
          <input id="email" name="email" type="email" autoComplete="username" required maxLength={254} value={email} />
        </p>
        <p class="field">
          <label for="password">{words.signIn.password}</label>
          <input
            id="password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            maxLength={200}
            aria-describedby={problem === null ? undefined : 'erreur'}
          />
        </p>
        <button type="submit" class="primary">
          {words.signIn.submit}
        </button>
      </form>
    </PageShell>
  );
};
