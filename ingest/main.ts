import { hostname } from 'node:os';
import { createRegistryAuthenticator } from '#adapters/authenticator/registry-sessions.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { openRegistry, openStore, registryFromVariables, storeFromVariables } from '#adapters/from-config.ts';
import { createHttpServer } from '#adapters/http/fastify/create-http-server.ts';
import { createPlatformRoutes } from '#adapters/http/fastify/platform-routes.ts';
import { waitUntilOpen } from '#adapters/http/waiting-room.ts';
import { createJsonLinesLogger } from '#adapters/logger/json-lines.ts';
import { brokerAccess } from '#adapters/message-bus/broker-access.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { runProcess } from '#adapters/process/run-process.ts';
import { registryFor } from '#adapters/registry/shared-registry.ts';
import { createNodeCronScheduler } from '#adapters/scheduler/node-cron.ts';
import { ingestVariables, readVariables } from '#contract/environment.ts';
import manifest from '../package.json' with { type: 'json' };
import { createIngest, createSeriesKeeping, seriesRoutes } from './index.ts';

/** Ingest alone in its process; unready until control has migrated the registry and the store answers. */
await runProcess(async (closing) => {
  const variables = readVariables(ingestVariables, process.env);
  const { version } = manifest;
  const clock = createSystemClock();
  const logger = createJsonLinesLogger({ clock, service: 'ingest' });
  const address = { host: variables.AXONE_HTTP_HOST, port: variables.AXONE_HTTP_PORT };
  const waiting = { service: 'ingest', ...address, version, clock, logger };
  const registry = await waitUntilOpen(waiting, ['REGISTRY_NOT_MIGRATED', 'REGISTRY_UNAVAILABLE'], async () =>
    registryFor('ingest', await openRegistry(registryFromVariables(variables), { migrate: false, logger })),
  );
  closing.later(() => registry.close());
  const store = await waitUntilOpen(waiting, ['STORE_UNAVAILABLE'], () =>
    openStore(storeFromVariables(variables), variables.AXONE_DATA, logger),
  );
  closing.later(() => store.close());
  const ingest = createIngest({
    bus: createMqttBus({
      ...(await brokerAccess(variables)),
      // The session is kept by the broker under this name: two boxes must not share it.
      clientId: `axone-ingest-${hostname()}`,
      clean: false,
      clock,
      logger,
    }),
    store,
    registry: registry.ingest,
    clock,
    logger,
  });
  const keeping = createSeriesKeeping({
    store,
    registry: registry.ingest,
    scheduler: createNodeCronScheduler({ clock, logger }),
    clock,
    logger,
  });
  const server = await createHttpServer({
    ...address,
    routes: [
      ...seriesRoutes({ store, registry: registry.ingest, housing: registry.housing, rollups: keeping.rollups, clock }),
      ...createPlatformRoutes({ services: [ingest, keeping], version }),
    ],
    ...createRegistryAuthenticator({ ...registry, clock }),
    clock,
    logger,
    version,
  });
  closing.later(() => server.close());
  closing.later(() => keeping.stop());
  closing.later(() => ingest.stop());
  const { url } = await server.listen();
  await ingest.start();
  await keeping.start();
  return { line: { event: 'ready', service: 'ingest', api: url } };
});
