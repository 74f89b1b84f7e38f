import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mosquittoAcl } from '#adapters/broker/mosquitto-acl.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import type { Telemetry } from '#contract/messages/telemetry.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { filters, topics } from '#contract/topics.ts';
import { gatewayId } from '#domain/identifiers.ts';
import { startMosquitto } from '#test/services/start-mosquitto.ts';
import { startProgram } from '#test/services/start-program.ts';
import { until } from '#test/services/until.ts';

export const BENCH_GATEWAY = gatewayId('gateway-bench');
const ROOT = join(import.meta.dirname, '..', '..');
const MAIN = join(ROOT, 'gateway', 'main.ts');
const UNIT_FILE = join(ROOT, 'deploy', 'systemd', 'axone-gateway@.service');
/** As long as ingest gathers before a commit. */
const GATHER_MS = 100;
const PATIENCE_MS = 60_000;

const clock = createSystemClock();
const run = promisify(execFile);

/** How the unit of systemd starts the gateway: Node's flags, and the variables that do not depend on where it is. */
const unitOfSystemd = async (): Promise<{
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}> => {
  const text = await readFile(UNIT_FILE, 'utf8');
  const [, flags = ''] = /^ExecStart=\S+\/node (.*)\/opt\/axone\/gateway\/main\.ts/m.exec(text) ?? [];
  const variables = [...text.matchAll(/^Environment=(\w+)=([^%\s]+)$/gm)].map(([, name = '', value = '']) => [name, value]);
  return { flags: flags.split(' ').filter((flag) => flag !== ''), env: Object.fromEntries(variables) };
};

/** Acknowledges what comes, by ranges, as ingest does. */
const acknowledge = async (bus: MessageBus, onBatch: (batch: Telemetry) => void): Promise<void> => {
  let gathered: Telemetry[] = [];
  const commit = (): void => {
    const byBoot = Map.groupBy(gathered, ({ boot }) => boot);
    gathered = [];
    for (const [boot, batches] of byBoot) {
      const ranges = batches.map(({ seq }) => [seq, seq]);
      void bus.publish(topics.ack(BENCH_GATEWAY), JSON.stringify({ boot, ranges, refused: [] }), { qos: 1 }).catch(() => {
        // the run is over: its last batches are of no interest
      });
    }
  };
  await bus.subscribe(filters.telemetry, (_topic, payload) => {
    const batch = JSON.parse(new TextDecoder().decode(payload)) as Telemetry;
    onBatch(batch);
    if (gathered.push(batch) === 1) clock.after(GATHER_MS, commit);
  });
};

export interface GatewayProcess {
  readonly pid: number;
  /** Of the centre, with the rights of the control and of ingest. */
  readonly control: MessageBus;
  output(): string;
  stop(): Promise<void>;
}

/**
 * The gateway as it runs in a cabinet: a process of its own with the flags of its unit of systemd, Mosquitto with the rights
 * of the contract and as deploy/mosquitto sends, and a centre that acknowledges. `buses`: as in its file.
 */
export const startGatewayProcess = async (
  buses: readonly object[],
  onBatch: (batch: Telemetry) => void,
): Promise<GatewayProcess> => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-bench-gateway-'));
  const file = (name: string): string => join(folder, name);
  const broker = await startMosquitto({
    users: { [BENCH_GATEWAY]: 'gateway-secret', ingest: 'ingest-secret', control: 'control-secret' },
    lines: ['set_tcp_nodelay true'],
    acl: mosquittoAcl([{ role: 'ingest' }, { role: 'control' }, { role: 'gateway', gateway: BENCH_GATEWAY }]),
  });
  const connected = async (username: string): Promise<MessageBus> => {
    const credentials = { username, password: `${username}-secret`, clientId: username };
    const bus = createMqttBus({ url: broker.url, ...credentials, clock, logger: silentLogger });
    await bus.connect();
    return bus;
  };
  const poll = { lightsSeconds: 1, metersSeconds: 1, sensorsSeconds: 1 };
  await writeFile(file('gateway.yaml'), JSON.stringify({ id: BENCH_GATEWAY, zone: 'Europe/Paris', poll, buses }));
  await writeFile(file('password'), 'gateway-secret\n');
  const [ingest, control] = await Promise.all([connected('ingest'), connected('control')]);
  await acknowledge(ingest, onBatch);
  const { flags, env } = await unitOfSystemd();
  const cache = { NODE_COMPILE_CACHE: file('cache') };
  await run(process.execPath, [MAIN, '--help'], { env: { ...process.env, ...cache } });
  const program = startProgram(process.execPath, [...flags, MAIN], {
    env: {
      ...env,
      ...cache,
      AXONE_GATEWAY_CONFIG: file('gateway.yaml'),
      AXONE_MQTT_URL: broker.url,
      AXONE_MQTT_USER: BENCH_GATEWAY,
      AXONE_MQTT_PASSWORD_FILE: file('password'),
      AXONE_DATA: file('data'),
    },
  });
  const stop = async (): Promise<void> => {
    await program.end('SIGTERM');
    await Promise.all([ingest.disconnect(), control.disconnect()]);
    await broker.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const isReady = (): boolean => {
    if (!program.isRunning()) throw new Error(`the gateway ended:\n${program.output()}`);
    return program.output().includes('"event":"ready"');
  };
  await until('the gateway is ready', isReady, PATIENCE_MS).catch(async (thrown: unknown) => {
    await stop();
    throw thrown;
  });
  return { pid: program.child.pid ?? -1, control, output: program.output, stop };
};
