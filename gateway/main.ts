import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createFileShelf } from '#adapters/document-shelf/files.ts';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import type { HttpServerOptions } from '#adapters/http/fastify/create-http-server.ts';
import { createJsonLinesLogger } from '#adapters/logger/json-lines.ts';
import { brokerAccess } from '#adapters/message-bus/broker-access.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { type BrokerVariables, gatewayVariables, readVariables } from '#contract/environment.ts';
import { Fault, fault, reasonOf } from '#contract/errors.ts';
import { gatewayId } from '#domain/identifiers.ts';
import manifest from '../package.json' with { type: 'json' };
import {
  createGateway,
  createRenewal,
  createStatusRoutes,
  type Gateway,
  type GatewayFile,
  gatewayLastWill,
  loadGatewayFile,
  loadProfiles,
  type Renewal,
  type RenewalDependencies,
  readBoot,
} from './index.ts';

const HELP = `node gateway/main.ts --config FILE [--read-only]

Runs one gateway alone; with --read-only it never writes to its buses. SIGHUP makes it read its file again. Variables:
  AXONE_MQTT_URL            mqtts://host:port of the broker (mqtt:// on a private network)
  AXONE_MQTT_CA_FILE        authority of the broker's certificate
  AXONE_MQTT_CERT_FILE      the gateway's certificate
  AXONE_MQTT_KEY_FILE       its key
  AXONE_MQTT_USER           without a certificate, the gateway's identifier
  AXONE_MQTT_PASSWORD_FILE  and a file with its password
  AXONE_DATA                folder for its outbox and its documents
  AXONE_GATEWAY_CONFIG      its file, when --config is absent
  AXONE_HTTP_PORT           port of its status page, metrics and trace, on loopback; without it nothing listens
  AXONE_HTTP_HOST           127.0.0.1 (when absent), ::1 or localhost
`;

/** Segments are a small part of the outbox, so that a full one gives space back soon. */
const SEGMENTS_PER_OUTBOX = 32;
const LARGEST_SEGMENT_BYTES = 4 * 1024 * 1024;
const HEARTBEAT_MS = 60_000;

const optionsOf = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: { config: { type: 'string' }, 'read-only': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch (thrown) {
    throw fault(
      'OPTION_INVALID',
      { option: 'gateway/main.ts', problem: reasonOf(thrown), expected: '--config FILE, --read-only' },
      thrown,
    );
  }
};

type PageOptions = Pick<HttpServerOptions, 'host' | 'port' | 'version' | 'clock' | 'logger'>;

/** Opens the gateway's own pages, for this machine; a gateway without them does not load what serves them. Rejects with `PORT_IN_USE`. */
const servePage = async (gateway: Gateway, options: PageOptions): Promise<{ url: string; close: () => Promise<void> }> => {
  const { createHttpServer } = await import('#adapters/http/fastify/create-http-server.ts');
  const { createPlatformRoutes } = await import('#adapters/http/fastify/platform-routes.ts');
  const { readOpenApi } = await import('#contract/routes/platform.ts');
  const platform = createPlatformRoutes({ services: [gateway], version: options.version });
  const stopping = new AbortController();
  const server = await createHttpServer({
    ...options,
    routes: [...platform.filter(({ route }) => route !== readOpenApi), ...(await createStatusRoutes(gateway, stopping.signal))],
    ownNames: ['127.0.0.1', '[::1]', '::1', 'localhost'],
    authenticate: () => Promise.resolve(null),
    resolvePoint: () => Promise.resolve(null),
  });
  const { url } = await server.listen();
  const close = (): Promise<void> => {
    stopping.abort();
    return server.close();
  };
  return { url: `${url}/gateway`, close };
};

/** Only for a gateway that shows a certificate. */
const renewalOf = async (
  variables: BrokerVariables,
  deps: Omit<RenewalDependencies, 'gateway' | 'identity'> & { readonly gateway: string },
): Promise<Renewal | null> => {
  const { AXONE_MQTT_CERT_FILE: certificateFile, AXONE_MQTT_KEY_FILE: keyFile, AXONE_MQTT_CA_FILE: caFile = null } = variables;
  if (certificateFile === undefined || keyFile === undefined) return null;
  const { createFileIdentity } = await import('#adapters/certificate-authority/file-identity.ts');
  const identity = createFileIdentity({ certificateFile, keyFile, caFile });
  return createRenewal({ ...deps, gateway: gatewayId(deps.gateway), identity });
};

const run = async (): Promise<void> => {
  const options = optionsOf(process.argv.slice(2));
  if (options.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const given = options.config === undefined ? {} : { AXONE_GATEWAY_CONFIG: options.config };
  const variables = readVariables(gatewayVariables, { ...process.env, ...given });
  const { AXONE_GATEWAY_CONFIG: file, AXONE_DATA: folder } = variables;
  const profiles = await loadProfiles();
  const readFile = async (): Promise<GatewayFile> => {
    const read = await loadGatewayFile(file, profiles);
    const readOnly = read.configuration.readOnly || options['read-only'] === true;
    return { ...read, configuration: { ...read.configuration, readOnly } };
  };
  const { configuration } = await readFile();
  const clock = createSystemClock();
  const logger = createJsonLinesLogger({ clock, service: configuration.id });
  const shelf = await createFileShelf(join(folder, 'documents'));
  const segmentBytes = Math.min(LARGEST_SEGMENT_BYTES, Math.ceil(configuration.outbox.limitBytes / SEGMENTS_PER_OUTBOX));
  const log = await createSegmentLog({ folder: join(folder, 'outbox'), segmentBytes, logger });
  const { version } = manifest;
  const access = await brokerAccess(variables);
  const bus = createMqttBus({
    ...access,
    clientId: `${configuration.id}-${hostname()}`,
    will: gatewayLastWill(configuration.id, await readBoot(shelf), version),
    clock,
    logger,
  });
  const gateway = createGateway({ configuration, profiles, bus, log, shelf, clock, logger, version });
  const renewal = await renewalOf(variables, { gateway: configuration.id, bus, clock, logger });
  const { AXONE_HTTP_HOST: host, AXONE_HTTP_PORT: port } = variables;
  const page = port === undefined ? null : await servePage(gateway, { host, port, version, clock, logger });
  // The gateway's own timers never keep a process alive, and it must live while nothing is connected.
  const heartbeat = setInterval(() => undefined, HEARTBEAT_MS);
  const stop = async (): Promise<void> => {
    await page?.close();
    renewal?.stop();
    await gateway.stop();
    await bus.disconnect();
    await log.close();
    clearInterval(heartbeat);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  // What a wrong file is refused for is logged, and in the gateway's status.
  process.on('SIGHUP', () => void gateway.reconfigure(readFile).catch(() => undefined));
  await renewal?.start();
  await gateway.start();
  const ready = { event: 'ready', gateway: configuration.id, mqtt: access.url, ...(page === null ? {} : { page: page.url }) };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
};

run().catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Fault ? thrown.message : reasonOf(thrown)}\n`);
  process.exitCode = thrown instanceof Fault && /^(CONFIG|PROFILE|OPTION)_|^PORT_IN_USE$/.test(thrown.code) ? 2 : 1;
});
