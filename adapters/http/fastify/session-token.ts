import type { FastifyRequest } from 'fastify';
import { HOME_COOKIE, STAFF_COOKIE } from '#contract/routes/pages.ts';
import type { Route } from '#contract/routes/route.ts';

/** Where the tenants' pages are, and the only place to which their cookie is sent. */
const TENANT_PATH = '/chez-moi';

export const isApiRoute = (route: Route): boolean => route.path.startsWith('/api/');
export const isTenantPath = (path: string): boolean => path === TENANT_PATH || path.startsWith(`${TENANT_PATH}/`);

const bearerOf = (request: FastifyRequest): string | null =>
  /^Bearer ([\w.~+/=-]{1,256})$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;

/** `/api/v1` takes bearer tokens only, so that no site can borrow a reader's cookie there; pages also take their own cookie. */
export const sessionToken = (route: Route, request: FastifyRequest): string | null => {
  const bearer = bearerOf(request);
  if (bearer !== null || isApiRoute(route)) return bearer;
  return request.cookies[isTenantPath(route.path) ? HOME_COOKIE : STAFF_COOKIE] ?? null;
};

export const carriesSessionCookie = (request: FastifyRequest): boolean =>
  request.cookies[STAFF_COOKIE] !== undefined || request.cookies[HOME_COOKIE] !== undefined;
