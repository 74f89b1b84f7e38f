import type { TelemetryMessage } from './check-batch.ts';

/** Messages that wait for their turn: one is handled at a time, so that two claims of one slot cannot cross. */
export interface Inbox {
  /** False when it is full: the message is forgotten, and its gateway sends it again. */
  put(message: TelemetryMessage): boolean;
  size(): number;
  /** Resolves when all that was put is handled; nothing more is taken. */
  empty(): Promise<void>;
}

const MESSAGES_LIMIT = 2_000;
const BYTES_LIMIT = 64 * 1024 * 1024;

export const createInbox = (handle: (message: TelemetryMessage) => Promise<void>): Inbox => {
  const waiting: TelemetryMessage[] = [];
  let bytes = 0;
  let isOpen = true;
  let working: Promise<void> | null = null;

  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      bytes -= next.payload.length;
      await handle(next);
    }
    working = null;
  };

  return {
    put(message) {
      if (!isOpen || waiting.length >= MESSAGES_LIMIT || bytes + message.payload.length > BYTES_LIMIT) return false;
      bytes += message.payload.length;
      waiting.push(message);
      working ??= work();
      return true;
    },
    size: () => waiting.length,
    async empty() {
      isOpen = false;
      await working;
    },
  };
};
