import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type ComposeService, withShellVariables } from '#test/services/compose-file.ts';
import { type RunningProgram, startProgram } from '#test/services/start-program.ts';
import { type Launch, LOOPBACK, type Places, ROOT } from './places.ts';
import { launchPostgresql } from './postgresql-container.ts';

/** A service of docker-compose.yml as a process: the same command and variables, on other addresses and paths. */
export interface Container {
  readonly name: string;
  /** What a path of the container is on this machine. */
  pathOf(inside: string): string;
  /** Resolves when the process was started, not when it is ready. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  isRunning(): boolean;
  output(): string;
  child(): ChildProcess;
}

const MOSQUITTO = '/usr/sbin/mosquitto';
const INFLUXD = '/usr/bin/influxd';

const mountsOf = (volumes: readonly string[], places: Places): readonly (readonly [string, string])[] =>
  volumes.map((volume) => {
    const [source = '', target = ''] = volume.split(':');
    return [target.replace(/\/$/, ''), source.startsWith('./') ? join(ROOT, source) : join(places.volumes, source)] as const;
  });

const translator = (name: string, { volumes }: ComposeService, places: Places) => {
  const paths = [...mountsOf(volumes, places), ['/run/secrets', places.secrets] as const];
  const own = (port: string): number | undefined => places.ports.get(`${name}:${port}`);
  const addresses = [...places.ports].map(([address, port]) => [address, `${LOOPBACK}:${port}`] as const);
  return {
    paths: (text: string): string => paths.reduce((so, [inside, here]) => so.replaceAll(inside, here), text),
    value(text: string): string {
      if (text === '0.0.0.0') return LOOPBACK;
      const port = own(text);
      if (port !== undefined) return String(port);
      const reached = addresses.reduce(
        (so, [inside, here]) => so.replaceAll(inside, here),
        withShellVariables(text, places.shell),
      );
      return this.paths(reached);
    },
    /** In a gateway's file a bus has its host and its port on two lines. */
    buses: (text: string): string =>
      text.replaceAll(/host: (\S+)\n(\s+)port: (\d+)/g, (whole, host: string, indent: string, port: string) => {
        const here = places.ports.get(`${host}:${port}`);
        return here === undefined ? whole : `host: ${LOOPBACK}\n${indent}port: ${here}`;
      }),
  };
};
type Translator = ReturnType<typeof translator>;

const environmentOf = ({ environment }: ComposeService, translate: Translator): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([variable, value]) => [variable, translate.value(value)]));

/** One of ours: `node <service>/main.ts`. A gateway's file is written again with the addresses of this machine. */
const launchOurs = async (name: string, service: ComposeService, translate: Translator, places: Places): Promise<Launch> => {
  const [programme, ...parameters] = service.command ?? [];
  if (programme !== 'node') throw new Error(`${name} is not started by node`);
  const environment = environmentOf(service, translate);
  const gatewayFile = environment['AXONE_GATEWAY_CONFIG'];
  if (gatewayFile !== undefined) {
    const copy = join(places.volumes, `${name}.yaml`);
    await writeFile(copy, translate.buses(await readFile(gatewayFile, 'utf8')));
    environment['AXONE_GATEWAY_CONFIG'] = copy;
  }
  return { command: process.execPath, parameters: parameters.map((text) => translate.value(text)), environment };
};

/** Debian's Mosquitto under the mounted mosquitto.conf: only its paths, its port and its system user are of this machine. */
const launchMosquitto = async (service: ComposeService, translate: Translator, places: Places): Promise<Launch> => {
  const mounted = service.volumes.find((volume) => volume.includes('mosquitto.conf'))?.split(':')[0] ?? '';
  const written = await readFile(join(ROOT, mounted), 'utf8');
  const port = places.ports.get('mosquitto:1883');
  const here = translate.paths(written).replace(/^listener 1883$/m, `listener ${port} ${LOOPBACK}`);
  const file = join(places.volumes, 'mosquitto.conf');
  await writeFile(file, `${here}\nuser ${userInfo().username}\n`);
  return { command: MOSQUITTO, parameters: ['-c', file], environment: {}, debianPackage: 'mosquitto' };
};

/** Debian's InfluxDB with the variables of the image, which are its own. */
const launchInfluxdb = (service: ComposeService, translate: Translator, places: Places): Launch => {
  const folder = translate.paths('/var/lib/influxdb');
  const environment = {
    ...environmentOf(service, translate),
    INFLUXDB_HTTP_BIND_ADDRESS: `${LOOPBACK}:${places.ports.get('influxdb:8086')}`,
    INFLUXDB_BIND_ADDRESS: `${LOOPBACK}:${places.ports.get('influxdb:8088')}`,
    INFLUXDB_META_DIR: join(folder, 'meta'),
    INFLUXDB_DATA_DIR: join(folder, 'data'),
    INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
    INFLUXDB_HTTP_LOG_ENABLED: 'false',
  };
  return { command: INFLUXD, parameters: ['run'], environment, debianPackage: 'influxdb' };
};

const launchOf = async (name: string, service: ComposeService, translate: Translator, places: Places): Promise<Launch> => {
  if (service.build !== undefined) return launchOurs(name, service, translate, places);
  if (name === 'mosquitto') return launchMosquitto(service, translate, places);
  if (name === 'influxdb') return launchInfluxdb(service, translate, places);
  if (name === 'postgresql') return launchPostgresql(service, places);
  throw new Error(`Debian has no ${name}`);
};

export const createContainer = (name: string, service: ComposeService, places: Places): Container => {
  const translate = translator(name, service, places);
  let program: RunningProgram | null = null;
  const started = (): RunningProgram => {
    if (program === null) throw new Error(`${name} was not started`);
    return program;
  };
  return {
    name,
    pathOf: translate.paths,
    async start() {
      for (const [, here] of mountsOf(service.volumes, places))
        if (here.startsWith(places.volumes)) await mkdir(here, { recursive: true });
      const { command, parameters, environment, ...needs } = await launchOf(name, service, translate, places);
      program = startProgram(command, parameters, { env: environment, cwd: ROOT, ...needs });
    },
    stop: async () => void (await program?.end('SIGTERM')),
    kill: async () => void (await program?.end('SIGKILL')),
    isRunning: () => program?.isRunning() === true,
    output: () => program?.output() ?? '',
    child: () => started().child,
  };
};
