import { fault } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { BusState, LastWill, MessageBus } from '#contract/ports/message-bus.ts';
import { isTopicWithin } from '#contract/topics.ts';
import { createSubscriptions } from './subscriptions.ts';

export interface InMemoryBroker {
  /** A client of this broker. */
  createBus(options: { readonly clientId: string; readonly will?: LastWill }): MessageBus;
  /** Loses the link of one client, as a cable pulled out: its will is published, it is refused until `restore()`. */
  cut(clientId: string): void;
  /** Lets it come back, with its subscriptions, if it still wants to be connected. */
  restore(clientId: string): void;
}

interface Client {
  deliver(topic: string, payload: Uint8Array): void;
  lose(): void;
  resume(): void;
}

const UTF_8 = new TextEncoder();

/** The same port inside one process: retained messages, wildcards, last wills. Delivery is in a later turn, as on a network. */
export const createInMemoryBroker = (logger: Logger): InMemoryBroker => {
  const clients = new Map<string, Client>();
  const severed = new Set<string>();
  const retained = new Map<string, Uint8Array>();

  const accept = (topic: string, payload: string, retain: boolean): void => {
    const bytes = UTF_8.encode(payload);
    if (retain && bytes.length === 0) retained.delete(topic);
    else if (retain) retained.set(topic, bytes);
    for (const client of clients.values()) queueMicrotask(() => client.deliver(topic, bytes));
  };

  const createBus: InMemoryBroker['createBus'] = ({ clientId, will }) => {
    const subscriptions = createSubscriptions(logger);
    const listeners = new Set<(state: BusState) => void>();
    let state: BusState = 'disconnected';
    let first: PromiseWithResolvers<void> | null = null;

    const unreachable = (reason: string) =>
      fault('SERVICE_UNREACHABLE', { service: 'The in-memory broker', address: clientId, reason });
    const become = (next: BusState): void => {
      if (state === next) return;
      state = next;
      for (const listener of listeners) listener(next);
    };
    const sendRetained = (filter: string): void => {
      for (const [topic, payload] of retained)
        if (isTopicWithin(topic, filter)) queueMicrotask(() => client.deliver(topic, payload));
    };
    const client: Client = {
      deliver: (topic, payload) => {
        if (state === 'connected') subscriptions.deliver(topic, payload);
      },
      lose: () => {
        const wasConnected = state === 'connected';
        become('disconnected');
        if (will !== undefined && wasConnected) accept(will.topic, will.payload, will.retain);
      },
      resume: () => {
        become('connected');
        subscriptions.filters().forEach(sendRetained);
        first?.resolve();
      },
    };

    return {
      connect() {
        if (first !== null) return first.promise;
        first = Promise.withResolvers<void>();
        clients.set(clientId, client);
        if (!severed.has(clientId)) client.resume();
        return first.promise;
      },
      async disconnect() {
        clients.delete(clientId);
        first?.promise.catch(() => {
          // Whoever waits in connect() hears it; without anybody waiting, nobody needs to.
        });
        first?.reject(unreachable('the client disconnects'));
        first = null;
        become('disconnected');
      },
      async publish(topic, payload, { retain = false }) {
        if (state !== 'connected') throw unreachable('not connected');
        accept(topic, payload, retain);
      },
      async subscribe(filter, handler) {
        subscriptions.add(filter, handler);
        if (state === 'connected') sendRetained(filter);
        return { cancel: async () => void subscriptions.remove(filter, handler) };
      },
      state: () => state,
      onState(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
  };

  return {
    createBus,
    cut(clientId) {
      severed.add(clientId);
      clients.get(clientId)?.lose();
    },
    restore(clientId) {
      severed.delete(clientId);
      clients.get(clientId)?.resume();
    },
  };
};
