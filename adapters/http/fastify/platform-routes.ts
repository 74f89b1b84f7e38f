import { fault } from '#contract/errors.ts';
import type { Service } from '#contract/ports/lifecycle.ts';
import { apiRoutes } from '#contract/routes/index.ts';
import { readHealth, readOpenApi, readReadiness } from '#contract/routes/platform.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import { buildOpenApi } from '../openapi.ts';

export interface PlatformRoutesOptions {
  /** The services of this process. */
  readonly services: readonly Pick<Service, 'name' | 'health'>[];
  readonly version: string;
}

/** `/health`, `/ready` and the OpenAPI document. Readiness rejects with `NOT_READY`, which names the services that are not. */
export const createPlatformRoutes = ({ services, version }: PlatformRoutesOptions): MountedRoute[] => {
  const openApi = buildOpenApi(apiRoutes, version);
  return [
    mount(readHealth, async () => ({
      alive: true as const,
      version,
      services: services.map((service) => {
        const { state, why, figures } = service.health();
        return {
          name: service.name,
          state,
          ...(why === undefined ? {} : { why }),
          ...(figures === undefined ? {} : { figures: { ...figures } }),
        };
      }),
    })),
    mount(readReadiness, async () => {
      const waiting = services.filter((service) => service.health().state !== 'ready').map((service) => service.name);
      if (waiting.length > 0) throw fault('NOT_READY', { services: waiting.join(', ') });
      return { ready: true as const };
    }),
    mount(readOpenApi, async () => openApi as Record<string, unknown>),
  ];
};
