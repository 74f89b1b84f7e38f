import { reasonOf } from '#contract/errors.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { HousingRegistry } from '#contract/ports/housing-registry.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus, Subscription } from '#contract/ports/message-bus.ts';
import type { AssetsRegistry } from '#contract/ports/registry.ts';
import { filters, parseTopic } from '#contract/topics.ts';
import type { GatewayId } from '#domain/identifiers.ts';

export interface NewReadingsMeans {
  readonly bus: MessageBus;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly assets: Pick<AssetsRegistry, 'gateways' | 'sites'>;
  readonly housing: Pick<HousingRegistry, 'dwellingsOfGateway'>;
  readonly logger: Logger;
}

export interface NewReadings {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A burst of acknowledgements is one change: pages read again this long after its first, elapsed milliseconds. */
const SITE_DELAY_MS = 250;
/** A home shows finished half-hours at the finest: it need not read again at each round of its building. */
const HOMES_DELAY_MS = 60_000;

/** What ingest acknowledged can be read: an acknowledgement carries no value, and becomes a change of a street, or of a building and its homes. */
export const createNewReadings = ({ bus, changes, clock, assets, housing, logger }: NewReadingsMeans): NewReadings => {
  const waiting = new Map<string, Timer>();
  let subscription: Subscription | null = null;

  const tellSite = async (gateway: GatewayId): Promise<void> => {
    const id = (await assets.gateways()).find((known) => known.id === gateway)?.site;
    const site = (await assets.sites()).find((known) => known.id === id);
    if (site !== undefined) changes.tell({ changed: site.kind === 'building' ? 'building' : 'street', id: site.id });
  };

  const tellHomes = async (gateway: GatewayId): Promise<void> => {
    for (const { id } of await housing.dwellingsOfGateway(gateway)) changes.tell({ changed: 'home', id });
  };

  const later = (key: string, delayMs: number, tell: () => Promise<void>): void => {
    if (waiting.has(key)) return;
    const tellNow = (): void => {
      waiting.delete(key);
      tell().catch((thrown: unknown) => logger.error('change-not-told', { key, reason: reasonOf(thrown) }));
    };
    waiting.set(key, clock.after(delayMs, tellNow));
  };

  const hear = (topic: string): void => {
    const parsed = parseTopic(topic);
    if (parsed?.kind !== 'ack') return;
    const { gateway } = parsed;
    later(`site of ${gateway}`, SITE_DELAY_MS, () => tellSite(gateway));
    later(`homes of ${gateway}`, HOMES_DELAY_MS, () => tellHomes(gateway));
  };

  return {
    start: async () => {
      subscription = await bus.subscribe(filters.acks, hear);
    },
    stop: async () => {
      for (const timer of waiting.values()) timer.cancel();
      waiting.clear();
      await subscription?.cancel();
      subscription = null;
    },
  };
};
