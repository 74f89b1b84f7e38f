import { fault } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { BusState, LastWill, MessageBus } from '#contract/ports/message-bus.ts';
import { isTopicWithin } from '#contract/topics.ts';
import { createSubscriptions } from './subscriptions.ts';

export interface InMemoryBroker {
  /** A client of this broker. */
  createBus(options: { readonly clientId: string; readonly will?: LastWill }): MessageBus;
  /** Loses every link, as a broker that dies: wills are published, connections are refused until `restore()`. */
  cut(): void;
  /** Clients that want to be connected are connected again. */
  restore(): Promise<void>;
}

interface Client {
  deliver(topic: string, payload: Uint8Array): void;
  lose(): void;
  resume(): void;
}

const UTF_8 = new TextEncoder();

/** The same port inside one process: retained messages, wildcards, last wills. Delivery is in a later turn, as on a network. */
export const createInMemoryBroker = (logger: Logger): InMemoryBroker => {
  const clients = new Set<Client>();
  const retained = new Map<string, Uint8Array>();
  let up = true;

  const accept = (topic: string, payload: string, retain: boolean): void => {
    const bytes = UTF_8.encode(payload);
    if (retain && bytes.length === 0) retained.delete(topic);
    else if (retain) retained.set(topic, bytes);
    for (const client of clients) queueMicrotask(() => client.deliver(topic, bytes));
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
        if (will !== undefined && state === 'connected') accept(will.topic, will.payload, will.retain);
        become('disconnected');
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
        clients.add(client);
        if (up) client.resume();
        return first.promise;
      },
      async disconnect() {
        clients.delete(client);
        first?.promise.catch(() => {});
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
    cut() {
      up = false;
      for (const client of clients) client.lose();
    },
    async restore() {
      up = true;
      for (const client of clients) client.resume();
    },
  };
};
