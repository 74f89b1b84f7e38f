import { join } from 'node:path';
import { createApiAuthenticator } from '#adapters/authenticator/api-sessions.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createHttpServer } from '#adapters/http/fastify/create-http-server.ts';
import { createPlatformRoutes } from '#adapters/http/fastify/platform-routes.ts';
import { createFetchApiClient } from '#adapters/http/fetch-api-client.ts';
import { createJsonLinesLogger } from '#adapters/logger/json-lines.ts';
import { runProcess } from '#adapters/process/run-process.ts';
import { dashboardsVariables, readVariables } from '#contract/environment.ts';
import manifest from '../package.json' with { type: 'json' };
import { createDashboards } from './index.ts';

/** The portal alone in its process, and the one origin that people open: `/api/v1` passes through to its services. */
await runProcess(async (closing) => {
  const variables = readVariables(dashboardsVariables, process.env);
  const { version } = manifest;
  const clock = createSystemClock();
  const logger = createJsonLinesLogger({ clock, service: 'dashboards' });
  const api = createFetchApiClient({ baseUrl: variables.AXONE_CONTROL_URL });
  const dashboards = createDashboards({
    api,
    clock,
    logger,
    field: variables.AXONE_FIELD,
    helpPhone: variables.AXONE_HELP_PHONE,
    root: join(import.meta.dirname, '..'),
  });
  const server = await createHttpServer({
    host: variables.AXONE_HTTP_HOST,
    port: variables.AXONE_HTTP_PORT,
    routes: [...dashboards.routes, ...createPlatformRoutes({ services: [dashboards], version })],
    authenticate: createApiAuthenticator(api),
    resolvePoint: () => Promise.resolve(null),
    clock,
    logger,
    version,
    proxies: [
      { prefix: '/api/v1/series', upstream: variables.AXONE_INGEST_URL },
      { prefix: '/api/v1', upstream: variables.AXONE_CONTROL_URL },
    ],
    renderError: (problem, language) => dashboards.renderError(problem, language),
  });
  closing.later(() => server.close());
  closing.later(() => dashboards.stop());
  await dashboards.start();
  const { url } = await server.listen();
  return { line: { event: 'ready', service: 'dashboards', portal: url } };
});
