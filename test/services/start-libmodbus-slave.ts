import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startProgram } from './start-program.ts';
import { until } from './until.ts';

const SOURCE = join(import.meta.dirname, 'libmodbus-slave/slave.c');
const PACKAGES = 'gcc libc6-dev libmodbus-dev pkg-config';
const run = promisify(execFile);

/** What was missing, and how to have it. */
const missing = (command: string) => (thrown: unknown) => {
  throw new Error(`${command} failed: this test needs it; apt-get install ${PACKAGES}\n${String(thrown)}`, { cause: thrown });
};

/** A slave made of libmodbus, compiled into a folder of its own. */
export interface CompiledSlave {
  /** `tcp PORT` or `rtu DEVICE BAUD`; resolves when it listens, with where. */
  start(...parameters: readonly string[]): Promise<{ readonly place: string; stop(): Promise<void> }>;
  remove(): Promise<void>;
}

/** Fails, never skips, when Debian's packages are not there. */
export const compileLibmodbusSlave = async (): Promise<CompiledSlave> => {
  const flags = await run('pkg-config', ['--cflags', '--libs', 'libmodbus']).catch(missing('pkg-config libmodbus'));
  const folder = await mkdtemp(join(tmpdir(), 'axone-libmodbus-'));
  const file = join(folder, 'slave');
  await run('cc', ['-Wall', '-Wextra', '-Werror', '-o', file, SOURCE, ...flags.stdout.trim().split(/\s+/)]).catch(missing('cc'));
  return {
    async start(...parameters) {
      const slave = startProgram(file, parameters);
      const ready = (): RegExpExecArray | null => /^ready (\S+)$/m.exec(slave.output());
      await until('the libmodbus slave listens', () => ready() !== null || !slave.isRunning());
      const [, place] = ready() ?? [];
      if (place === undefined) throw new Error(`the libmodbus slave ended: ${slave.output()}`);
      return { place, stop: async () => void (await slave.end('SIGKILL')) };
    },
    remove: () => rm(folder, { recursive: true }),
  };
};
