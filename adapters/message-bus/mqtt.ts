import { fault, reasonOf } from '#contract/errors.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { BusState, MessageBus } from '#contract/ports/message-bus.ts';
import { type LinkOptions, type MqttLink, openMqttLink } from './mqtt-link.ts';
import { createSubscriptions } from './subscriptions.ts';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** How long a broker may take to close its side when we leave. */
const FAREWELL_MS = 2_000;

export interface MqttBusOptions extends Omit<LinkOptions, 'clean'> {
  readonly clock: Clock;
  readonly logger: Logger;
  /** False keeps the session at the broker between connections; the client id must then be stable. True by default. */
  readonly clean?: boolean;
}

/** Half fixed, half random, so that ten thousand gateways do not come back together. Milliseconds. */
const retryDelay = (attempt: number): number => {
  const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
  return Math.max(FIRST_RETRY_MS, longest / 2 + (longest / 2) * Math.random());
};

/** The message bus over mqtt.js 5, MQTT 3.1.1: a fresh connection after each loss, 1 to 60 s of elapsed time apart. */
export const createMqttBus = (options: MqttBusOptions): MessageBus => {
  const { clock, logger, url, clientId } = options;
  const linkOptions: LinkOptions = { ...options, clean: options.clean ?? true };
  const subscriptions = createSubscriptions(logger);
  const listeners = new Set<(state: BusState) => void>();
  let wanted = false;
  let givingUp = new AbortController();
  let link: MqttLink | null = null;
  let attempt = 0;
  let retry: Timer | null = null;
  let opening: Promise<void> = Promise.resolve();
  let unreachableSaid = false;
  let first: PromiseWithResolvers<void> | null = null;

  const unreachable = (reason: string) => fault('SERVICE_UNREACHABLE', { service: 'The MQTT broker', address: url, reason });
  const tell = (state: BusState): void => {
    for (const listener of listeners) listener(state);
  };

  const askAll = async (opened: MqttLink): Promise<void> => {
    const filters = subscriptions.filters();
    if (filters.length === 0) return;
    for (const filter of await opened.subscribe(filters)) logger.error('subscription-refused', { clientId, filter });
  };

  const retryLater = (): void => {
    if (!wanted) return;
    retry = clock.after(retryDelay(attempt), () => {
      opening = open();
    });
    attempt += 1;
  };

  const onLost = (reason: string): void => {
    if (link === null) return;
    link = null;
    logger.warn('bus-disconnected', { clientId, url, reason });
    tell('disconnected');
    retryLater();
  };

  const open = async (): Promise<void> => {
    let opened: MqttLink | null = null;
    try {
      opened = await openMqttLink(linkOptions, { message: subscriptions.deliver, lost: onLost }, givingUp.signal);
      await askAll(opened);
      if (!wanted) {
        await opened.end();
        return;
      }
      link = opened;
      attempt = 0;
      unreachableSaid = false;
      logger.info('bus-connected', { clientId, url });
      first?.resolve();
      tell('connected');
    } catch (thrown) {
      opened?.drop();
      if (!unreachableSaid) logger.warn('bus-unreachable', { clientId, url, reason: reasonOf(thrown) });
      unreachableSaid = true;
      retryLater();
    }
  };

  const leave = async (): Promise<void> => {
    const leaving = link;
    link = null;
    if (leaving === null) return;
    const farewell = new AbortController();
    const ended = leaving.end().finally(() => farewell.abort());
    await Promise.race([ended, clock.sleep(FAREWELL_MS, farewell.signal).catch(() => ended)]);
    leaving.drop();
    tell('disconnected');
  };

  return {
    connect() {
      if (first !== null) return first.promise;
      wanted = true;
      givingUp = new AbortController();
      first = Promise.withResolvers<void>();
      opening = open();
      return first.promise;
    },
    async disconnect() {
      wanted = false;
      retry?.cancel();
      givingUp.abort();
      first?.promise.catch(() => {
        // Whoever waits in connect() hears it; without anybody waiting, nobody needs to.
      });
      first?.reject(unreachable('the client disconnects'));
      first = null;
      await leave();
      await opening;
    },
    publish(topic, payload, publishOptions) {
      return link === null ? Promise.reject(unreachable('not connected')) : link.publish(topic, payload, publishOptions);
    },
    async subscribe(filter, handler) {
      subscriptions.add(filter, handler);
      // also when the filter is already asked: the broker sends its retained messages again, for the new handler
      if (link !== null) {
        // a link lost meanwhile is no refusal: the filter is asked again at the next connection
        const refused = await link.subscribe([filter]).catch(() => []);
        if (refused.length > 0) {
          subscriptions.remove(filter, handler);
          throw fault('SUBSCRIPTION_REFUSED', { filter, client: clientId });
        }
      }
      return {
        async cancel() {
          if (subscriptions.remove(filter, handler) && link !== null) {
            await link.unsubscribe(filter).catch(() => {
              // The link is lost: the next one subscribes only to what is still wanted.
            });
          }
        },
      };
    },
    state: () => (link === null ? 'disconnected' : 'connected'),
    onState(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
