import type { Logger } from '#contract/ports/logger.ts';

/** For tests that do not look at the log. */
export const silentLogger: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** For tests that do: every line in order. */
export const recordingLogger = (): Logger & { readonly lines: readonly LogLine[] } => {
  const lines: LogLine[] = [];
  const record =
    (level: LogLine['level']) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      lines.push({ level, event, fields });
    };
  return { lines, info: record('info'), warn: record('warn'), error: record('error') };
};
