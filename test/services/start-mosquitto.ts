import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { freePort } from './free-port.ts';
import { type RunningProgram, startProgram } from './start-program.ts';
import { until } from './until.ts';

export interface MosquittoOptions {
  /** Text of an acl_file. */
  readonly acl?: string;
  /** Passwords by user name; without it anonymous clients are allowed. */
  readonly users?: Readonly<Record<string, string>>;
  /** Text of a password_file for these users, instead of one made by mosquitto_passwd. */
  readonly passwordFile?: string;
  /** Further lines of mosquitto.conf. */
  readonly lines?: readonly string[];
}

export interface StartedMosquitto {
  readonly url: string;
  readonly port: number;
  /** What it logged so far. */
  output(): string;
  stop(): Promise<void>;
  /** kill -9; the port stays reserved for `restart()`. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same folder. */
  restart(): Promise<void>;
}

const MOSQUITTO = '/usr/sbin/mosquitto';

const writePasswords = async (file: string, users: Readonly<Record<string, string>>): Promise<void> => {
  await writeFile(
    file,
    Object.entries(users)
      .map(([name, password]) => `${name}:${password}\n`)
      .join(''),
  );
  const hashed = spawnSync('mosquitto_passwd', ['-U', file]);
  if (hashed.status !== 0) throw new Error(`mosquitto_passwd failed: ${hashed.stderr?.toString() ?? String(hashed.error)}`);
};

const writeConfiguration = async (folder: string, port: number, options: MosquittoOptions): Promise<string> => {
  const lines = [`listener ${port} 127.0.0.1`, 'persistence false', 'user root', 'log_dest stderr', ...(options.lines ?? [])];
  lines.push(`allow_anonymous ${options.users === undefined ? 'true' : 'false'}`);
  if (options.users !== undefined) {
    if (options.passwordFile === undefined) await writePasswords(join(folder, 'passwords'), options.users);
    else await writeFile(join(folder, 'passwords'), options.passwordFile);
    lines.push(`password_file ${join(folder, 'passwords')}`);
  }
  if (options.acl !== undefined) {
    await writeFile(join(folder, 'acl'), options.acl);
    lines.push(`acl_file ${join(folder, 'acl')}`);
  }
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
};

const answers = async (url: string, users: MosquittoOptions['users']): Promise<boolean> => {
  const [username, password] = Object.entries(users ?? {})[0] ?? [];
  const credentials = username === undefined || password === undefined ? {} : { username, password };
  try {
    const client = await connectAsync(url, { ...credentials, reconnectPeriod: 0, connectTimeout: 1_000 }, false);
    await client.endAsync();
    return true;
  } catch {
    return false;
  }
};

/** A real Mosquitto on a free port of loopback, ready when an MQTT client has connected. */
export const startMosquitto = async (options: MosquittoOptions = {}): Promise<StartedMosquitto> => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-mosquitto-'));
  await chmod(folder, 0o755);
  const port = await freePort();
  const url = `mqtt://127.0.0.1:${port}`;
  const configuration = await writeConfiguration(folder, port, options);
  let program: RunningProgram | null = null;

  const start = async (): Promise<void> => {
    const started = startProgram(MOSQUITTO, ['-c', configuration], { debianPackage: 'mosquitto' });
    program = started;
    await until('Mosquitto accepts a client', async () => {
      if (!started.isRunning()) throw new Error(`Mosquitto ended at once:\n${started.output()}`);
      return await answers(url, options.users);
    });
  };
  const abandon = async (): Promise<void> => {
    await program?.end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (thrown) {
    await abandon();
    throw thrown;
  }

  return {
    url,
    port,
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
