import { type Field, fieldMessage } from '#contract/messages/field.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus, Subscription } from '#contract/ports/message-bus.ts';
import { filters, parseTopic } from '#contract/topics.ts';
import type { GatewayId } from '#domain/identifiers.ts';
import { createTellings } from '../changes/tellings.ts';
import { readMessage } from '../reconcile/read-message.ts';

export interface FieldInventoryMeans {
  readonly bus: MessageBus;
  readonly logger: Logger;
  /** Something that a page shows has changed at a gateway. */
  readonly tell: (gateway: GatewayId) => Promise<void>;
}

export interface FieldInventory {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The buses of a gateway and the models that it can read, as it last said; retained by the broker. Null when it never did. */
  fieldOf(gateway: GatewayId): Field | null;
}

/** What gateways say they have: lines, who owns the devices of each, and profiles. */
export const createFieldInventory = ({ bus, logger, tell }: FieldInventoryMeans): FieldInventory => {
  const fields = new Map<GatewayId, Field>();
  let subscription: Subscription | null = null;
  const tellings = createTellings(logger);

  const hear = (topic: string, payload: Uint8Array): void => {
    const parsed = parseTopic(topic);
    if (parsed?.kind !== 'field') return;
    const field = readMessage(payload, fieldMessage, (reason) => logger.warn('message-refused', { topic, reason }));
    if (field === null) return;
    fields.set(parsed.gateway, field);
    tellings.soon({ gateway: parsed.gateway }, () => tell(parsed.gateway));
  };

  return {
    fieldOf: (gateway) => fields.get(gateway) ?? null,
    start: async () => {
      subscription = await bus.subscribe(filters.fields, hear);
    },
    stop: async () => {
      await subscription?.cancel();
      await tellings.told();
    },
  };
};
