import { createInProcessChangeFeed } from '#adapters/changes/in-process.ts';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createHttpServer } from '#adapters/http/fastify/create-http-server.ts';
import { createPlatformRoutes } from '#adapters/http/fastify/platform-routes.ts';
import { fault } from '#contract/errors.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import { type CommissioningAnswer, readCommissioning } from '#contract/routes/commissioning.ts';
import {
  type BuildingAnswer,
  type HomeAnswer,
  type HomeDetailsAnswer,
  readBuilding,
  readHome,
  readHomeDetails,
} from '#contract/routes/housing.ts';
import {
  beginOverride,
  endOverride,
  listSites,
  type OverrideAnswer,
  readOverride,
  readStreet,
  type StreetAnswer,
} from '#contract/routes/lighting.ts';
import { type ChangeEvent, followChanges } from '#contract/routes/platform.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import { closeSession, openSession } from '#contract/routes/session.ts';
import { createDashboards, type Dashboards } from '#dashboards/index.ts';
import { accountId } from '#domain/identifiers.ts';
import type { Hat, Principal } from '#domain/people/permission.ts';
import { commissioningAnswer } from '#test/dashboards/commissioning-answers.ts';
import {
  BUILDING,
  buildingAnswer,
  DWELLING,
  homeAnswer,
  homeDetailsAnswer,
  NOW,
  overrideOfNorth,
  STREET,
  streetAnswer,
} from '#test/dashboards/portal-answers.ts';
import { silentLogger } from '#test/services/loggers.ts';

/** What the API answers, changed by a test as the field would. */
export interface PortalAnswers {
  street: StreetAnswer;
  building: BuildingAnswer;
  home: HomeAnswer;
  homeDetails: HomeDetailsAnswer;
  override: OverrideAnswer;
  commissioning: CommissioningAnswer;
  /** Refuses every order, as a level or an end out of range would. */
  refusal: 'OVERRIDE_END_INVALID' | null;
}

export interface BegunOverride {
  readonly target: OverrideAnswer['target'];
  readonly levelPercent: number;
  readonly endsAt: string;
  readonly reason: string;
}

export interface PortalOnAnswers {
  readonly url: string;
  readonly answers: PortalAnswers;
  readonly clock: SimulatedClock;
  readonly changes: ChangeFeed;
  readonly dashboards: Dashboards;
  readonly begun: BegunOverride[];
  readonly ended: string[];
  /** Tokens that are sessions. */
  readonly sessions: Map<string, Principal>;
  stop(): Promise<void>;
}

export const STAFF_PASSWORD = 'a long enough password';
export const LETTER_CODE = 'AB2CD3EF';
export const DIGITS = '4271';

const staff = (name: string, displayName: string, hats: readonly Hat[]): Principal => ({
  account: accountId(name),
  displayName,
  session: `session-${name}`,
  hats,
});

const TECHNICIAN = staff('c-martin', 'C. Martin', [{ role: 'technician', organisation: 'USEDA', sites: [STREET] }]);
const LANDLORD = staff('m-durand', 'M. Durand', [{ role: 'landlord', organisation: 'Bailleur', sites: [BUILDING] }]);
const ADMIN = staff('l-roy', 'L. Roy', [{ role: 'admin', organisation: 'Axone' }]);
const TENANT = staff('tenant-07', 'Mme Petit', [{ role: 'tenant', dwelling: DWELLING, from: NOW, to: null }]);

export const SESSIONS = {
  technician: 'token-technician',
  landlord: 'token-landlord',
  admin: 'token-admin',
  tenant: 'token-tenant',
} as const;

const BY_EMAIL: Readonly<Record<string, keyof typeof SESSIONS>> = {
  'technicien@exemple.fr': 'technician',
  'bailleur@exemple.fr': 'landlord',
  'admin@exemple.fr': 'admin',
};

const accountOf = (principal: Principal) => ({
  account: principal.account,
  displayName: principal.displayName,
  hats: principal.hats.map((hat) =>
    hat.role === 'tenant'
      ? { role: 'tenant' as const, dwelling: hat.dwelling }
      : { ...hat, sites: 'sites' in hat ? [...hat.sites] : [] },
  ),
});

const sessionRoutes = (sessions: Map<string, Principal>): MountedRoute[] => [
  mount(openSession, async ({ body }) => {
    const role =
      'email' in body
        ? body.password === STAFF_PASSWORD && BY_EMAIL[body.email]
        : body.letterCode === LETTER_CODE && body.digits === DIGITS && 'tenant';
    if (role === false || role === undefined) throw fault('SIGN_IN_REFUSED');
    const principal = sessions.get(SESSIONS[role]);
    if (principal === undefined) throw fault('SIGN_IN_REFUSED');
    return { token: SESSIONS[role], expiresAt: '2026-11-25T21:41:00Z', account: accountOf(principal) };
  }),
  mount(closeSession, async () => undefined),
];

async function* eventsOf(changes: ChangeFeed, signal: AbortSignal): AsyncGenerator<ChangeEvent> {
  const waiting: ChangeEvent[] = [];
  let wake = (): void => undefined;
  const stop = changes.listen((change) => {
    waiting.push(change);
    wake();
  });
  signal.addEventListener('abort', () => wake(), { once: true });
  try {
    while (!signal.aborted) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    stop();
  }
}

const lightingRoutes = ({ answers, begun, ended }: Pick<PortalOnAnswers, 'answers' | 'begun' | 'ended'>): MountedRoute[] => [
  mount(readStreet, async () => answers.street),
  mount(beginOverride, async ({ body }) => {
    if (answers.refusal !== null) throw fault(answers.refusal, { endsAt: body.endsAt, latest: '2026-12-01T00:00:00Z' });
    begun.push(body);
    return overrideOfNorth({ ...body, id: 'override-7f3a' });
  }),
  mount(readOverride, async ({ params }) => {
    if (params.override !== answers.override.id) throw fault('NOT_FOUND');
    return answers.override;
  }),
  mount(endOverride, async ({ params }) => {
    ended.push(params.override);
    return answers.override;
  }),
];

const siteRoutes = ({ answers }: Pick<PortalOnAnswers, 'answers'>): MountedRoute[] => [
  mount(listSites, async ({ principal }) => ({
    sites: principal.hats.flatMap((hat) => [
      ...(hat.role === 'technician' ? [{ id: STREET, name: answers.street.name, kind: 'lighting' as const }] : []),
      ...(hat.role === 'landlord' ? [{ id: BUILDING, name: answers.building.name, kind: 'building' as const }] : []),
    ]),
  })),
  mount(readCommissioning, async () => answers.commissioning),
  mount(readBuilding, async () => answers.building),
  mount(readHome, async () => answers.home),
  mount(readHomeDetails, async () => answers.homeDetails),
];

/** The real pages over the real HTTP server and its permission checks; only what the API knows is given. */
export const startPortalOnAnswers = async (
  given: { readonly clockSpeed?: number; readonly field?: 'simulated' | 'real' } = {},
) => {
  const clock = createSimulatedClock({ civil: NOW, speed: given.clockSpeed ?? 1 });
  const logger = silentLogger;
  const changes = createInProcessChangeFeed();
  const answers: PortalAnswers = {
    street: streetAnswer(),
    building: buildingAnswer(),
    home: homeAnswer(),
    homeDetails: homeDetailsAnswer(),
    override: overrideOfNorth(),
    commissioning: commissioningAnswer(),
    refusal: null,
  };
  const begun: BegunOverride[] = [];
  const ended: string[] = [];
  const sessions = new Map<string, Principal>([
    [SESSIONS.technician, TECHNICIAN],
    [SESSIONS.landlord, LANDLORD],
    [SESSIONS.admin, ADMIN],
    [SESSIONS.tenant, TENANT],
  ]);
  let dashboards: Dashboards | null = null;
  const server = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    routes: [
      ...sessionRoutes(sessions),
      ...lightingRoutes({ answers, begun, ended }),
      ...siteRoutes({ answers }),
      mount(followChanges, async ({ signal }) => eventsOf(changes, signal)),
      ...createPlatformRoutes({ services: [], version: '0.0.0' }),
    ],
    authenticate: async (token) => sessions.get(token) ?? null,
    resolvePoint: async () => null,
    clock,
    logger,
    version: '0.0.0',
    changes,
    renderError: (problem, language) => dashboards?.renderError(problem, language) ?? '',
  });
  dashboards = createDashboards({
    api: server.apiClient,
    clock,
    logger,
    field: given.field ?? 'simulated',
    helpPhone: '03 23 00 00 00',
    root: new URL('../..', import.meta.url).pathname.replace(/\/$/, ''),
  });
  await dashboards.start();
  server.mount(dashboards.routes);
  const { url } = await server.listen();
  const running: PortalOnAnswers = {
    url,
    answers,
    clock,
    changes,
    dashboards,
    begun,
    ended,
    sessions,
    stop: async () => {
      await server.close();
      await dashboards?.stop();
    },
  };
  return running;
};
