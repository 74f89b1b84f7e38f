import { startProgram } from './start-program.ts';
import { until } from './until.ts';

export interface JsonLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface StartedProcess {
  readonly pid: number;
  /** Everything it wrote so far. */
  output(): string;
  isRunning(): boolean;
  /** The first JSON line with this event after the ones already given; fails when the process ends or after `patienceMs`. */
  line(event: string, patienceMs?: number): Promise<JsonLine>;
  /** kill -9. */
  kill(): Promise<void>;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}

export interface ProcessOptions {
  /** Path of a TypeScript file, absolute or from the root of the repository. */
  readonly file: string;
  readonly parameters?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const parseLine = (text: string): JsonLine | null => {
  if (!text.startsWith('{')) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && 'event' in parsed ? (parsed as JsonLine) : null;
  } catch {
    return null;
  }
};

/** Starts a file under this Node. */
export const startProcess = ({ file, parameters = [], ...options }: ProcessOptions): StartedProcess => {
  const program = startProgram(process.execPath, [file, ...parameters], options);
  let seen = 0;

  const takeLine = (event: string): JsonLine | null => {
    const lines = program.output().split('\n').slice(0, -1);
    for (let index = seen; index < lines.length; index += 1) {
      const line = parseLine(lines[index] ?? '');
      if (line?.event !== event) continue;
      seen = index + 1;
      return line;
    }
    return null;
  };

  return {
    pid: program.child.pid ?? -1,
    output: program.output,
    isRunning: program.isRunning,
    async line(event, patienceMs = 20_000) {
      let found: JsonLine | null = null;
      await until(
        `${file} says "${event}"`,
        () => {
          found = takeLine(event);
          return found !== null || !program.isRunning();
        },
        patienceMs,
      ).catch((thrown: unknown) => {
        throw new Error(`${String(thrown)}\n${program.output()}`);
      });
      found ??= takeLine(event);
      if (found === null) throw new Error(`${file} ended without saying "${event}":\n${program.output()}`);
      return found;
    },
    async kill() {
      await program.end('SIGKILL');
    },
    stop: () => program.end('SIGTERM'),
  };
};
