import type { ChangeFeed } from '#contract/ports/changes.ts';

export interface OpenStreams {
  /** A signal that aborts when the session is revoked or the server stops, and the forgetting of it. */
  open(session: string): { readonly signal: AbortSignal; readonly forget: () => void };
  closeAll(): void;
}

/** Event streams in course, by session: a revocation that this process hears of ends them at once. */
export const createOpenStreams = (changes: ChangeFeed | undefined): OpenStreams => {
  const streams = new Set<{ readonly session: string; readonly controller: AbortController }>();

  const cancelListening = changes?.listen((change) => {
    if (change.changed !== 'session') return;
    for (const stream of streams) if (stream.session === change.id) stream.controller.abort();
  });

  return {
    open: (session) => {
      const stream = { session, controller: new AbortController() };
      streams.add(stream);
      return { signal: stream.controller.signal, forget: () => void streams.delete(stream) };
    },
    closeAll: () => {
      cancelListening?.();
      for (const stream of streams) stream.controller.abort();
    },
  };
};
