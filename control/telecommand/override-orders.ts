import { fault, reasonOf } from '#contract/errors.ts';
import { OVERRIDES_LIMIT } from '#contract/messages/documents.ts';
import type { Telecommand } from '#contract/messages/telecommand.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import type { AssetsRegistry, AuditRegistry, LightingRegistry, LightTarget, OrderedOverride } from '#contract/ports/registry.ts';
import { topics } from '#contract/topics.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import { formatInstant, type Instant, instant } from '#domain/civil-time.ts';
import type { AccountId, GatewayId, SiteId } from '#domain/identifiers.ts';
import { newOrderId } from '../people/secrets.ts';
import type { DesiredState } from '../reconcile/desired-state.ts';

export interface OverrideOrdersMeans {
  readonly assets: AssetsRegistry;
  readonly lighting: LightingRegistry;
  readonly audit: AuditRegistry;
  readonly desired: DesiredState;
  readonly bus: MessageBus;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface AskedOverride {
  readonly site: SiteId;
  readonly target: LightTarget;
  /** 0 to 100 % of full light. */
  readonly levelPercent: number;
  readonly endsAt: Instant;
  readonly by: AccountId;
  readonly reason: string;
}

export interface OverrideOrders {
  /**
   * Stores the order, sends it at once and publishes it. Rejects with `OVERRIDE_END_INVALID` when its end is not within
   * seven days from now, with `TELECOMMAND_TARGET_UNKNOWN` when the site has no such light point or group, and with
   * `OVERRIDES_TOO_MANY` when its gateway's document could hold no more.
   */
  begin(asked: AskedOverride): Promise<OrderedOverride>;
  /** Ends it before its end; one that has ended is given back as it is. Rejects with `NOT_FOUND`. */
  end(site: SiteId, id: string, by: AccountId): Promise<OrderedOverride>;
  /** Rejects with `NOT_FOUND` when this site has no such override. */
  find(site: SiteId, id: string): Promise<OrderedOverride>;
}

const LONGEST_MS = 7 * 86_400_000;
/** The fast path is worth nothing once the document has come; elapsed seconds. */
const TELECOMMAND_LIFE_MS = 60_000;

const membersOf = (target: LightTarget, assets: FieldAssets): OrderedOverride['members'] => {
  const covered = (): FieldAssets['lightPoints'] => {
    switch (target.kind) {
      case 'all':
        return assets.lightPoints;
      case 'group': {
        const members = new Set(assets.groups.find(({ id }) => id === target.group)?.members);
        return assets.lightPoints.filter(({ id }) => members.has(id));
      }
      case 'light-point':
        return assets.lightPoints.filter(({ id }) => id === target.lightPoint);
    }
  };
  return covered().map(({ id, gateway, device }) => ({ lightPoint: id, gateway, device }));
};

export const targetName = (target: LightTarget): string => {
  switch (target.kind) {
    case 'all':
      return 'all';
    case 'group':
      return target.group;
    case 'light-point':
      return target.lightPoint;
  }
};

const gatewaysOf = ({ members }: OrderedOverride): ReadonlySet<GatewayId> => new Set(members.map(({ gateway }) => gateway));

/** Where the fast path of an order goes: to its device, or to its group at each gateway. An order to all has its document only. */
const fastTopics = (order: OrderedOverride): readonly string[] => {
  const { target, members } = order;
  switch (target.kind) {
    case 'all':
      return [];
    case 'group':
      return [...gatewaysOf(order)].map((gateway) => topics.groupTelecommand(gateway, target.group));
    case 'light-point':
      return members.map(({ gateway, device }) => topics.deviceTelecommand(gateway, device));
  }
};

export const createOverrideOrders = (means: OverrideOrdersMeans): OverrideOrders => {
  const { assets, lighting, audit, desired, bus, changes, clock, logger } = means;

  const find = async (site: SiteId, id: string): Promise<OrderedOverride> => {
    const order = await lighting.override(id);
    if (order?.site !== site) throw fault('NOT_FOUND');
    return order;
  };

  const requireEnd = (endsAt: Instant): void => {
    const now = clock.civilNow();
    const latest = instant(now + LONGEST_MS);
    if (endsAt <= now || endsAt > latest)
      throw fault('OVERRIDE_END_INVALID', { endsAt: formatInstant(endsAt), latest: formatInstant(latest) });
  };

  const requireRoom = async (site: SiteId): Promise<void> => {
    const inForce = await lighting.overridesInForce(site, clock.civilNow());
    if (inForce.length >= OVERRIDES_LIMIT) throw fault('OVERRIDES_TOO_MANY', { limit: OVERRIDES_LIMIT });
  };

  /** The gateway may be away: the document waits for it, retained. */
  const sendAtOnce = async (order: OrderedOverride): Promise<void> => {
    if (bus.state() !== 'connected') return;
    const telecommand: Telecommand = {
      id: order.id,
      set: { levelPercent: order.levelPercent, endsAt: formatInstant(order.endsAt) },
      expiresAt: formatInstant(instant(Math.round(clock.civilNow() + TELECOMMAND_LIFE_MS * clock.speed))),
      by: order.by,
      reason: order.reason,
    };
    for (const topic of fastTopics(order))
      await bus.publish(topic, JSON.stringify(telecommand), { qos: 1 }).catch((thrown: unknown) => {
        logger.warn('telecommand-not-sent', { order: order.id, topic, reason: reasonOf(thrown) });
      });
  };

  const publish = async (order: OrderedOverride): Promise<void> => {
    for (const gateway of gatewaysOf(order)) await desired.refresh(gateway);
    changes.tell({ changed: 'street', id: order.site });
  };

  return {
    find,
    begin: async ({ site, target, ...asked }) => {
      requireEnd(asked.endsAt);
      const standing = await assets.siteAssets(site);
      const members = standing === null ? [] : membersOf(target, standing);
      if (members.length === 0) throw fault('TELECOMMAND_TARGET_UNKNOWN', { gateway: site, target: targetName(target) });
      await requireRoom(site);
      const startsAt = clock.civilNow();
      const order: OrderedOverride = { id: newOrderId(), site, target, members, ...asked, startsAt, endedAt: null };
      await lighting.addOverride(order);
      const detail = `${order.levelPercent} % until ${formatInstant(order.endsAt)}: ${order.reason}`;
      await audit.record({
        at: startsAt,
        by: order.by,
        action: 'override-begun',
        object: `${order.id} ${targetName(target)}`,
        site,
        detail,
      });
      await sendAtOnce(order);
      await publish(order);
      return order;
    },
    end: async (site, id, by) => {
      const order = await find(site, id);
      const at = clock.civilNow();
      if (!(await lighting.endOverride(id, at))) return order;
      await audit.record({ at, by, action: 'override-ended', object: `${id} ${targetName(order.target)}`, site, detail: '' });
      await publish(order);
      return find(site, id);
    },
  };
};
