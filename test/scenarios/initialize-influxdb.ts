import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ComposeService } from '#test/services/compose-file.ts';
import type { Container } from './container.ts';
import { LOOPBACK, type Places, ROOT } from './places.ts';

/** What the image's entrypoint does at its first start: the administrator, then each script of its folder with `INFLUX_CMD`. */
export const initializeInfluxdb = async (
  { environment, volumes }: ComposeService,
  { pathOf }: Container,
  { secrets, ports }: Places,
): Promise<void> => {
  const port = ports.get('influxdb:8086');
  const user = environment['INFLUXDB_ADMIN_USER'] ?? '';
  const password = await readFile(join(secrets, 'influxdb-admin-password'), 'utf8');
  const influx = `influx -host ${LOOPBACK} -port ${port}`;
  const run = promisify(execFile);
  await run('bash', ['-c', `${influx} -execute "CREATE USER \\"${user}\\" WITH PASSWORD '${password}' WITH ALL PRIVILEGES"`]);
  for (const script of volumes.filter((volume) => volume.includes('/docker-entrypoint-initdb.d/'))) {
    const text = pathOf(await readFile(join(ROOT, script.split(':')[0] ?? ''), 'utf8'));
    await run('bash', ['-e', '-c', text], {
      env: { ...process.env, INFLUX_CMD: `${influx} -username ${user} -password ${password} -execute` },
    });
  }
};
