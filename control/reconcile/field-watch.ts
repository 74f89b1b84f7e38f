import { reasonOf } from '#contract/errors.ts';
import { type Availability, availabilityMessage } from '#contract/messages/device.ts';
import { type Status, statusMessage } from '#contract/messages/status.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus, Subscription } from '#contract/ports/message-bus.ts';
import type { AssetsRegistry, GatewayState, LightingRegistry } from '#contract/ports/registry.ts';
import { filters, parseTopic } from '#contract/topics.ts';
import type { DeviceId, GatewayId } from '#domain/identifiers.ts';
import type { DesiredState, PublishedName } from './desired-state.ts';
import { readMessage } from './read-message.ts';

export interface FieldWatchMeans {
  readonly assets: AssetsRegistry;
  readonly lighting: LightingRegistry;
  readonly desired: DesiredState;
  readonly bus: MessageBus;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly logger: Logger;
}

export type Obedience = 'yes' | 'waiting' | 'refused' | 'unknown';

export interface FieldWatch {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** What a gateway last said, also before a restart; null when it never spoke. */
  stateOf(gateway: GatewayId): Promise<GatewayState | null>;
  availabilityOf(gateway: GatewayId, device: DeviceId): Availability['state'] | 'unknown';
  /** What a gateway last said of a device; null when it said nothing. */
  lastAvailabilityOf(gateway: GatewayId, device: DeviceId): Availability | null;
  /** Tells the pages of a gateway's site that something there has changed. */
  tellSite(gateway: GatewayId): Promise<void>;
  /** Whether a gateway applies the document that it should. */
  obedienceOf(gateway: GatewayId, name: PublishedName): Promise<Obedience>;
}

/** What is worth telling a page: not the instant, which changes with each status. */
const gist = (status: Status): string =>
  status.state === 'offline' ? status.state : JSON.stringify([status.state, status.boot, status.applied, status.refused ?? []]);

export const createFieldWatch = (means: FieldWatchMeans): FieldWatch => {
  const { assets, lighting, desired, bus, changes, clock, logger } = means;
  const states = new Map<GatewayId, GatewayState>();
  const availabilities = new Map<string, Availability>();
  let subscriptions: readonly Subscription[] = [];
  let handling: Promise<void> = Promise.resolve();

  const stateOf = async (gateway: GatewayId): Promise<GatewayState | null> =>
    states.get(gateway) ?? (await lighting.gatewayState(gateway));

  const tellSite = async (gateway: GatewayId): Promise<void> => {
    const site = (await assets.gateways()).find(({ id }) => id === gateway)?.site;
    const kind = (await assets.sites()).find(({ id }) => id === site)?.kind;
    if (site !== undefined) changes.tell({ changed: kind === 'building' ? 'building' : 'street', id: site });
  };

  const takeStatus = async (gateway: GatewayId, status: Status): Promise<void> => {
    if (!(await assets.gateways()).some(({ id }) => id === gateway)) return;
    const former = await stateOf(gateway);
    const since = former?.state === status.state ? former.since : clock.civilNow();
    const state: GatewayState = { state: status.state, since, status };
    const changed = former === null || gist(former.status) !== gist(status);
    states.set(gateway, state);
    if (changed) await lighting.saveGatewayState(gateway, state);
    if (former?.state !== status.state) logger.info(`gateway-became-${status.state}`, { gateway });
    if (status.state === 'online') await desired.reconcile(gateway, status);
    if (changed) await tellSite(gateway);
  };

  const takeAvailability = async (gateway: GatewayId, device: DeviceId, availability: Availability): Promise<void> => {
    const key = `${gateway}/${device}`;
    const changed = availabilities.get(key)?.state !== availability.state;
    availabilities.set(key, availability);
    if (changed) await tellSite(gateway);
  };

  /** A gateway takes back what it said of a device that is no longer there. */
  const forgetAvailability = async (gateway: GatewayId, device: DeviceId): Promise<void> => {
    if (availabilities.delete(`${gateway}/${device}`)) await tellSite(gateway);
  };

  const hear = (topic: string, payload: Uint8Array): void => {
    const parsed = parseTopic(topic);
    const refuse = (reason: string): void => logger.warn('message-refused', { topic, reason });
    const take = async (): Promise<void> => {
      if (parsed?.kind === 'status') {
        const status = readMessage(payload, statusMessage, refuse);
        if (status !== null) await takeStatus(parsed.gateway, status);
      } else if (parsed?.kind === 'availability' && payload.length === 0) {
        await forgetAvailability(parsed.gateway, parsed.device);
      } else if (parsed?.kind === 'availability') {
        const availability = readMessage(payload, availabilityMessage, refuse);
        if (availability !== null) await takeAvailability(parsed.gateway, parsed.device, availability);
      }
    };
    // One after the other: a status is judged against the one before it.
    handling = handling
      .then(take)
      .catch((thrown: unknown) => logger.error('message-not-handled', { topic, reason: reasonOf(thrown) }));
  };

  return {
    stateOf,
    start: async () => {
      subscriptions = [await bus.subscribe(filters.status, hear), await bus.subscribe(filters.availabilities, hear)];
    },
    stop: async () => {
      for (const subscription of subscriptions) await subscription.cancel();
      await handling;
    },
    availabilityOf: (gateway, device) => availabilities.get(`${gateway}/${device}`)?.state ?? 'unknown',
    lastAvailabilityOf: (gateway, device) => availabilities.get(`${gateway}/${device}`) ?? null,
    tellSite,
    obedienceOf: async (gateway, name) => {
      const status = (await stateOf(gateway))?.status;
      const revision = await desired.revisionOf(gateway, name);
      if (status === undefined || status.state === 'offline' || revision === null) return 'unknown';
      if (status.applied[name] === revision) return 'yes';
      return status.refused?.some((one) => one.document === name && one.revision === revision) === true ? 'refused' : 'waiting';
    },
  };
};
