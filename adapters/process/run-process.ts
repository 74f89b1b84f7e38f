import { Fault, reasonOf } from '#contract/errors.ts';

/** What a process has opened: closed in the other order when it stops. */
export interface Closing {
  later(close: () => Promise<void>): void;
}

/** Faults that a person corrects before starting again: exit code 2. */
const CORRECTED_BEFORE_START =
  /^(CONFIG|PROFILE|OPTION|DATA_FOLDER|COMMAND|AUTHORITY|CERTIFICATE|CLAIM)_|^(PORT_IN_USE|CLOCK_BEFORE_DATA)$/;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/**
 * Runs one process until SIGINT or SIGTERM. `open` answers what is said at readiness: lines for a person, then one JSON
 * line; null closes everything and lets the process end. A fault is said in one sentence on standard error.
 */
export const runProcess = async (
  open: (closing: Closing) => Promise<{ readonly words?: string; readonly line: Readonly<Record<string, unknown>> } | null>,
): Promise<void> => {
  const opened: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) {
      await close().catch((thrown: unknown) => process.stderr.write(`${reasonOf(thrown)}\n`));
    }
  };
  const stop = (): void => {
    void closeAll().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const ready = await open({ later: (close) => void opened.push(close) });
    if (ready === null) return await closeAll();
    if (ready.words !== undefined) say(ready.words);
    say(JSON.stringify(ready.line));
  } catch (thrown) {
    await closeAll();
    process.stderr.write(
      `${thrown instanceof Fault ? thrown.message : (thrown instanceof Error && thrown.stack) || reasonOf(thrown)}\n`,
    );
    process.exit(thrown instanceof Fault && CORRECTED_BEFORE_START.test(thrown.code) ? 2 : 1);
  }
};
