import type { ChangeEvent } from '#contract/routes/platform.ts';

/** What changed, inside one process: services tell, event streams listen. */
export interface ChangeFeed {
  tell(change: ChangeEvent): void;
  /** Returns its own cancel. */
  listen(listener: (change: ChangeEvent) => void): () => void;
}
