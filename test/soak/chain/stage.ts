import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { mosquittoAcl } from '#adapters/broker/mosquitto-acl.ts';
import { filters } from '#contract/topics.ts';
import { type StartedInfluxdb, startInfluxdb } from '#test/services/start-influxdb.ts';
import { type StartedMosquitto, startMosquitto } from '#test/services/start-mosquitto.ts';
import { type StartedProcess, startProcess } from '#test/services/start-process.ts';
import { startTcpProxy, type TcpProxy } from '#test/services/start-tcp-proxy.ts';
import { GATEWAY, pointsOf, type Replay } from './replay.ts';
import { registerField } from './soak-field.ts';
import { openInfluxdb, openSqlite, openStoreReader, type StoreReader } from './store-reader.ts';

export type StoreName = 'sqlite' | 'influxdb';

export interface StageOptions {
  readonly replay: Replay;
  readonly batchesPerSecond: number;
  readonly store: StoreName;
}

/** The chain as processes that can be killed one by one: gateway, broker, ingest and store, with a cable on each side of the broker. */
export interface Stage {
  readonly folder: string;
  readonly broker: StartedMosquitto;
  /** A server is killed. A file dies with ingest: it is locked, so that nothing can be written for a while. */
  readonly store: { takeAway(): Promise<void>; bringBack(): Promise<void> };
  readonly cables: Readonly<Record<'gateway' | 'ingest', TcpProxy>>;
  readonly listener: { readonly username: string; readonly password: string };
  gateway(): StartedProcess;
  ingest(): StartedProcess;
  startGateway(): Promise<void>;
  startIngest(): Promise<void>;
  /** What all the runs of a process wrote. */
  outputs(name: 'gateway' | 'ingest'): string;
  /** Anew each time. */
  openStore(): Promise<StoreReader>;
  stop(): Promise<void>;
}

const DATABASE = 'axone';
const LISTENER = 'listener';
const PASSWORDS = { [GATEWAY]: 'secret-of-the-gateway', ingest: 'secret-of-ingest', [LISTENER]: 'secret-of-the-listener' };

/** What Debian's mosquitto.conf says of persistence, in a folder of its own: the rest is Mosquitto's default (autosave every 1800 s). */
export const debianPersistence = (folder: string): readonly string[] => ['persistence true', `persistence_location ${folder}/`];

const startBroker = async (folder: string): Promise<StartedMosquitto> => {
  const memory = join(folder, 'broker');
  await mkdir(memory);
  const acl = mosquittoAcl([{ role: 'gateway', gateway: GATEWAY }, { role: 'ingest' }]);
  return startMosquitto({
    users: PASSWORDS,
    acl: `${acl}\nuser ${LISTENER}\ntopic read ${filters.acks}\n`,
    lines: debianPersistence(memory),
  });
};

const ingestEnvironment = (folder: string, port: number, influxdb: StartedInfluxdb | null): Readonly<Record<string, string>> => ({
  AXONE_MQTT_URL: `mqtt://127.0.0.1:${port}`,
  AXONE_MQTT_USER: 'ingest',
  AXONE_MQTT_PASSWORD_FILE: join(folder, 'ingest-password'),
  AXONE_DATA: join(folder, 'ingest'),
  AXONE_REGISTRY_FILE: join(folder, 'registry.sqlite'),
  AXONE_HTTP_PORT: '0',
  AXONE_STORE: influxdb === null ? 'sqlite' : 'influxdb',
  ...(influxdb === null ? {} : { AXONE_INFLUXDB_URL: influxdb.url, AXONE_INFLUXDB_DATABASE: DATABASE }),
});

/** Another writer that takes its time. */
const lockOf = (file: string): Stage['store'] => {
  let writer: Database.Database | null = null;
  return {
    takeAway: async () => {
      writer = new Database(file, { timeout: 10_000 });
      writer.exec('BEGIN IMMEDIATE');
    },
    bringBack: async () => void writer?.close(),
  };
};

const gatewayParameters = ({ replay, batchesPerSecond }: StageOptions, folder: string, port: number): readonly string[] => [
  ...['--folder', join(folder, 'gateway'), '--url', `mqtt://127.0.0.1:${port}`, '--password', PASSWORDS[GATEWAY] ?? ''],
  ...['--replay', JSON.stringify(replay), '--batches-per-second', String(batchesPerSecond)],
];

export interface Runs {
  isStarted(): boolean;
  current(): StartedProcess;
  /** Resolves when it is ready. */
  start(): Promise<void>;
  /** What all of them wrote. */
  outputs(): string;
  /** kill -9 */
  stop(): Promise<void>;
}

/** A process that starts again and again; what former runs wrote is kept. */
export const createRuns = (start: () => StartedProcess): Runs => {
  let current: StartedProcess | null = null;
  const former: string[] = [];
  return {
    isStarted: () => current !== null,
    current: (): StartedProcess => {
      if (current === null) throw new Error('It was never started');
      return current;
    },
    start: async (): Promise<void> => {
      if (current !== null) former.push(current.output());
      current = start();
      await current.line('ready', 60_000);
    },
    outputs: (): string => [...former, current?.output() ?? ''].join(''),
    stop: async (): Promise<void> => void (await current?.kill()),
  };
};

/** Everything is started and ready but the gateway. */
export const prepareStage = async (options: StageOptions): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-soak-'));
  await mkdir(join(folder, 'gateway'));
  await mkdir(join(folder, 'ingest'));
  await writeFile(join(folder, 'ingest-password'), PASSWORDS.ingest ?? '');
  await registerField(join(folder, 'registry.sqlite'), GATEWAY, pointsOf(options.replay));
  const broker = await startBroker(folder);
  const influxdb = options.store === 'influxdb' ? await startInfluxdb() : null;
  const cables = { gateway: await startTcpProxy(broker.port), ingest: await startTcpProxy(broker.port) };
  const ingestRuns = createRuns(() =>
    startProcess({ file: 'ingest/main.ts', env: ingestEnvironment(folder, cables.ingest.port, influxdb) }),
  );
  const gatewayRuns = createRuns(() =>
    startProcess({ file: 'test/soak/chain/feeder.ts', parameters: gatewayParameters(options, folder, cables.gateway.port) }),
  );
  await ingestRuns.start();
  return {
    folder,
    broker,
    store:
      influxdb === null ? lockOf(join(folder, 'ingest/series.sqlite')) : { takeAway: influxdb.kill, bringBack: influxdb.restart },
    cables,
    listener: { username: LISTENER, password: PASSWORDS[LISTENER] ?? '' },
    gateway: gatewayRuns.current,
    ingest: ingestRuns.current,
    startGateway: gatewayRuns.start,
    startIngest: ingestRuns.start,
    outputs: (name) => (name === 'gateway' ? gatewayRuns : ingestRuns).outputs(),
    openStore: () =>
      openStoreReader(
        influxdb === null ? openSqlite(join(folder, 'ingest/series.sqlite')) : openInfluxdb(influxdb.url, DATABASE),
        options.replay,
      ),
    async stop() {
      await gatewayRuns.stop();
      await ingestRuns.stop();
      await Promise.all([cables.gateway.stop(), cables.ingest.stop()]);
      await broker.stop();
      await influxdb?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
