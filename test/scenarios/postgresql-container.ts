import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ComposeService } from '#test/services/compose-file.ts';
import { makeCluster, postgresqlPrograms, postgresqlUser } from '#test/services/start-postgresql.ts';
import { type Launch, LOOPBACK, type Places, ROOT } from './places.ts';

const DATA = 'postgresql:/var/lib/postgresql/data';

const dataOf = ({ volumes }: Pick<Places, 'volumes'>): string => join(volumes, 'postgresql', 'cluster');

/** Debian's PostgreSQL with a cluster made as the image's first start makes it: the administrator and its password. */
export const launchPostgresql = async (service: ComposeService, places: Places): Promise<Launch> => {
  if (!service.volumes.includes(DATA)) throw new Error(`docker-compose.yml keeps no ${DATA}`);
  const data = dataOf(places);
  const user = postgresqlUser();
  if (!existsSync(data)) {
    const folder = dirname(data);
    const passwordFile = join(folder, 'password');
    await mkdir(folder, { recursive: true });
    await copyFile(join(places.secrets, 'postgresql-admin'), passwordFile);
    if (user !== null) for (const path of [folder, passwordFile]) await chown(path, user.uid, user.gid);
    makeCluster({ data, superuser: service.environment['POSTGRES_USER'] ?? '', passwordFile });
  }
  const port = String(places.ports.get('postgresql:5432'));
  return {
    command: join(postgresqlPrograms(), 'postgres'),
    parameters: ['-D', data, '-h', LOOPBACK, '-p', port, '-k', dirname(data)],
    environment: {},
    debianPackage: 'postgresql',
    ...(user ?? {}),
  };
};

/** What the image's entrypoint does at its first start: the database, then each script of its folder. */
export const initializePostgresql = async (service: ComposeService, places: Places): Promise<void> => {
  const { POSTGRES_USER: user = '', POSTGRES_DB: database = '' } = service.environment;
  const env = {
    ...process.env,
    POSTGRES_USER: user,
    POSTGRES_DB: database,
    PGHOST: LOOPBACK,
    PGPORT: String(places.ports.get('postgresql:5432')),
    PGPASSWORD: await readFile(join(places.secrets, 'postgresql-admin'), 'utf8'),
  };
  const run = promisify(execFile);
  await run('createdb', ['--username', user, database], { env });
  for (const script of service.volumes.filter((volume) => volume.includes('/docker-entrypoint-initdb.d/'))) {
    const text = await readFile(join(ROOT, script.split(':')[0] ?? ''), 'utf8');
    await run('bash', ['-e', '-c', text.replaceAll('/run/secrets', places.secrets)], { env });
  }
};
