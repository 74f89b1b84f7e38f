import { reasonOf } from '#contract/errors.ts';
import type { Authenticator } from '#contract/ports/authenticator.ts';
import type { CertificateAuthority } from '#contract/ports/certificate-authority.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { CommissioningRegistry } from '#contract/ports/commissioning-registry.ts';
import type { HousingAssets, HousingRegistry } from '#contract/ports/housing-registry.ts';
import type { EdgeJournal, IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { Service, ServiceHealth } from '#contract/ports/lifecycle.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { BusState, MessageBus } from '#contract/ports/message-bus.ts';
import type { PasswordHasher } from '#contract/ports/password-hasher.ts';
import type { AssetsRegistry, AuditRegistry, LightingRegistry, PeopleRegistry } from '#contract/ports/registry.ts';
import type { Scheduler } from '#contract/ports/scheduler.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { MountedRoute } from '#contract/routes/route.ts';
import { isDuring } from '#domain/housing/tenancy.ts';
import type { DwellingId } from '#domain/identifiers.ts';
import { assetsFileWith } from './assets/assets-file.ts';
import { importAssets } from './assets/import-assets.ts';
import type { FieldSections } from './assets/site-section.ts';
import { changeRoutes } from './changes/follow-changes.ts';
import { createNewReadings } from './changes/new-readings.ts';
import { createCommissioningRoom } from './commissioning/create-commissioning.ts';
import { createHousing } from './housing/create-housing.ts';
import { housingSection } from './housing/housing-section.ts';
import { enrolmentRoutes } from './identity/enrolment-routes.ts';
import { journalRoutes } from './journal/journal-routes.ts';
import { type Accounts, createAccounts, type DemoAccount, type NewTenantAccount } from './people/accounts.ts';
import { createSessionForgetting } from './people/session-forgetting.ts';
import { sessionRoutes } from './people/session-routes.ts';
import { createSessions } from './people/sessions.ts';
import { createDesiredState } from './reconcile/desired-state.ts';
import { createFieldWatch } from './reconcile/field-watch.ts';
import { streetRoutes } from './street/read-street.ts';
import { createNames } from './telecommand/override-answer.ts';
import { createOverrideEnds } from './telecommand/override-ends.ts';
import { createOverrideOrders } from './telecommand/override-orders.ts';
import { overrideRoutes } from './telecommand/override-routes.ts';
import { createReportWatch } from './telecommand/report-watch.ts';

/** The whole assets file of a field: what stands in it and who lives there. */
export const assetsFile = assetsFileWith(housingSection);
export type { Accounts, DemoAccount, NewStaffAccount, NewTenantAccount } from './people/accounts.ts';
export { createAccounts } from './people/accounts.ts';

export interface ControlDeps {
  readonly assets: AssetsRegistry;
  readonly lighting: LightingRegistry;
  readonly people: PeopleRegistry;
  readonly audit: AuditRegistry;
  readonly journal: EdgeJournal;
  readonly quarantine: Pick<IngestRegistry, 'quarantined'>;
  readonly housing: HousingRegistry;
  readonly commissioning: CommissioningRegistry;
  readonly store: TimeSeriesStore;
  readonly scheduler: Scheduler;
  /** Control's own client of the broker. */
  readonly bus: MessageBus;
  readonly changes: ChangeFeed;
  readonly hasher: PasswordHasher;
  /** Null where certificates are signed elsewhere. */
  readonly authority: CertificateAuthority | null;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Said on every screen. */
  readonly field: 'simulated' | 'real';
}

export interface Control extends Service {
  readonly routes: readonly MountedRoute[];
  /** For the command line. */
  readonly accounts: Accounts;
  /**
   * Makes the demonstration's accounts again, with fresh secrets: a technician of every street, a landlord of every
   * building, an administrator, and the present tenants of these dwellings. After `importAssets()`.
   */
  createDemoAccounts(dwellings: readonly DwellingId[]): Promise<readonly DemoAccount[]>;
  /** Brings the registry to an assets file; before `start()`. Answers whether something changed. */
  importAssets(file: FieldSections & { readonly housing: HousingAssets }): Promise<boolean>;
}

/** The rooms of the service, each knowing only what it needs of the others. */
const openRooms = (deps: ControlDeps) => {
  const desired = createDesiredState(deps);
  const watch = createFieldWatch({ ...deps, desired });
  return {
    desired,
    watch,
    commissioning: createCommissioningRoom({ ...deps, desired, watch }),
    reports: createReportWatch(deps),
    ends: createOverrideEnds({ ...deps, desired }),
    housing: createHousing(deps),
    readings: createNewReadings(deps),
    forgetting: createSessionForgetting(deps),
    accounts: createAccounts(deps),
    names: createNames(deps.people),
  };
};
type Rooms = ReturnType<typeof openRooms>;

const routesOf = (deps: ControlDeps, rooms: Rooms): readonly MountedRoute[] => [
  ...sessionRoutes({ ...deps, sessions: createSessions(deps) }),
  ...streetRoutes({ ...deps, watch: rooms.watch, reports: rooms.reports, names: rooms.names }),
  ...overrideRoutes({
    ...deps,
    orders: createOverrideOrders({ ...deps, desired: rooms.desired }),
    reports: rooms.reports,
    names: rooms.names,
  }),
  ...rooms.commissioning.routes,
  ...rooms.housing.routes,
  ...journalRoutes({ ...deps, names: rooms.names }),
  ...changeRoutes(deps),
  ...enrolmentRoutes(deps),
];

const presentTenants = async (dwellings: readonly DwellingId[], { housing, clock }: ControlDeps): Promise<NewTenantAccount[]> => {
  const tenancies = await housing.tenanciesOf(dwellings);
  return tenancies
    .filter((tenancy) => isDuring(tenancy, clock.civilNow()))
    .map(({ tenant, dwelling, from, to }) => ({ displayName: tenant, dwelling, from, to }));
};

/** Remote management: desired state for gateways, orders with an end, people and their sessions. */
export const createControl = (deps: ControlDeps): Control => {
  const { bus, logger } = deps;
  const rooms = openRooms(deps);
  let state: ServiceHealth['state'] = 'starting';
  let wasConnected = false;
  let cancelState: (() => void) | null = null;
  let publishing: Promise<void> = Promise.resolve();

  const publishAgain = (next: BusState): void => {
    if (next !== 'connected') return;
    wasConnected = true;
    publishing = rooms.desired
      .publishAll()
      .catch((thrown: unknown) => logger.error('documents-not-published', { reason: reasonOf(thrown) }));
  };

  return {
    name: 'control',
    accounts: rooms.accounts,
    routes: routesOf(deps, rooms),
    createDemoAccounts: async (dwellings) => rooms.accounts.createDemoAccounts(await presentTenants(dwellings, deps)),
    importAssets: async (file) => {
      const field = await importAssets(file, deps);
      return (await rooms.housing.importHousing(file.housing)) || field;
    },
    start: async () => {
      cancelState = bus.onState(publishAgain);
      await rooms.watch.start();
      await rooms.reports.start();
      await rooms.commissioning.start();
      await rooms.ends.start();
      await rooms.readings.start();
      await rooms.housing.start();
      rooms.forgetting.start();
      await bus.connect();
      state = 'ready';
      logger.info('control-started');
    },
    stop: async () => {
      if (state === 'stopped') return;
      state = 'stopped';
      cancelState?.();
      for (const room of [rooms.readings, rooms.ends, rooms.commissioning, rooms.reports, rooms.watch, rooms.forgetting])
        await room.stop();
      await bus.disconnect();
      await publishing;
    },
    health: () => {
      if (state === 'stopped' || bus.state() === 'connected') return { state };
      return { state: wasConnected ? 'degraded' : 'starting', why: 'The broker does not answer: orders wait.' };
    },
  };
};
