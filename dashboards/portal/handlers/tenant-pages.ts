import { fault } from '#contract/errors.ts';
import { readHome, readHomeDetails } from '#contract/routes/housing.ts';
import {
  followHomePages,
  HOME_COOKIE,
  homeSignIn,
  homeSignOut,
  showHome,
  showHomeDetails,
  showHomeSignIn,
} from '#contract/routes/pages.ts';
import { type MountedRoute, mount, type PageAnswer } from '#contract/routes/route.ts';
import { closeSession, openSession } from '#contract/routes/session.ts';
import type { DwellingId } from '#domain/identifiers.ts';
import type { HomeSignInProblem } from '../page-content.ts';
import { apiFault, bodyOf, homeToken, type PageRequest, type PortalContext, pageAnswer, redirectTo } from './portal-context.ts';

const HOME_PATH = '/chez-moi';
/** How long a tenant's device is remembered; the session itself may end sooner. */
const REMEMBERED_SECONDS = 180 * 24 * 60 * 60;
/** The alphabet of the letter has no 0 O 1 I L; spaces and hyphens are how people copy it. */
const LETTER_CODE = /^[A-HJKMNP-Z2-9]{8}$/;

const dwellingOf = (request: PageRequest): DwellingId => {
  const hat = request.principal?.hats.find((candidate) => candidate.role === 'tenant');
  if (hat === undefined) throw fault('NOT_FOUND');
  return hat.dwelling;
};

export const normalisedCode = (typed: string): string => typed.toUpperCase().replaceAll(/[\s-]/g, '');

const signInProblem = (code: string): HomeSignInProblem | null => {
  if (code === 'SIGN_IN_REFUSED' || code === 'REQUEST_INVALID') return 'wrong-digits';
  return code === 'SIGN_IN_SLOWED' || code === 'RATE_LIMITED' ? 'wait' : null;
};

const openHomeSession = async (
  context: PortalContext,
  request: PageRequest,
  code: string,
  digits: string | undefined,
): Promise<PageAnswer> => {
  const ask = (kept: string | null, problem: HomeSignInProblem | null, status = 200) =>
    pageAnswer(context, request, { page: 'home-sign-in', code: kept, problem }, { status, reader: { kind: 'tenant' } });
  if (!LETTER_CODE.test(code)) return ask(null, 'wrong-code', 422);
  if (digits === undefined) return ask(code, null);
  if (!/^\d{4}$/.test(digits)) return ask(code, 'shape', 422);
  const answer = await context.api.call(openSession, null, { body: { letterCode: code, digits } });
  if (answer.ok) {
    const cookie = { name: HOME_COOKIE, value: answer.body.token, path: HOME_PATH, maxAgeSeconds: REMEMBERED_SECONDS };
    return redirectTo(HOME_PATH, cookie);
  }
  const problem = signInProblem(answer.error.code);
  if (problem === null) throw apiFault(answer);
  return ask(problem === 'wait' ? code : null, problem, answer.status);
};

/** A tenant's own pages, under a cookie that no professional page receives. */
export const tenantPages = (context: PortalContext): MountedRoute[] => [
  mount(showHomeSignIn, async (request) =>
    pageAnswer(context, request, { page: 'home-sign-in', code: null, problem: null }, { reader: { kind: 'tenant' } }),
  ),
  mount(homeSignIn, async (request) =>
    openHomeSession(context, request, normalisedCode(request.body.code ?? ''), request.body.chiffres?.trim()),
  ),
  mount(homeSignOut, async (request) => {
    await context.api.call(closeSession, homeToken(request), {});
    return redirectTo('/', { name: HOME_COOKIE, value: null, path: HOME_PATH });
  }),
  mount(showHome, async (request) => {
    const params = { dwelling: dwellingOf(request) };
    const home = bodyOf(await context.api.call(readHome, homeToken(request), { params }));
    return pageAnswer(context, request, { page: 'home', home });
  }),
  mount(showHomeDetails, async (request) => {
    const params = { dwelling: dwellingOf(request) };
    const details = bodyOf(await context.api.call(readHomeDetails, homeToken(request), { params }));
    return pageAnswer(context, request, { page: 'home-details', details });
  }),
  mount(followHomePages, async (request) => {
    const token = homeToken(request);
    if (token === null) throw fault('SIGN_IN_REQUIRED');
    return context.api.follow(token, request.signal);
  }),
];
