import { reasonOf } from '#contract/errors.ts';
import type { Authenticator } from '#contract/ports/authenticator.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { HousingAssets, HousingRegistry } from '#contract/ports/housing-registry.ts';
import type { EdgeJournal, IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { Service, ServiceHealth } from '#contract/ports/lifecycle.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import type { PasswordHasher } from '#contract/ports/password-hasher.ts';
import type { AssetsRegistry, AuditRegistry, LightingRegistry, PeopleRegistry } from '#contract/ports/registry.ts';
import type { Scheduler } from '#contract/ports/scheduler.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { MountedRoute } from '#contract/routes/route.ts';
import { instant } from '#domain/civil-time.ts';
import { isDuring } from '#domain/housing/tenancy.ts';
import type { DwellingId } from '#domain/identifiers.ts';
import { assetsFileWith } from './assets/assets-file.ts';
import { importAssets } from './assets/import-assets.ts';
import type { FieldSections } from './assets/site-section.ts';
import { changeRoutes } from './changes/follow-changes.ts';
import { createNewReadings } from './changes/new-readings.ts';
import { createHousing } from './housing/create-housing.ts';
import { housingSection } from './housing/housing-section.ts';
import { journalRoutes } from './journal/journal-routes.ts';
import { type Accounts, createAccounts, type DemoAccount } from './people/accounts.ts';
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

export interface ControlDeps {
  readonly assets: AssetsRegistry;
  readonly lighting: LightingRegistry;
  readonly people: PeopleRegistry;
  readonly audit: AuditRegistry;
  readonly journal: EdgeJournal;
  readonly quarantine: Pick<IngestRegistry, 'quarantined'>;
  readonly housing: HousingRegistry;
  readonly store: TimeSeriesStore;
  readonly scheduler: Scheduler;
  /** Control's own client of the broker. */
  readonly bus: MessageBus;
  readonly changes: ChangeFeed;
  readonly hasher: PasswordHasher;
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

const HOUSEKEEPING_MS = 3_600_000;
/** Sessions that ended are remembered for a month, so that the audit can be read. */
const SESSIONS_REMEMBERED_MS = 30 * 86_400_000;

/** Remote management: desired state for gateways, orders with an end, people and their sessions. */
export const createControl = (deps: ControlDeps): Control => {
  const { bus, clock, logger, people } = deps;
  const desired = createDesiredState(deps);
  const watch = createFieldWatch({ ...deps, desired });
  const tellStreet = async (order: string): Promise<void> => {
    const site = (await deps.lighting.override(order))?.site;
    if (site !== undefined) deps.changes.tell({ changed: 'street', id: site });
  };
  const reports = createReportWatch({
    ...deps,
    onReport: (order) => {
      tellStreet(order).catch((thrown: unknown) => logger.error('change-not-told', { order, reason: reasonOf(thrown) }));
    },
  });
  const ends = createOverrideEnds({ ...deps, desired });
  const names = createNames(people);
  const housing = createHousing(deps);
  const accounts = createAccounts(deps);

  const presentTenants = async (dwellings: readonly DwellingId[]) => {
    const tenancies = await deps.housing.tenanciesOf(dwellings);
    return tenancies
      .filter((tenancy) => isDuring(tenancy, clock.civilNow()))
      .map(({ tenant, dwelling, from, to }) => ({ displayName: tenant, dwelling, from, to }));
  };

  const readings = createNewReadings(deps);

  let state: ServiceHealth['state'] = 'starting';
  let ever = false;
  let cancelState: (() => void) | null = null;
  let housekeeping: { cancel(): void } | null = null;

  const onConnected = (): void => {
    ever = true;
    desired.publishAll().catch((thrown: unknown) => logger.error('documents-not-published', { reason: reasonOf(thrown) }));
  };

  const forgetSessions = (): void => {
    people
      .forgetSessions(instant(clock.civilNow() - SESSIONS_REMEMBERED_MS))
      .catch((thrown: unknown) => logger.error('sessions-not-forgotten', { reason: reasonOf(thrown) }));
    housekeeping = clock.after(HOUSEKEEPING_MS, forgetSessions);
  };

  return {
    name: 'control',
    accounts,
    createDemoAccounts: async (dwellings) => accounts.createDemoAccounts(await presentTenants(dwellings)),
    routes: [
      ...sessionRoutes({ ...deps, sessions: createSessions(deps) }),
      ...streetRoutes({ ...deps, watch, reports, names }),
      ...overrideRoutes({ ...deps, orders: createOverrideOrders({ ...deps, desired }), reports, names }),
      ...housing.routes,
      ...journalRoutes({ ...deps, names }),
      ...changeRoutes(deps),
    ],
    importAssets: async (file) => {
      const field = await importAssets(file, deps);
      return (await housing.importHousing(file.housing)) || field;
    },
    start: async () => {
      cancelState = bus.onState((next) => {
        if (next === 'connected') onConnected();
      });
      await watch.start();
      await reports.start();
      await ends.start();
      await readings.start();
      await housing.start();
      forgetSessions();
      await bus.connect();
      state = 'ready';
      logger.info('control-started');
    },
    stop: async () => {
      if (state === 'stopped') return;
      state = 'stopped';
      cancelState?.();
      housekeeping?.cancel();
      await readings.stop();
      await ends.stop();
      await reports.stop();
      await watch.stop();
      await bus.disconnect();
    },
    health: () => {
      if (state === 'stopped') return { state };
      if (bus.state() === 'connected') return { state };
      return { state: ever ? 'degraded' : 'starting', why: 'The broker does not answer: orders wait.' };
    },
  };
};
