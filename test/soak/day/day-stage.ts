import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { mosquittoAcl } from '#adapters/broker/mosquitto-acl.ts';
import { filters, topics } from '#contract/topics.ts';
import { gatewayId } from '#domain/identifiers.ts';
import { createField, type Field } from '#simulators/index.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { type StartedMosquitto, startMosquitto } from '#test/services/start-mosquitto.ts';
import { startProcess } from '#test/services/start-process.ts';
import { startTcpProxy, type TcpProxy } from '#test/services/start-tcp-proxy.ts';
import { registerField } from '#test/soak/chain/soak-field.ts';
import { createRuns, debianPersistence, type Runs } from '#test/soak/chain/stage.ts';
import { createDayClock, type SharedDay } from './day-clock.ts';

export const STREET = gatewayId('gateway-republique');
const LISTENER = 'listener';
const PASSWORDS = { [STREET]: 'secret-of-the-street', ingest: 'secret-of-ingest', [LISTENER]: 'secret-of-the-listener' };
const STREET_FILE = join(import.meta.dirname, '../../../deploy/demo/gateway-republique.yaml');

/** Elapsed seconds between two rounds. */
export const ROUND_SECONDS = 2;

export interface DayStage {
  readonly folder: string;
  readonly field: Field;
  readonly broker: StartedMosquitto;
  readonly listener: { readonly username: string; readonly password: string };
  /** Between the gateway and the broker. */
  readonly cable: TcpProxy;
  readonly gateway: Runs;
  readonly points: readonly string[];
  /** Of the next start of the gateway. */
  unknownMs: number;
  stopIngest(): Promise<void>;
  ingestOutput(): string;
  stop(): Promise<void>;
}

interface StreetFile {
  readonly buses: readonly [{ readonly devices: readonly { readonly point?: string }[] } & Readonly<Record<string, unknown>>];
}

/** The street of the demonstration, at the port where it is simulated, read more often. */
const streetConfiguration = async (port: number) => {
  const street = parse(await readFile(STREET_FILE, 'utf8')) as StreetFile;
  const [bus] = street.buses;
  const poll = { lightsSeconds: ROUND_SECONDS, metersSeconds: ROUND_SECONDS, sensorsSeconds: ROUND_SECONDS };
  return {
    text: JSON.stringify({ ...street, poll, buses: [{ ...bus, port }] }),
    points: bus.devices.flatMap(({ point }) => point ?? []),
  };
};

const startBroker = async (folder: string): Promise<StartedMosquitto> => {
  await mkdir(join(folder, 'broker'));
  const documents = (['programs', 'overrides'] as const).map((name) => `topic write ${topics.document(STREET, name)}`);
  const rights = [`user ${LISTENER}`, `topic read ${filters.status}`, ...documents];
  return startMosquitto({
    users: PASSWORDS,
    acl: `${mosquittoAcl([{ role: 'gateway', gateway: STREET }, { role: 'ingest' }])}\n${rights.join('\n')}\n`,
    lines: debianPersistence(join(folder, 'broker')),
  });
};

const startField = async (day: SharedDay, seed: number): Promise<Field> => {
  const free = { host: '127.0.0.1', port: 0 };
  const field = createField({
    clock: createDayClock(day),
    logger: silentLogger,
    shelf: null,
    street: free,
    building: free,
    seed,
  });
  await field.start();
  return field;
};

/** The simulated street over real Modbus TCP, a gateway process, Mosquitto, and ingest with SQLite; the gateway is not started yet. */
export const prepareDay = async (day: SharedDay, seed: number): Promise<DayStage> => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-day-'));
  for (const name of ['gateway', 'ingest']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'password'), PASSWORDS.ingest ?? '');
  const field = await startField(day, seed);
  const { text, points } = await streetConfiguration(field.listening()[0]?.port ?? 0);
  await writeFile(join(folder, 'street.yaml'), text);
  await registerField(join(folder, 'registry.sqlite'), STREET, points);
  const broker = await startBroker(folder);
  const cable = await startTcpProxy(broker.port);
  const ingest = createRuns(() =>
    startProcess({
      file: 'ingest/main.ts',
      env: {
        AXONE_MQTT_URL: broker.url,
        AXONE_MQTT_USER: 'ingest',
        AXONE_MQTT_PASSWORD_FILE: join(folder, 'password'),
        AXONE_DATA: join(folder, 'ingest'),
        AXONE_REGISTRY_FILE: join(folder, 'registry.sqlite'),
        AXONE_HTTP_PORT: '0',
      },
    }),
  );
  await ingest.start();
  const gateway = createRuns(() => {
    const places = ['--config', join(folder, 'street.yaml'), '--folder', join(folder, 'gateway')];
    const link = ['--url', `mqtt://127.0.0.1:${cable.port}`, '--password', PASSWORDS[STREET] ?? ''];
    const time = ['--day', JSON.stringify(day), '--unknown-ms', String(stage.unknownMs)];
    return startProcess({ file: 'test/soak/day/day-gateway.ts', parameters: [...places, ...link, ...time] });
  });
  const stage: DayStage = {
    folder,
    field,
    broker,
    listener: { username: LISTENER, password: PASSWORDS[LISTENER] ?? '' },
    cable,
    gateway,
    points,
    unknownMs: 0,
    stopIngest: ingest.stop,
    ingestOutput: ingest.outputs,
    async stop() {
      await gateway.stop();
      await ingest.stop();
      await cable.stop();
      await broker.stop();
      await field.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stage;
};
