import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { startProgram } from './start-program.ts';
import { until } from './until.ts';

const ROOT = join(import.meta.dirname, '..', '..');

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** A real Mosquitto with the very files of deploy/mosquitto, on a free port, its folders in a temporary place. */
export const startMosquittoTls = async (identity: string) => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-mosquitto-tls-'));
  await chmod(folder, 0o755);
  const port = await freePort();
  const deployed = await readFile(join(ROOT, 'deploy/mosquitto/mosquitto-tls.conf'), 'utf8');
  await cp(join(ROOT, 'deploy/mosquitto/acl-by-certificate'), join(folder, 'acl-by-certificate'));
  const text = deployed
    .replace('listener 8883', `listener ${port} 127.0.0.1`)
    .replaceAll('/mosquitto/identity', identity)
    .replaceAll('/mosquitto/config', folder)
    .replace('/mosquitto/data/', `${folder}/`);
  await writeFile(join(folder, 'mosquitto.conf'), `user root\n${text}`);
  const program = startProgram('/usr/sbin/mosquitto', ['-c', join(folder, 'mosquitto.conf')], { debianPackage: 'mosquitto' });
  const stop = async (): Promise<void> => {
    await program.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until('Mosquitto listens', async () => {
      if (!program.isRunning()) throw new Error(`Mosquitto ended at once:\n${program.output()}`);
      return listens(port);
    });
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    port,
    output: program.output,
    /** Asks it to read its certificates and its list of revocations again. */
    async reload() {
      program.child.kill('SIGHUP');
    },
    stop,
  };
};
