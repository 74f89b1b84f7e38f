import { ERRORS, type ErrorCode, type Fault, fault } from '#contract/errors.ts';
import type { ApiAnswer, ApiClient } from '#contract/ports/api-client.ts';
import type { Clock } from '#contract/ports/clock.ts';
import { HOME_COOKIE, LANGUAGE_COOKIE, STAFF_COOKIE } from '#contract/routes/pages.ts';
import type { CookieChange, PageAnswer, Route } from '#contract/routes/route.ts';
import { formatInstant } from '#domain/civil-time.ts';
import type { Principal } from '#domain/people/permission.ts';
import type { LoadedPortal } from '../load-portal.ts';
import type { PageContent, PageFrame, Reader } from '../page-content.ts';
import type { Language } from '../words/formats.ts';

/** What the handlers of every page share. */
export interface PortalContext {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly field: 'simulated' | 'real';
  readonly helpPhone: string;
  /** Rejects before the service has started. */
  portal(): LoadedPortal;
}

export interface PageRequest {
  readonly path: string;
  readonly cookies: Readonly<Record<string, string | undefined>>;
  readonly principal: Principal | null;
}

export const languageOf = (cookies: PageRequest['cookies']): Language => (cookies[LANGUAGE_COOKIE] === 'en' ? 'en' : 'fr');

/** The token of the session that a page acts with; the API answers `SIGN_IN_REQUIRED` without one. */
export const staffToken = ({ cookies }: PageRequest): string | null => cookies[STAFF_COOKIE] ?? null;
export const homeToken = ({ cookies }: PageRequest): string | null => cookies[HOME_COOKIE] ?? null;

export const readerOf = (principal: Principal | null): Reader => {
  if (principal === null) return { kind: 'visitor' };
  const roles = principal.hats.flatMap(({ role }) => (role === 'tenant' ? [] : [role]));
  return roles.length === 0 ? { kind: 'tenant' } : { kind: 'staff', displayName: principal.displayName, roles };
};

interface PageExtras {
  readonly status?: number;
  readonly cookies?: readonly CookieChange[];
  readonly reader?: Reader;
  /** Where the language links come back, when it is not the address asked: a form's own page. */
  readonly returnPath?: string;
}

export const frameOf = (context: PortalContext, language: Language, path: string, reader: Reader): PageFrame => ({
  language,
  path,
  field: context.field,
  clockSpeed: context.clock.speed,
  now: formatInstant(context.clock.civilNow()),
  helpPhone: context.helpPhone,
  reader,
});

export const pageAnswer = (
  context: PortalContext,
  request: PageRequest,
  content: PageContent,
  extras: PageExtras = {},
): PageAnswer => {
  const reader = extras.reader ?? readerOf(request.principal);
  const frame = frameOf(context, languageOf(request.cookies), extras.returnPath ?? request.path, reader);
  const { renderPage, assets } = context.portal();
  return {
    kind: 'html',
    status: extras.status ?? 200,
    html: renderPage(frame, content, assets),
    ...(extras.cookies === undefined ? {} : { cookies: extras.cookies }),
  };
};

/** A refusal of the API as the fault it is; a code of a newer API becomes `INTERNAL`. */
export const apiFault = (answer: { readonly error: { readonly code: string } }): Fault => {
  const { code } = answer.error;
  const known = Object.hasOwn(ERRORS, code);
  return known ? fault(code as ErrorCode) : fault('INTERNAL', { reference: code });
};

/** The body of an answer, or the API's refusal thrown. */
export const bodyOf = <R extends Route>(answer: ApiAnswer<R>): Extract<ApiAnswer<R>, { ok: true }>['body'] => {
  if (!answer.ok) throw apiFault(answer);
  return answer.body;
};

export const redirectTo = (to: string, ...cookies: CookieChange[]): PageAnswer => ({ kind: 'redirect', to, cookies });
