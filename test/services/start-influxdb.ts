import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type RunningProgram, startProgram } from './start-program.ts';
import { until } from './until.ts';

export interface InfluxdbOptions {
  /** With authentication on, this administrator is made. */
  readonly admin?: { readonly username: string; readonly password: string };
  /** Files of a certificate and its key: it then answers by HTTPS alone, to who trusts them. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

export interface StartedInfluxdb {
  readonly url: string;
  readonly port: number;
  /** Runs InfluxQL as the administrator, if there is one. */
  query(text: string, database?: string): Promise<unknown>;
  output(): string;
  stop(): Promise<void>;
  /** kill -9; data and port stay for `restart()`. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

const INFLUXD = '/usr/bin/influxd';

const httpsLines = (tls: InfluxdbOptions['tls']): string =>
  tls === undefined
    ? ''
    : `  https-enabled = true\n  https-certificate = "${tls.certificate}"\n  https-private-key = "${tls.key}"\n`;

const configuration = (folder: string, port: number, rpcPort: number, { admin, tls }: InfluxdbOptions): string => `
reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  index-version = "tsi1"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = ${admin !== undefined}
  log-enabled = false
${httpsLines(tls)}[monitor]
  store-enabled = false
[continuous_queries]
  enabled = false
`;

/** A real InfluxDB 1.x on free ports of loopback, ready when it answers a query. */
export const startInfluxdb = async (options: InfluxdbOptions = {}): Promise<StartedInfluxdb> => {
  const { admin, tls } = options;
  const folder = await mkdtemp(join(tmpdir(), 'axone-influxdb-'));
  const port = await freePort();
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const file = join(folder, 'influxdb.conf');
  await writeFile(file, configuration(folder, port, await freePort(), options));
  let program: RunningProgram | null = null;

  const query = async (text: string, database?: string): Promise<unknown> => {
    const parameters = new URLSearchParams({ q: text, ...(database === undefined ? {} : { db: database }) });
    const authorization =
      admin === undefined ? null : `Basic ${Buffer.from(`${admin.username}:${admin.password}`).toString('base64')}`;
    const headers = authorization === null ? {} : { authorization };
    const response = await fetch(`${url}/query`, { method: 'POST', body: parameters, headers });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`InfluxDB answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  };

  const start = async (): Promise<void> => {
    const started = startProgram(INFLUXD, ['run', '-config', file], { debianPackage: 'influxdb' });
    program = started;
    await until(
      'InfluxDB answers',
      async () => {
        if (!started.isRunning()) throw new Error(`InfluxDB ended at once:\n${started.output()}`);
        return await fetch(`${url}/ping`).then(
          ({ ok }) => ok,
          () => false,
        );
      },
      30_000,
    );
  };
  const abandon = async (): Promise<void> => {
    await program?.end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
    if (admin === undefined) await query('SHOW DATABASES');
    else
      await query(`CREATE USER "${admin.username}" WITH PASSWORD '${admin.password.replaceAll("'", "\\'")}' WITH ALL PRIVILEGES`);
  } catch (thrown) {
    await abandon();
    throw thrown;
  }

  return {
    url,
    port,
    query,
    output: () => program?.output() ?? '',
    async stop() {
      await program?.end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    async kill() {
      await program?.end('SIGKILL');
    },
    restart: start,
  };
};
