import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { MessageBus, Subscription } from '#contract/ports/message-bus.ts';
import type { ChangeEvent } from '#contract/routes/platform.ts';
import { filters, parseTopic } from '#contract/topics.ts';
import type { DwellingId, GatewayId, SiteId } from '#domain/identifiers.ts';

/** What pages show of a gateway's field. */
export interface GatewayPlace {
  readonly site: SiteId;
  readonly kind: 'lighting' | 'building';
  readonly dwellings: readonly DwellingId[];
}

export interface BusChangesOptions {
  readonly bus: MessageBus;
  /** Told of what can be read again. */
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  /** Null for a gateway that the registry does not know. */
  readonly placeOf: (gateway: GatewayId) => GatewayPlace | null;
}

export interface BusChanges {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A burst of messages is one change: pages read again this long after its first. */
const PLACE_DELAY_MS = 250;
/** A home shows finished half-hours at the finest: it need not read again at each round of its building. */
const HOME_DELAY_MS = 60_000;

/** For a process that hears of the field only through the broker: an acknowledgement, a status, a report or an availability becomes a change of a place. */
export const createBusChanges = ({ bus, changes, clock, placeOf }: BusChangesOptions): BusChanges => {
  const waiting = new Map<string, Timer>();
  let subscriptions: readonly Subscription[] = [];

  const tellLater = (change: ChangeEvent, delayMs: number): void => {
    const key = `${change.changed} ${change.id}`;
    if (waiting.has(key)) return;
    const tell = (): void => {
      waiting.delete(key);
      changes.tell(change);
    };
    waiting.set(key, clock.after(delayMs, tell));
  };

  const hear = (topic: string): void => {
    const parsed = parseTopic(topic);
    const place = parsed === null ? null : placeOf(parsed.gateway);
    if (place === null || parsed === null) return;
    tellLater({ changed: place.kind === 'lighting' ? 'street' : 'building', id: place.site }, PLACE_DELAY_MS);
    if (parsed.kind !== 'ack') return;
    for (const dwelling of place.dwellings) tellLater({ changed: 'home', id: dwelling }, HOME_DELAY_MS);
  };

  return {
    start: async () => {
      const heard = [filters.acks, filters.status, filters.reports, filters.availabilities];
      subscriptions = await Promise.all(heard.map((filter) => bus.subscribe(filter, hear)));
    },
    stop: async () => {
      for (const timer of waiting.values()) timer.cancel();
      waiting.clear();
      for (const subscription of subscriptions) await subscription.cancel();
      subscriptions = [];
    },
  };
};
