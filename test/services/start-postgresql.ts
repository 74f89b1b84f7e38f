import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { type RunningProgram, startProgram } from './start-program.ts';
import { until } from './until.ts';

export interface StartedPostgresql {
  /** Of a database, for the superuser unless another role is named; never with a password. */
  url(database: string, role?: string): string;
  /** Of every role. */
  readonly password: string;
  /** A new empty database. */
  createDatabase(): Promise<string>;
  /** Runs SQL as the superuser. */
  query(text: string, database?: string): Promise<unknown[]>;
  stop(): Promise<void>;
  /** kill -9; data and port stay for `restart()`. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

const VERSIONS = '/usr/lib/postgresql';
const SUPERUSER = 'axone_superuser';

/** Where Debian keeps the programmes of the newest version. */
export const postgresqlPrograms = (): string => {
  let versions: string[] = [];
  try {
    versions = readdirSync(VERSIONS);
  } catch (thrown) {
    throw new Error(`${VERSIONS} is missing: this test needs it; apt-get install postgresql`, { cause: thrown });
  }
  const newest = versions.map(Number).sort((a, b) => b - a)[0];
  return join(VERSIONS, String(newest), 'bin');
};

/** PostgreSQL refuses to run as root: then it is the user that its package made. */
export const postgresqlUser = (): { readonly uid: number; readonly gid: number } | null => {
  if (process.getuid?.() !== 0) return null;
  const [, , uid, gid] =
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((line) => line.startsWith('postgres:'))
      ?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error('there is no user postgres; apt-get install postgresql');
  return { uid: Number(uid), gid: Number(gid) };
};

export interface Cluster {
  readonly data: string;
  readonly superuser: string;
  readonly passwordFile: string;
}

/** Makes the folder of a new cluster, owned by `postgresqlUser()`. */
export const makeCluster = ({ data, superuser, passwordFile }: Cluster): void => {
  const secured = ['--pwfile', passwordFile, '--auth', 'scram-sha-256'];
  const made = spawnSync(
    join(postgresqlPrograms(), 'initdb'),
    ['--pgdata', data, '--username', superuser, ...secured, '--encoding', 'UTF8', '--no-sync'],
    { ...(postgresqlUser() ?? {}), cwd: dirname(data), encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || String(made.error)}`);
};

/** A real PostgreSQL on a free port of loopback, ready when it answers a query. */
export const startPostgresql = async (): Promise<StartedPostgresql> => {
  const bin = postgresqlPrograms();
  const user = postgresqlUser();
  const folder = await mkdtemp(join(tmpdir(), 'axone-postgresql-'));
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(folder, 'password');
  const data = join(folder, 'data');
  await writeFile(passwordFile, password);
  if (user !== null) for (const path of [folder, passwordFile]) await chown(path, user.uid, user.gid);
  makeCluster({ data, superuser: SUPERUSER, passwordFile });
  let program: RunningProgram | null = null;

  const url = (database: string, role = SUPERUSER): string => `postgresql://${role}@127.0.0.1:${port}/${database}`;
  const query = async (text: string, database = 'postgres'): Promise<unknown[]> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: SUPERUSER, database, password });
    try {
      await client.connect();
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };
  const start = async (): Promise<void> => {
    const parameters = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder];
    const started = startProgram(join(bin, 'postgres'), parameters, {
      debianPackage: 'postgresql',
      cwd: folder,
      ...(user ?? {}),
    });
    program = started;
    await until(
      'PostgreSQL answers',
      async () => {
        if (!started.isRunning()) throw new Error(`PostgreSQL ended at once:\n${started.output()}`);
        return await query('select 1').then(
          () => true,
          () => false,
        );
      },
      30_000,
    );
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    await program?.end(signal);
  };
  try {
    await start();
  } catch (thrown) {
    await end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
    throw thrown;
  }
  let databases = 0;
  return {
    url,
    password,
    query,
    async createDatabase() {
      databases += 1;
      const name = `axone_${databases}`;
      await query(`create database ${name}`);
      return name;
    },
    async stop() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
    restart: start,
  };
};
