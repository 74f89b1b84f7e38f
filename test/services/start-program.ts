import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface RunningProgram {
  readonly child: ChildProcess;
  /** Everything it wrote so far, standard output and error together. */
  output(): string;
  isRunning(): boolean;
  /** Sends the signal and resolves with the exit code when it has ended; null when the signal ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** Starts a programme that stays; it is killed with this process. */
export const startProgram = (
  command: string,
  parameters: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly debianPackage?: string;
    /** Whose it is, when this process may choose. */
    readonly uid?: number;
    readonly gid?: number;
  } = {},
): RunningProgram => {
  if (options.debianPackage !== undefined && !existsSync(command))
    throw new Error(`${command} is missing: this test needs it; apt-get install ${options.debianPackage}`);
  const child = spawn(command, [...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
    env: { ...process.env, ...options.env },
  });
  let output = '';
  const collect = (part: Buffer): void => {
    output += part.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', (code) => resolve(code));
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);

  return {
    child,
    output: () => output,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async end(signal) {
      process.off('exit', killWithUs);
      child.kill(signal);
      return await ended;
    },
  };
};
