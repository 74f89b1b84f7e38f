import { createRegistryAuthenticator } from '#adapters/authenticator/registry-sessions.ts';
import { openFileAuthority } from '#adapters/certificate-authority/files.ts';
import { createInProcessChangeFeed } from '#adapters/changes/in-process.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { openRegistry, openStore, readYamlFile, registryFromVariables, storeFromVariables } from '#adapters/from-config.ts';
import { createHttpServer } from '#adapters/http/fastify/create-http-server.ts';
import { createPlatformRoutes } from '#adapters/http/fastify/platform-routes.ts';
import { waitUntilOpen } from '#adapters/http/waiting-room.ts';
import { createJsonLinesLogger } from '#adapters/logger/json-lines.ts';
import { brokerAccess } from '#adapters/message-bus/broker-access.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { createArgon2Hasher } from '#adapters/password-hasher/argon2.ts';
import { runProcess } from '#adapters/process/run-process.ts';
import { registryFor } from '#adapters/registry/shared-registry.ts';
import { createNodeCronScheduler } from '#adapters/scheduler/node-cron.ts';
import { controlVariables, readVariables } from '#contract/environment.ts';
import manifest from '../package.json' with { type: 'json' };
import { assetsFile, createControl } from './index.ts';

/** Control alone in its process; the only one that migrates the registry. */
await runProcess(async (closing) => {
  const variables = readVariables(controlVariables, process.env);
  const { version } = manifest;
  const clock = createSystemClock();
  const logger = createJsonLinesLogger({ clock, service: 'control' });
  const address = { host: variables.AXONE_HTTP_HOST, port: variables.AXONE_HTTP_PORT };
  const waiting = { service: 'control', ...address, version, clock, logger };
  const registry = await waitUntilOpen(waiting, ['REGISTRY_UNAVAILABLE'], async () =>
    registryFor('control', await openRegistry(registryFromVariables(variables), { migrate: true, logger })),
  );
  closing.later(() => registry.close());
  const store = await waitUntilOpen(waiting, ['STORE_UNAVAILABLE'], () =>
    openStore(storeFromVariables(variables), variables.AXONE_DATA, logger),
  );
  closing.later(() => store.close());
  const scheduler = createNodeCronScheduler({ clock, logger });
  closing.later(() => scheduler.stop());
  const changes = createInProcessChangeFeed();
  const { AXONE_AUTHORITY_FOLDER: authorityFolder } = variables;
  const authenticator = createRegistryAuthenticator({ ...registry, clock });
  const control = createControl({
    ...registry,
    quarantine: registry.ingest,
    store,
    scheduler,
    bus: createMqttBus({
      ...(await brokerAccess(variables)),
      clientId: 'axone-control',
      clock,
      logger,
    }),
    changes,
    hasher: createArgon2Hasher(),
    authority: authorityFolder === undefined ? null : await openFileAuthority({ folder: authorityFolder, clock }),
    authenticator,
    clock,
    logger,
    field: variables.AXONE_FIELD,
  });
  if (variables.AXONE_ASSETS_FILE !== undefined)
    await control.importAssets(await readYamlFile(variables.AXONE_ASSETS_FILE, assetsFile));
  const server = await createHttpServer({
    ...address,
    routes: [...control.routes, ...createPlatformRoutes({ services: [control], version })],
    ...authenticator,
    clock,
    logger,
    version,
    changes,
  });
  closing.later(() => server.close());
  closing.later(() => control.stop());
  const { url } = await server.listen();
  await control.start();
  return { line: { event: 'ready', service: 'control', api: url } };
});
