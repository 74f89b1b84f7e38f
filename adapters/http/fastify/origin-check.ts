import type { FastifyRequest } from 'fastify';
import { fault } from '#contract/errors.ts';
import type { Route } from '#contract/routes/route.ts';
import { carriesSessionCookie, isApiRoute } from './session-token.ts';

const ownOrigin = (request: FastifyRequest): string => `${request.protocol}://${request.host}`;

const comesFromHere = (request: FastifyRequest, trustedOrigin: string | null): boolean => {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin !== undefined) return origin === (trustedOrigin ?? ownOrigin(request));
  return site !== undefined || !carriesSessionCookie(request);
};

/**
 * Refuses a page's form that another site sent (`FORGED_ORIGIN`). Browsers name the origin of every post; a client that
 * names none may only come without a session cookie. The API is out of reach of this trick: it takes no cookie.
 */
export const refuseForgedOrigin = (route: Route, request: FastifyRequest, trustedOrigin: string | null): void => {
  if (route.method === 'GET' || isApiRoute(route)) return;
  if (!comesFromHere(request, trustedOrigin)) throw fault('FORGED_ORIGIN');
};
