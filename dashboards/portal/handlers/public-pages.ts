import { fault } from '#contract/errors.ts';
import {
  chooseLanguage,
  LANGUAGE_COOKIE,
  STAFF_COOKIE,
  serveAsset,
  showDoors,
  showSignIn,
  signIn,
  signOut,
} from '#contract/routes/pages.ts';
import { type MountedRoute, mount, type PageAnswer } from '#contract/routes/route.ts';
import { type AccountAnswer, closeSession, openSession } from '#contract/routes/session.ts';
import type { SignInProblem } from '../page-content.ts';
import { apiFault, type PageRequest, type PortalContext, pageAnswer, redirectTo, staffToken } from './portal-context.ts';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Only a path of ours: an address that a browser could read as another site's goes to the doors. */
export const safeReturnPath = (path: string | undefined): string =>
  path !== undefined && /^\/(?![/\\])[\w\-/.~%?=&:#+]*$/.test(path) ? path : '/';

const firstPage = (account: AccountAnswer): string => {
  const roles = account.hats.map(({ role }) => role);
  if (roles.includes('technician')) return '/eclairage';
  return roles.includes('landlord') ? '/patrimoine' : '/';
};

const signInProblem = (code: string): SignInProblem | null => {
  if (code === 'SIGN_IN_REFUSED' || code === 'REQUEST_INVALID') return 'refused';
  return code === 'SIGN_IN_SLOWED' || code === 'RATE_LIMITED' ? 'slowed' : null;
};

interface Credentials {
  readonly email: string;
  readonly password: string;
}

const openStaffSession = async (context: PortalContext, request: PageRequest, given: Credentials): Promise<PageAnswer> => {
  const again = (problem: SignInProblem, status: number) =>
    pageAnswer(context, request, { page: 'sign-in', email: given.email, problem }, { status });
  if (given.email === '' || given.password === '') return again('incomplete', 422);
  const answer = await context.api.call(openSession, null, { body: { email: given.email, password: given.password } });
  if (answer.ok) {
    const { token, account } = answer.body;
    return redirectTo(firstPage(account), { name: STAFF_COOKIE, value: token, path: '/' });
  }
  const problem = signInProblem(answer.error.code);
  if (problem === null) throw apiFault(answer);
  return again(problem, answer.status);
};

/** The pages anyone may open, and the two doors of a session. */
export const publicPages = (context: PortalContext): MountedRoute[] => [
  mount(showDoors, async (request) => pageAnswer(context, request, { page: 'doors' })),
  mount(serveAsset, async ({ params }) => {
    const asset = context.portal().files.get(params.asset);
    if (asset === undefined) throw fault('NOT_FOUND');
    return { kind: 'asset' as const, ...asset };
  }),
  mount(chooseLanguage, async ({ params, query }) =>
    redirectTo(safeReturnPath(query.retour), {
      name: LANGUAGE_COOKIE,
      value: params.language,
      path: '/',
      maxAgeSeconds: YEAR_SECONDS,
    }),
  ),
  mount(showSignIn, async (request) => pageAnswer(context, request, { page: 'sign-in', email: '', problem: null })),
  mount(signIn, async (request) =>
    openStaffSession(context, request, { email: request.body.email?.trim() ?? '', password: request.body.password ?? '' }),
  ),
  mount(signOut, async (request) => {
    await context.api.call(closeSession, staffToken(request), {});
    return redirectTo('/', { name: STAFF_COOKIE, value: null, path: '/' });
  }),
];
