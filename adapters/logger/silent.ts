import type { Logger } from '#contract/ports/logger.ts';

/** For one-shot commands whose result is their only word. */
export const silentLogger: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
