import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createFetchApiClient } from '#adapters/http/fetch-api-client.ts';
import { createInfluxHttp, type InfluxHttp } from '#adapters/time-series-store/influxdb/influx-http.ts';
import type { ApiClient } from '#contract/ports/api-client.ts';
import { type ComposeFile, parseComposeFile } from '#test/services/compose-file.ts';
import { freePort } from '#test/services/free-port.ts';
import { until } from '#test/services/until.ts';
import { type Container, createContainer } from './container.ts';
import { initializeInfluxdb } from './initialize-influxdb.ts';
import { LOOPBACK, type Places, ROOT } from './places.ts';
import { initializePostgresql } from './postgresql-container.ts';

/** What listens on the network that the containers share. */
const ADDRESSES = [
  'mosquitto:1883',
  'influxdb:8086',
  'influxdb:8088',
  'postgresql:5432',
  'control:8080',
  'ingest:8080',
  'dashboards:8080',
  'gateway-republique:8080',
  'gateway-tilleuls:8080',
  'simulators:5020',
  'simulators:5021',
];
const GATEWAYS = ['gateway-republique', 'gateway-tilleuls'];
const START_PATIENCE_MS = 60_000;

/** The topology of docker-compose.yml as separate processes of this machine. */
export interface Topology {
  readonly compose: ComposeFile;
  container(name: string): Container;
  /** Address on this machine of `service:port`. */
  address(servicePort: string): string;
  /** A secret of the services, by the name it has in docker-compose.yml. */
  secret(name: string): Promise<string>;
  /** Starts a service and waits until it is ready. */
  start(...names: readonly string[]): Promise<void>;
  waitUntilReady(name: string): Promise<void>;
  /** The one origin that people open. */
  readonly portal: string;
  readonly api: ApiClient;
  /** InfluxQL as one of its users. */
  influxdb(user: string, secret: string): Promise<InfluxHttp>;
  /** Everything still running is stopped, and what it kept is removed. */
  stop(): Promise<void>;
}

const answers = async (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** PostgreSQL's own word: a server that still recovers accepts sockets too. */
const isAccepting = (port: string): Promise<boolean> =>
  promisify(execFile)('pg_isready', ['--host', LOOPBACK, '--port', port]).then(
    () => true,
    () => false,
  );

/** When a service is ready: by its own word for ours, by an answer for the others. */
const readinessOf = (container: Container, address: Topology['address']): (() => Promise<boolean>) => {
  const { name } = container;
  switch (name) {
    case 'control':
    case 'ingest':
    case 'dashboards':
      return () => answers(`${address(`${name}:8080`)}/ready`);
    case 'influxdb':
      return () => answers(`${address('influxdb:8086')}/ping`);
    case 'mosquitto':
      return () => accepts(Number(new URL(address('mosquitto:1883')).port));
    case 'postgresql':
      return () => isAccepting(new URL(address('postgresql:5432')).port);
    default:
      return async () => /^\{"event":"(ready|listening)"/m.test(container.output());
  }
};

const makePlaces = async (shell: Places['shell']): Promise<Places & { readonly folder: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-topology-'));
  const volumes = join(folder, 'volumes');
  const secrets = join(folder, 'secrets');
  // PostgreSQL runs as its own user where we are root: it passes through here
  await chmod(folder, 0o755);
  await mkdir(volumes);
  await promisify(execFile)(process.execPath, [join(ROOT, 'deploy/main.ts'), '--folder', secrets, ...GATEWAYS]);
  const ports = new Map<string, number>();
  for (const address of ADDRESSES) ports.set(address, await freePort());
  return { folder, volumes, secrets, ports, shell };
};

/** Nothing runs yet: each service is started by its name. `shell`: variables of the shell that would start compose. */
export const prepareTopology = async (shell: Readonly<Record<string, string>>): Promise<Topology> => {
  const compose = parseComposeFile(await readFile(join(ROOT, 'docker-compose.yml'), 'utf8'));
  const places = await makePlaces(shell);
  const containers = new Map(
    Object.entries(compose.services).map(([name, service]) => [name, createContainer(name, service, places)]),
  );
  const initialized = new Set<string>();

  const container = (name: string): Container => {
    const found = containers.get(name);
    if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
    return found;
  };
  const address = (servicePort: string): string => `http://${LOOPBACK}:${places.ports.get(servicePort)}`;
  const portal = address('dashboards:8080');

  const waitUntilReady = async (name: string): Promise<void> => {
    const started = container(name);
    const isReady = readinessOf(started, address);
    await until(
      `${name} is ready`,
      async () => {
        if (!started.isRunning()) throw new Error(`${name} ended:\n${started.output()}`);
        return isReady();
      },
      START_PATIENCE_MS,
    ).catch((thrown: unknown) => {
      throw new Error(`${String(thrown)}\n${started.output()}`);
    });
  };

  const startOne = async (name: string): Promise<void> => {
    await container(name).start();
    await waitUntilReady(name);
    const service = compose.services[name];
    if (service === undefined || initialized.has(name)) return;
    initialized.add(name);
    if (name === 'influxdb') await initializeInfluxdb(service, container(name), places);
    if (name === 'postgresql') await initializePostgresql(service, places);
  };

  const secret = (name: string): Promise<string> => readFile(join(places.secrets, name), 'utf8');

  return {
    compose,
    container,
    address,
    portal,
    waitUntilReady,
    secret,
    api: createFetchApiClient({ baseUrl: portal }),
    start: async (...names) => void (await Promise.all(names.map(startOne))),
    influxdb: async (user, name) =>
      createInfluxHttp({ url: address('influxdb:8086'), username: user, password: await secret(name) }),
    async stop() {
      for (const name of [...containers.keys()].reverse()) if (container(name).isRunning()) await container(name).stop();
      await rm(places.folder, { recursive: true, force: true });
    },
  };
};
