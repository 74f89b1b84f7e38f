import { type Fault, reasonOf } from '#contract/errors.ts';
import type { ApiClient } from '#contract/ports/api-client.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { Service, ServiceHealth } from '#contract/ports/lifecycle.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MountedRoute } from '#contract/routes/route.ts';
import { buildPortal } from './portal/build.ts';
import { commissioningPages } from './portal/handlers/commissioning-pages.ts';
import { landlordPages } from './portal/handlers/landlord-pages.ts';
import type { PortalContext } from './portal/handlers/portal-context.ts';
import { publicPages } from './portal/handlers/public-pages.ts';
import { renderFailure } from './portal/handlers/render-failure.ts';
import { technicianPages } from './portal/handlers/technician-pages.ts';
import { tenantPages } from './portal/handlers/tenant-pages.ts';
import { type LoadedPortal, loadPortal } from './portal/load-portal.ts';
import type { Language } from './portal/words/formats.ts';

export interface DashboardsDependencies {
  /** The portal's only way to data: `/api/v1`, with the session of the person who reads. */
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A simulated field is said on every page. */
  readonly field: 'simulated' | 'real';
  /** Printed on every page. */
  readonly helpPhone: string;
  /** Folder of the repository: pages are built from it into `dist/portal` when their sources changed. */
  readonly root: string;
}

export interface Dashboards extends Service {
  readonly routes: readonly MountedRoute[];
  /** The page of an error, for the HTTP server. */
  renderError(problem: Fault, language: Language): string;
}

/** The portal: pages for technicians, landlords and tenants, rendered here from what the API answers. */
export const createDashboards = (dependencies: DashboardsDependencies): Dashboards => {
  const { api, clock, logger, field, helpPhone, root } = dependencies;
  let loaded: LoadedPortal | null = null;
  let health: ServiceHealth = { state: 'starting' };
  const context: PortalContext = {
    api,
    clock,
    field,
    helpPhone,
    portal: () => {
      if (loaded === null) throw new TypeError('The dashboards service has not started');
      return loaded;
    },
  };

  return {
    name: 'dashboards',
    routes: [
      ...publicPages(context),
      ...technicianPages(context),
      ...commissioningPages(context),
      ...landlordPages(context),
      ...tenantPages(context),
    ],
    renderError: (problem, language) => renderFailure(context, problem, language),
    start: async () => {
      try {
        const { folder, built } = await buildPortal(root);
        loaded = await loadPortal(folder);
        if (built) logger.info('portal-built', { folder });
      } catch (thrown) {
        health = { state: 'degraded', why: `The pages could not be built: ${reasonOf(thrown)}` };
        throw thrown;
      }
      health = { state: 'ready' };
    },
    stop: async () => {
      health = { state: 'stopped' };
    },
    health: () => health,
  };
};
