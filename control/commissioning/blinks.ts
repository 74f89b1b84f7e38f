import { randomBytes } from 'node:crypto';
import { fault } from '#contract/errors.ts';
import { type Report, reportMessage } from '#contract/messages/report.ts';
import type { Telecommand } from '#contract/messages/telecommand.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus, Subscription } from '#contract/ports/message-bus.ts';
import type { CommissionedDevice } from '#contract/routes/commissioning.ts';
import { filters, parseTopic, topics } from '#contract/topics.ts';
import { formatInstant, type Instant, instant } from '#domain/civil-time.ts';
import type { AccountId, DeviceId, GatewayId } from '#domain/identifiers.ts';
import { createTellings } from '../changes/tellings.ts';
import { readMessage } from '../reconcile/read-message.ts';

export interface BlinksMeans {
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something that a page shows has changed at a gateway. */
  readonly tell: (gateway: GatewayId) => Promise<void>;
}

export interface Blinks {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Sends the order. Rejects with `SERVICE_UNREACHABLE` when the broker is away: a person waits at the pole, it is not kept. */
  ask(gateway: GatewayId, device: DeviceId, by: AccountId): Promise<void>;
  /** How far the last one asked of a device went, for an hour. */
  lastOf(gateway: GatewayId, device: DeviceId): CommissionedDevice['blink'];
}

interface Asked {
  readonly id: string;
  readonly at: Instant;
  phase: NonNullable<CommissionedDevice['blink']>['phase'];
  why: string | null;
}

/** Elapsed milliseconds after which a gateway refuses the order. */
const ORDER_LIFE_MS = 60_000;
/** Civil milliseconds. */
const SHOWN_MS = 3_600_000;
const KEPT = 500;

const keyOf = (gateway: GatewayId, device: DeviceId): string => `${gateway}/${device}`;

/** Orders to blink: live only, never stored, each followed by its reports. */
export const createBlinks = ({ bus, clock, logger, tell }: BlinksMeans): Blinks => {
  const asked = new Map<string, Asked>();
  let subscription: Subscription | null = null;
  const tellings = createTellings(logger);

  const keep = (key: string, order: Asked): void => {
    asked.delete(key);
    asked.set(key, order);
    const [oldest] = asked.keys();
    if (asked.size > KEPT && oldest !== undefined) asked.delete(oldest);
  };

  const follow = (gateway: GatewayId, report: Report): void => {
    const order = [...asked.values()].find(({ id }) => id === report.id);
    if (order === undefined) return;
    order.phase = report.phase;
    order.why = report.code === undefined ? null : (report.why ?? report.code);
    tellings.soon({ gateway }, () => tell(gateway));
  };

  return {
    start: async () => {
      subscription = await bus.subscribe(filters.reports, (topic, payload) => {
        const parsed = parseTopic(topic);
        if (parsed?.kind !== 'reports') return;
        // what is not a report is said by whoever follows orders
        const report = readMessage(payload, reportMessage, () => undefined);
        if (report !== null) follow(parsed.gateway, report);
      });
    },
    stop: async () => {
      await subscription?.cancel();
      await tellings.told();
    },
    ask: async (gateway, device, by) => {
      if (bus.state() !== 'connected')
        throw fault('SERVICE_UNREACHABLE', { service: 'The broker', address: 'its address', reason: 'not connected' });
      const at = clock.civilNow();
      const id = `blink-${randomBytes(8).toString('hex')}`;
      const order: Telecommand = {
        id,
        set: { identify: true },
        expiresAt: formatInstant(instant(Math.round(at + ORDER_LIFE_MS * clock.speed))),
        by,
        reason: 'commissioning',
      };
      keep(keyOf(gateway, device), { id, at, phase: 'sent', why: null });
      await bus.publish(topics.deviceTelecommand(gateway, device), JSON.stringify(order), { qos: 1 });
    },
    lastOf: (gateway, device) => {
      const last = asked.get(keyOf(gateway, device));
      if (last === undefined || clock.civilNow() - last.at > SHOWN_MS) return null;
      return { at: formatInstant(last.at), phase: last.phase, why: last.why };
    },
  };
};
