import { reasonOf } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { isTopicWithin } from '#contract/topics.ts';

export type MessageHandler = (topic: string, payload: Uint8Array) => void;

/** Who wants what on one connection to a broker. */
export interface Subscriptions {
  add(filter: string, handler: MessageHandler): void;
  /** True when it was the last handler of this filter. */
  remove(filter: string, handler: MessageHandler): boolean;
  filters(): string[];
  /** Calls every handler whose filter holds the topic. One that throws is logged and stops nothing. */
  deliver(topic: string, payload: Uint8Array): void;
}

export const createSubscriptions = (logger: Logger): Subscriptions => {
  const handlers = new Map<string, Set<MessageHandler>>();

  return {
    add(filter, handler) {
      const known = handlers.get(filter);
      if (known === undefined) handlers.set(filter, new Set([handler]));
      else known.add(handler);
    },
    remove(filter, handler) {
      const known = handlers.get(filter);
      known?.delete(handler);
      return known?.size === 0 && handlers.delete(filter);
    },
    filters: () => [...handlers.keys()],
    deliver(topic, payload) {
      for (const [filter, interested] of handlers) {
        if (!isTopicWithin(topic, filter)) continue;
        for (const handler of interested) {
          try {
            handler(topic, payload);
          } catch (thrown) {
            logger.error('message-handler-failed', { topic, filter, reason: reasonOf(thrown) });
          }
        }
      }
    },
  };
};
