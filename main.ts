import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRegistryAuthenticator } from '#adapters/authenticator/registry-sessions.ts';
import { openFileAuthority } from '#adapters/certificate-authority/files.ts';
import { createInProcessChangeFeed } from '#adapters/changes/in-process.ts';
import { createSystemClock, type MovableClock } from '#adapters/clock/system-clock.ts';
import { type DataFolder, openDataFolder } from '#adapters/data-folder/data-folder.ts';
import { createFileShelf } from '#adapters/document-shelf/files.ts';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import {
  type Broker,
  loadConfiguration,
  openBroker,
  openRegistry,
  openStore,
  readYamlFile,
  registryFromConfiguration,
} from '#adapters/from-config.ts';
import { createHttpServer, type HttpServer } from '#adapters/http/fastify/create-http-server.ts';
import { createPlatformRoutes } from '#adapters/http/fastify/platform-routes.ts';
import { createJsonLinesLogger } from '#adapters/logger/json-lines.ts';
import { createArgon2Hasher } from '#adapters/password-hasher/argon2.ts';
import { type Closing, runProcess } from '#adapters/process/run-process.ts';
import { createNodeCronScheduler } from '#adapters/scheduler/node-cron.ts';
import type { Configuration } from '#contract/configuration.ts';
import { platformVariables, readVariables } from '#contract/environment.ts';
import { fault } from '#contract/errors.ts';
import type { DurableLog } from '#contract/ports/durable-log.ts';
import type { Service } from '#contract/ports/lifecycle.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { formatInstant, type Instant, instant, timeZone } from '#domain/civil-time.ts';
import { dwellingId, type GatewayId, gatewayId } from '#domain/identifiers.ts';
import { instantOfStart, parseStartOptions, START_HELP, type StartOptions } from './cli/start-options.ts';
import { welcomeText } from './cli/welcome.ts';
import { assetsFile, type Control, createControl, type DemoAccount } from './control/index.ts';
import { createDashboards } from './dashboards/index.ts';
import {
  createFieldLines,
  createGateway,
  type DeviceProfiles,
  type FieldLines,
  type Gateway,
  type GatewayConfiguration,
  type GatewayFile,
  gatewayLastWill,
  latestInLog,
  loadGatewayConfiguration,
  loadGatewayFile,
  loadProfiles,
  readBoot,
  withMovedBuses,
} from './gateway/index.ts';
import { createIngest, createSeriesKeeping, seriesRoutes } from './ingest/index.ts';
import manifest from './package.json' with { type: 'json' };
import { createField, type Field, instantsBeforePresent } from './simulators/index.ts';

/** The whole platform in one process: the same programme as production, minus the boxes. */

const ROOT = import.meta.dirname;
const DEMONSTRATION = join(ROOT, 'deploy', 'demo', 'axone.yaml');
const HELP_PHONE = '03 23 00 00 00';
/** A tenant with one value a day, and the one who chose half-hours. */
const DEMO_DWELLINGS = [dwellingId('dwelling-tilleuls-03'), dwellingId('dwelling-tilleuls-07')];
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);

const version = manifest.version;

/** What runs, in the order it started; stopped in the other order. */
interface Running {
  readonly services: Service[];
  readonly closing: Closing;
}

interface House extends Running {
  readonly configuration: Configuration;
  readonly options: StartOptions;
  readonly clock: MovableClock;
  readonly logger: Logger;
  readonly folder: DataFolder;
  readonly store: TimeSeriesStore;
  /** Gateways on one line share its queue. */
  readonly lines: FieldLines;
  /** What the clock will say once the simulated past has been lived. */
  readonly present: () => Instant;
}

const begin = async (house: Running, service: Service): Promise<void> => {
  house.services.push(service);
  house.closing.later(() => service.stop());
  await service.start();
};

/** A clock set by hand gets a folder of its own for this run: what was read under another clock would contradict it. */
const dataPathOf = async (options: StartOptions, written: Configuration, closing: Closing): Promise<string> => {
  if (options.data !== null) return resolve(options.data);
  if (options.at === null) return written.data;
  const folder = await mkdtemp(join(tmpdir(), 'axone-at-'));
  closing.later(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const configurationOf = async (options: StartOptions, closing: Closing): Promise<Configuration> => {
  const written = await loadConfiguration(options.config === null ? DEMONSTRATION : resolve(options.config));
  const onlySimulated = options.at !== null || options.speed !== 1;
  if (written.field === 'real' && onlySimulated) {
    throw fault('OPTION_INVALID', {
      option: '--at and --speed',
      problem: 'a real field has the world’s clock',
      expected: 'Leave them out',
    });
  }
  const port = options.port ?? readVariables(platformVariables, process.env).AXONE_HTTP_PORT ?? written.http.port;
  return { ...written, data: await dataPathOf(options, written, closing), http: { ...written.http, port } };
};

type Outboxes = ReadonlyMap<GatewayId, DurableLog>;

/** What the gateways of this process share. */
interface Edge {
  readonly profiles: DeviceProfiles;
  readonly outboxes: Outboxes;
}

const gatewayHome = ({ folder }: House, id: GatewayId): string => join(folder.path, 'gateways', id);

const openOutboxes = async (house: House, files: readonly GatewayConfiguration[]): Promise<Outboxes> => {
  const outboxes = new Map<GatewayId, DurableLog>();
  for (const file of files) {
    const id = gatewayId(file.id);
    const logger = createJsonLinesLogger({ clock: house.clock, service: id });
    const log = await createSegmentLog({ folder: join(gatewayHome(house, id), 'outbox'), logger });
    house.closing.later(() => log.close());
    outboxes.set(id, log);
  }
  return outboxes;
};

/** The latest reading kept, or waiting in an outbox. A clock earlier than that would write the past anew: it is refused. */
const latestReading = async ({ store, clock, folder }: House, outboxes: Outboxes): Promise<Instant | null> => {
  const known = await Promise.all([store.latestInstant(), ...[...outboxes.values()].map(latestInLog)]);
  const instants = known.filter((at) => at !== null);
  if (instants.length === 0) return null;
  const latest = instant(Math.max(...instants));
  const now = clock.civilNow();
  if (latest > now) {
    throw fault('CLOCK_BEFORE_DATA', { now: formatInstant(now), folder: folder.path, latest: formatInstant(latest) });
  }
  return latest;
};

const startField = async (house: House): Promise<Field | null> => {
  const { configuration, clock, folder } = house;
  if (configuration.field === 'real') return null;
  const { host, streetPort, buildingPort, seed } = configuration.simulators;
  const field = createField({
    clock,
    logger: createJsonLinesLogger({ clock, service: 'simulators' }),
    shelf: await createFileShelf(join(folder.path, 'field')),
    street: { host, port: streetPort },
    building: { host, port: buildingPort },
    seed,
  });
  await begin(house, field);
  return field;
};

const startGateway = async (
  house: House,
  broker: Broker,
  { profiles, outboxes }: Edge,
  configuration: GatewayConfiguration,
): Promise<Gateway> => {
  const { clock, lines } = house;
  const id = gatewayId(configuration.id);
  const logger = createJsonLinesLogger({ clock, service: id });
  const shelf = await createFileShelf(gatewayHome(house, id));
  const log = outboxes.get(id);
  if (log === undefined) throw new RangeError(`${id} has no outbox`);
  const bus = await broker.busFor(
    { role: 'gateway', gateway: id },
    { will: gatewayLastWill(id, await readBoot(shelf), version) },
  );
  const gateway = createGateway({ configuration, profiles, bus, log, shelf, clock, logger, version, lines });
  house.closing.later(() => bus.disconnect());
  await begin(house, gateway);
  return gateway;
};

/** A gateway's buses at the addresses where the simulated devices listen. */
const onSimulatedField = (configuration: GatewayConfiguration, field: Field): GatewayConfiguration =>
  withMovedBuses(configuration, (devices) =>
    field.listening().find(({ units }) => units.some(({ device }) => devices.has(device))),
  );

/**
 * The simulated field begins two midnights ago on a moved clock and is read at each half-hour since, so that yesterday
 * travels the whole path: Modbus, gateway, MQTT, ingest, store.
 */
const liveThePast = async (house: House, field: Field, gateways: readonly Gateway[], past: readonly Instant[]): Promise<void> => {
  const { clock, present } = house;
  const readAt = async (at: Instant): Promise<void> => {
    clock.moveCivil(at);
    field.settle();
    await Promise.all(gateways.map((gateway) => gateway.readRound()));
  };
  for (const at of past) await readAt(at);
  // The first page shows the present, and what was lived is in the store before anybody reads it.
  await readAt(present());
  await Promise.all(gateways.map((gateway) => gateway.outboxDrained()));
};

const openHouse = async (options: StartOptions, closing: Closing): Promise<House> => {
  const configuration = await configurationOf(options, closing);
  const zone = timeZone(configuration.timeZone);
  const newClock = () =>
    createSystemClock({ speed: options.speed, ...(options.at === null ? {} : { civilStart: instantOfStart(options.at, zone) }) });
  const clock = newClock();
  const world = newClock();
  const logger = createJsonLinesLogger({ clock, service: 'platform' });
  const folder = await openDataFolder(configuration.data, configuration.field);
  closing.later(() => folder.release());
  const store = await openStore(configuration.store, folder.path, createJsonLinesLogger({ clock, service: 'store' }));
  closing.later(() => store.close());
  const lines = createFieldLines({ clock, logger: createJsonLinesLogger({ clock, service: 'field-lines' }) });
  const present = () => world.civilNow();
  return { configuration, options, clock, logger, folder, store, lines, present, services: [], closing };
};

interface Centre {
  readonly control: Control;
  readonly server: HttpServer;
}

const startCentre = async (house: House, broker: Broker): Promise<Centre> => {
  const { configuration, clock, folder, store, logger } = house;
  const { field } = configuration;
  const shared = await openRegistry(registryFromConfiguration(configuration, folder.path), { migrate: true, logger });
  house.closing.later(() => shared.close());
  const registry = shared.as('control');
  const changes = createInProcessChangeFeed();
  const authenticator = createRegistryAuthenticator({ ...registry, clock });
  const control = createControl({
    ...registry,
    quarantine: registry.ingest,
    store,
    scheduler: createNodeCronScheduler({ clock, logger }),
    bus: await broker.busFor({ role: 'control' }),
    changes,
    hasher: createArgon2Hasher(),
    authority: configuration.authority === undefined ? null : await openFileAuthority({ folder: configuration.authority, clock }),
    authenticator,
    clock,
    logger: createJsonLinesLogger({ clock, service: 'control' }),
    field,
  });
  await control.importAssets(await readYamlFile(configuration.assets, assetsFile));
  const ingest = createIngest({
    bus: await broker.busFor({ role: 'ingest' }, { clean: false }),
    store,
    registry: shared.as('ingest').ingest,
    clock,
    logger: createJsonLinesLogger({ clock, service: 'ingest' }),
  });
  await begin(house, ingest);
  const keeping = createSeriesKeeping({
    store,
    registry: shared.as('ingest').ingest,
    scheduler: createNodeCronScheduler({ clock, logger }),
    clock,
    logger: createJsonLinesLogger({ clock, service: 'series-keeping' }),
  });
  await begin(house, keeping);
  await begin(house, control);
  const server = await createHttpServer({
    host: configuration.http.host,
    port: configuration.http.port,
    routes: [
      ...control.routes,
      ...seriesRoutes({ store, registry: registry.ingest, housing: registry.housing, rollups: keeping.rollups, clock }),
      ...createPlatformRoutes({ services: house.services, version }),
    ],
    ...authenticator,
    clock,
    logger: createJsonLinesLogger({ clock, service: 'http' }),
    version,
    changes,
    renderError: (problem, language) => dashboards.renderError(problem, language),
  });
  const dashboards = createDashboards({
    api: server.apiClient,
    clock,
    logger: createJsonLinesLogger({ clock, service: 'dashboards' }),
    field,
    helpPhone: HELP_PHONE,
    root: ROOT,
  });
  server.mount(dashboards.routes);
  house.closing.later(() => server.close());
  await begin(house, dashboards);
  return { control, server };
};

interface Ready {
  readonly event: 'ready';
  readonly portal: string;
  readonly mqtt: string;
  readonly modbus: readonly { readonly site: string; readonly host: string; readonly port: number }[];
  readonly accounts: readonly DemoAccount[];
}

const startPlatform = async (house: House): Promise<Ready> => {
  const { configuration, clock, logger, present } = house;
  const profiles = await loadProfiles();
  const files = await Promise.all(configuration.gateways.map((file) => loadGatewayConfiguration(file, profiles)));
  const outboxes = await openOutboxes(house, files);
  const latest = await latestReading(house, outboxes);
  const past = configuration.field === 'real' ? [] : instantsBeforePresent(present(), timeZone(configuration.timeZone), latest);
  const [first] = past;
  if (first !== undefined) clock.moveCivil(first);
  const field = await startField(house);
  const broker = await openBroker({
    choice: configuration.broker,
    clients: [
      { role: 'control' },
      { role: 'ingest' },
      ...files.map(({ id }) => ({ role: 'gateway' as const, gateway: gatewayId(id) })),
    ],
    clock,
    logger: createJsonLinesLogger({ clock, service: 'broker' }),
  });
  house.closing.later(() => broker.close());
  const { control, server } = await startCentre(house, broker);
  const gateways: Gateway[] = [];
  // One after the other: a start waits for nothing, and services are listed and stopped in a known order.
  for (const file of files) {
    gateways.push(
      await startGateway(house, broker, { profiles, outboxes }, field === null ? file : onSimulatedField(file, field)),
    );
  }
  if (field !== null) await liveThePast(house, field, gateways, past);
  readAgainOnHangUp(house, gateways, (index) => readFile(configuration.gateways[index] ?? '', profiles, field));
  const { url } = await server.listen();
  logger.info('platform-started', { version, field: configuration.field });
  return {
    event: 'ready',
    portal: url,
    mqtt: broker.url,
    modbus: field?.listening().map(({ site, host, port }) => ({ site, host, port })) ?? [],
    accounts: await demoAccounts(house, control),
  };
};

const readFile = async (path: string, profiles: DeviceProfiles, field: Field | null): Promise<GatewayFile> => {
  const file = await loadGatewayFile(path, profiles);
  return field === null ? file : { ...file, configuration: onSimulatedField(file.configuration, field) };
};

/** SIGHUP: each gateway takes its file as it now is. Why one is refused is logged, and in that gateway's status. */
const readAgainOnHangUp = (
  { closing }: House,
  gateways: readonly Gateway[],
  read: (index: number) => Promise<GatewayFile>,
): void => {
  const readAgain = (): void =>
    gateways.forEach((gateway, index) => void gateway.reconfigure(() => read(index)).catch(() => undefined));
  process.on('SIGHUP', readAgain);
  closing.later(() => Promise.resolve(void process.off('SIGHUP', readAgain)));
};

/** Secrets of a demonstration are remade at each start and said only to who stands at this machine. */
const demoAccounts = async ({ configuration }: House, control: Control): Promise<readonly DemoAccount[]> => {
  if (configuration.field === 'real') {
    await control.accounts.removeDemoAccounts();
    return [];
  }
  const accounts = await control.createDemoAccounts(DEMO_DWELLINGS);
  return LOOPBACK.has(configuration.http.host) ? accounts : [];
};

await runProcess(async (closing) => {
  const options = parseStartOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(`${START_HELP}\n`);
    return null;
  }
  const ready = await startPlatform(await openHouse(options, closing));
  return { words: welcomeText({ version, ...ready }), line: { ...ready } };
});
