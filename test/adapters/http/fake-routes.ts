import { z } from 'zod';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '#adapters/http/fastify/create-http-server.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { dwellingParam, pointParam, siteParam } from '#contract/routes/fields.ts';
import { followChanges } from '#contract/routes/platform.ts';
import { defineRoute, type MountedRoute, mount } from '#contract/routes/route.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { accountId, dwellingId, siteId } from '#domain/identifiers.ts';
import type { Principal, Resource, Role } from '#domain/people/permission.ts';

const told = z.object({ told: z.string() });

export const readPlace = defineRoute({
  name: 'readPlace',
  method: 'GET',
  path: '/api/v1/sites/:site/place',
  summary: 'A street',
  access: { kind: 'permission', anyOf: ['lighting.read'], on: { kind: 'site', param: 'site' } },
  params: z.strictObject({ site: siteParam }),
  query: z.strictObject({ since: z.string().max(10).optional() }),
  answer: { kind: 'json', schema: told },
});
export const dimPlace = defineRoute({
  name: 'dimPlace',
  method: 'POST',
  path: '/api/v1/sites/:site/place',
  summary: 'Dim a street',
  access: { kind: 'permission', anyOf: ['lighting.override'], on: { kind: 'site', param: 'site' } },
  params: z.strictObject({ site: siteParam }),
  body: z.strictObject({ levelPercent: z.int().min(0).max(100), reason: z.string() }),
  answer: { kind: 'json', status: 202, schema: told },
});
export const forgetPlace = defineRoute({
  name: 'forgetPlace',
  method: 'DELETE',
  path: '/api/v1/sites/:site/place',
  summary: 'Return to the program',
  access: { kind: 'permission', anyOf: ['lighting.override'], on: { kind: 'site', param: 'site' } },
  params: z.strictObject({ site: siteParam }),
  answer: { kind: 'empty' },
});
export const readBlock = defineRoute({
  name: 'readBlock',
  method: 'GET',
  path: '/api/v1/sites/:site/block',
  summary: 'A building',
  access: { kind: 'permission', anyOf: ['building.read'], on: { kind: 'site', param: 'site' } },
  params: z.strictObject({ site: siteParam }),
  answer: { kind: 'json', schema: told },
});
export const readFlat = defineRoute({
  name: 'readFlat',
  method: 'GET',
  path: '/api/v1/dwellings/:dwelling/flat',
  summary: 'A home',
  access: { kind: 'permission', anyOf: ['dwelling.read'], on: { kind: 'dwelling', param: 'dwelling' } },
  params: z.strictObject({ dwelling: dwellingParam }),
  answer: { kind: 'json', schema: told },
});
export const readCurve = defineRoute({
  name: 'readCurve',
  method: 'GET',
  path: '/api/v1/curve',
  summary: 'A curve',
  access: {
    kind: 'permission',
    anyOf: ['lighting.series', 'building.series', 'dwelling.series'],
    on: { kind: 'point', query: 'point' },
  },
  query: z.strictObject({ point: pointParam }),
  answer: { kind: 'json', schema: told },
});
export const readRefused = defineRoute({
  name: 'readRefused',
  method: 'GET',
  path: '/api/v1/refused',
  summary: 'What was refused',
  access: { kind: 'permission', anyOf: ['platform.read'], on: { kind: 'platform' } },
  answer: { kind: 'json', schema: told },
});
export const readMe = defineRoute({
  name: 'readMe',
  method: 'GET',
  path: '/api/v1/me',
  summary: 'Whose session',
  access: { kind: 'session' },
  answer: { kind: 'json', schema: told },
});
export const readTime = defineRoute({
  name: 'readTime',
  method: 'GET',
  path: '/time',
  summary: 'Anyone',
  access: { kind: 'public' },
  answer: { kind: 'json', schema: told },
  requestsPerMinute: 5,
});
export const readBroken = defineRoute({
  name: 'readBroken',
  method: 'GET',
  path: '/api/v1/broken',
  summary: 'An answer that is not its schema’s',
  access: { kind: 'public' },
  answer: { kind: 'json', schema: z.object({ told: z.number() }) },
});
export const streetPage = defineRoute({
  name: 'streetPage',
  method: 'GET',
  path: '/eclairage/:site',
  summary: 'The street on a page',
  access: { kind: 'permission', anyOf: ['lighting.read'], on: { kind: 'site', param: 'site' } },
  params: z.strictObject({ site: siteParam }),
  answer: { kind: 'page' },
});
export const dimForm = defineRoute({
  name: 'dimForm',
  method: 'POST',
  path: '/eclairage/:site',
  summary: 'The form that dims',
  access: { kind: 'permission', anyOf: ['lighting.override'], on: { kind: 'site', param: 'site' } },
  params: z.strictObject({ site: siteParam }),
  body: z.strictObject({ level: z.string().regex(/^\d+$/) }),
  answer: { kind: 'page' },
});
export const signInForm = defineRoute({
  name: 'signInForm',
  method: 'POST',
  path: '/connexion',
  summary: 'Sign in',
  access: { kind: 'public' },
  body: z.strictObject({ email: z.string() }),
  answer: { kind: 'page' },
});
export const homePage = defineRoute({
  name: 'homePage',
  method: 'GET',
  path: '/chez-moi',
  summary: 'The home on a page',
  access: { kind: 'session' },
  answer: { kind: 'page' },
});
export const streetStream = defineRoute({
  name: 'streetStream',
  method: 'GET',
  path: '/flux',
  summary: 'Changes for a page',
  access: { kind: 'session' },
  answer: { kind: 'events', schema: z.object({ changed: z.string(), id: z.string() }) },
});

const tell = (principal: Principal | null, what: string) => ({
  told: `${what} for ${principal?.displayName ?? 'anyone'}`,
  secret: 'never',
});

const html = (text: string) => ({ kind: 'html' as const, status: 200, html: `<p>${text}</p>` });

export const fakeRoutes = (events: () => AsyncIterable<{ changed: 'street'; id: string }>): MountedRoute[] => [
  mount(readPlace, async ({ params, principal }) => tell(principal, params.site)),
  mount(dimPlace, async ({ params, body, principal }) => tell(principal, `${params.site} at ${body.levelPercent}`)),
  mount(forgetPlace, async () => undefined),
  mount(readBlock, async ({ params, principal }) => tell(principal, params.site)),
  mount(readFlat, async ({ params, principal }) => tell(principal, params.dwelling)),
  mount(readCurve, async ({ query, principal }) => tell(principal, query.point)),
  mount(readRefused, async ({ principal }) => tell(principal, 'refusals')),
  mount(readMe, async ({ principal }) => tell(principal, 'session')),
  mount(readTime, async ({ principal }) => tell(principal, 'time')),
  mount(readBroken, async () => ({ told: 'a secret figure' }) as never),
  mount(streetPage, async ({ params, principal }) => html(`${params.site} for ${principal.displayName}`)),
  mount(dimForm, async ({ body }) => ({ kind: 'redirect' as const, to: `/eclairage/dimmed-${body.level}` })),
  mount(signInForm, async () => ({
    kind: 'redirect' as const,
    to: '/',
    cookies: [{ name: 'axone_session', value: 'token-technician', path: '/', maxAgeSeconds: 60 }],
  })),
  mount(homePage, async ({ principal }) => html(`home of ${principal.displayName}`)),
  mount(streetStream, async () => events()),
  mount(followChanges, async () => events()),
];

const hats: Readonly<Record<Role, Principal['hats']>> = {
  technician: [{ role: 'technician', organisation: 'useda', sites: [siteId('site-mine')] }],
  landlord: [{ role: 'landlord', organisation: 'bailleur', sites: [siteId('site-mine')] }],
  tenant: [{ role: 'tenant', dwelling: dwellingId('dwelling-mine'), from: parseInstant('2026-01-01T00:00:00Z'), to: null }],
  admin: [{ role: 'admin', organisation: 'axone' }],
};

export const ROLES: readonly Role[] = ['technician', 'landlord', 'tenant', 'admin'];
export const tokenOf = (role: Role): string => `token-${role}`;

const principalOf = (role: Role): Principal => ({
  account: accountId(`account-${role}`),
  displayName: role,
  session: `session-${role}`,
  hats: hats[role],
});

const POINTS: Readonly<Record<string, Resource>> = {
  'point-street': { kind: 'site', site: siteId('site-mine') },
  'point-of-others': { kind: 'site', site: siteId('site-theirs') },
  'point-flat': { kind: 'dwelling', dwelling: dwellingId('dwelling-mine') },
};

export interface LoggedLine {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface FakePlatform {
  readonly server: HttpServer;
  readonly clock: SimulatedClock;
  readonly lines: LoggedLine[];
  /** From now on the role's session is no session. */
  revoke(role: Role): void;
}

export const startFakePlatform = async (
  events: () => AsyncIterable<{ changed: 'street'; id: string }> = async function* () {
    yield* [];
  },
  options: Partial<HttpServerOptions> = {},
): Promise<FakePlatform> => {
  const clock = createSimulatedClock({ civil: parseInstant('2026-11-24T12:00:00Z') });
  const lines: LoggedLine[] = [];
  const write = (event: string, fields: Readonly<Record<string, unknown>> = {}): void => void lines.push({ event, fields });
  const logger: Logger = { info: write, warn: write, error: write };
  const revoked = new Set<Role>();
  const server = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    routes: fakeRoutes(events),
    authenticate: async (token) => {
      const role = ROLES.find((candidate) => tokenOf(candidate) === token);
      return role === undefined || revoked.has(role) ? null : principalOf(role);
    },
    resolvePoint: async (point) => POINTS[point] ?? null,
    clock,
    logger,
    version: '0.1.0',
    renderError: (problem, language) => `<h1 lang="${language}">${problem.code}</h1>`,
    ...options,
  });
  return { server, clock, lines, revoke: (role) => void revoked.add(role) };
};
