import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LastWill, MessageBus } from '#contract/ports/message-bus.ts';
import { type BrokerClient, filters, topics } from '#contract/topics.ts';
import { deviceId, gatewayId } from '#domain/identifiers.ts';
import { until } from '#test/services/until.ts';

export interface BusUnderTest {
  readonly bus: MessageBus;
  /** Loses its link without a word. */
  cut(): void;
  /** Lets it come back and resolves when it may have tried. */
  restore(): Promise<void>;
}

export interface BrokerUnderTest {
  createBus(client: BrokerClient, options?: { readonly will?: LastWill }): Promise<BusUnderTest>;
  stop(): Promise<void>;
}

export const republique = gatewayId('gateway-republique');
const tilleuls = gatewayId('gateway-tilleuls');
export const gateway: BrokerClient = { role: 'gateway', gateway: republique };
export const control: BrokerClient = { role: 'control' };
const lamp = deviceId('luminaire-01');

/** What was received, as text, by topic. */
export const listen = async (bus: MessageBus, filter: string) => {
  const received: { topic: string; text: string }[] = [];
  const subscription = await bus.subscribe(filter, (topic, payload) => {
    received.push({ topic, text: new TextDecoder().decode(payload) });
  });
  return {
    received,
    texts: () => received.map(({ text }) => text),
    cancel: subscription.cancel,
    untilText: (text: string) => until(`"${text}" is received`, () => received.some((message) => message.text === text)),
  };
};

/** The same promises of the port, whatever carries it. */
export const describeMessageBus = (name: string, startBroker: () => Promise<BrokerUnderTest>): void => {
  describe(`the message bus over ${name}`, () => {
    let broker: BrokerUnderTest;
    let field: BusUnderTest;
    let centre: BusUnderTest;
    const will: LastWill = { topic: topics.status(republique), payload: 'offline', retain: true };

    beforeEach(async () => {
      broker = await startBroker();
      field = await broker.createBus(gateway, { will });
      centre = await broker.createBus(control);
      await field.bus.connect();
      await centre.bus.connect();
    });

    afterEach(async () => {
      await field.bus.disconnect();
      await centre.bus.disconnect();
      await broker.stop();
    });

    test('a status reaches control, and an availability on another topic does not disturb it', async () => {
      const status = await listen(centre.bus, filters.status);
      await field.bus.publish(topics.availability(republique, lamp), 'lamp online', { qos: 1 });
      await field.bus.publish(topics.status(republique), 'online', { qos: 1 });
      await status.untilText('online');
      expect(status.received).toEqual([{ topic: topics.status(republique), text: 'online' }]);
    });

    test('a retained document reaches a gateway that comes later, and an empty one erases it', async () => {
      const topic = topics.document(republique, 'programs');
      await centre.bus.publish(topic, 'revision 7', { qos: 1, retain: true });
      const first = await listen(field.bus, topic);
      await first.untilText('revision 7');
      await centre.bus.publish(topic, '', { qos: 1, retain: true });
      await first.untilText('');
      await first.cancel();

      const later = await listen(field.bus, topic);
      await centre.bus.publish(topic, 'not retained', { qos: 1 });
      await later.untilText('not retained');
      expect(later.texts()).toEqual(['not retained']);
    });

    test('two handlers of one filter both receive the retained document', async () => {
      const topic = topics.document(republique, 'overrides');
      await centre.bus.publish(topic, 'revision 31', { qos: 1, retain: true });
      await (await listen(field.bus, topic)).untilText('revision 31');
      await (await listen(field.bus, topic)).untilText('revision 31');
    });

    test('a handler that throws stops neither the others nor the next message', async () => {
      await centre.bus.subscribe(filters.reports, () => {
        throw new Error('a mistake in a handler');
      });
      const reports = await listen(centre.bus, filters.reports);
      await field.bus.publish(topics.reports(republique), 'first', { qos: 1 });
      await field.bus.publish(topics.reports(republique), 'second', { qos: 1 });
      await reports.untilText('second');
      expect(reports.texts()).toEqual(['first', 'second']);
    });

    test('a cancelled subscription hears nothing more', async () => {
      const cancelled = await listen(centre.bus, filters.reports);
      const kept = await listen(centre.bus, filters.status);
      await cancelled.cancel();
      await field.bus.publish(topics.reports(republique), 'unheard', { qos: 1 });
      await field.bus.publish(topics.status(republique), 'online', { qos: 1 });
      await kept.untilText('online');
      expect(cancelled.received).toEqual([]);
    });

    test('a publish without a link is refused at once and never sent later', async () => {
      const states: string[] = [];
      field.bus.onState((state) => states.push(state));
      const reports = await listen(centre.bus, filters.reports);
      field.cut();
      await until('the loss is seen', () => field.bus.state() === 'disconnected');
      const topic = topics.reports(republique);
      await expect(field.bus.publish(topic, 'lost', { qos: 1 })).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
      await expect(field.bus.publish(topic, 'lost too', { qos: 0 })).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });

      await field.restore();
      await until('it is back', () => field.bus.state() === 'connected');
      await field.bus.publish(topic, 'after', { qos: 1 });
      await reports.untilText('after');
      expect(reports.texts()).toEqual(['after']);
      expect(states).toEqual(['disconnected', 'connected']);
    });

    test('subscriptions are kept over a lost link', async () => {
      const commands = await listen(field.bus, filters.deviceTelecommands(republique));
      field.cut();
      await until('the loss is seen', () => field.bus.state() === 'disconnected');
      await field.restore();
      await until('it is back', () => field.bus.state() === 'connected');
      await centre.bus.publish(topics.deviceTelecommand(republique, lamp), 'identify', { qos: 1 });
      await commands.untilText('identify');
    });

    test('a subscription made without a link is asked when the link comes', async () => {
      field.cut();
      await until('the loss is seen', () => field.bus.state() === 'disconnected');
      const commands = await listen(field.bus, filters.deviceTelecommands(republique));
      await field.restore();
      await until('it is back', () => field.bus.state() === 'connected');
      await centre.bus.publish(topics.deviceTelecommand(republique, lamp), 'identify', { qos: 1 });
      await commands.untilText('identify');
    });

    test('the last will speaks when the link is lost', async () => {
      const status = await listen(centre.bus, filters.status);
      field.cut();
      await status.untilText('offline');
    });

    test('the last will is silent when the gateway leaves by itself', async () => {
      const status = await listen(centre.bus, filters.status);
      await field.bus.disconnect();
      expect(field.bus.state()).toBe('disconnected');
      const other = await broker.createBus({ role: 'gateway', gateway: tilleuls });
      await other.bus.connect();
      await other.bus.publish(topics.status(tilleuls), 'online', { qos: 1 });
      await status.untilText('online');
      expect(status.texts()).toEqual(['online']);
      await other.bus.disconnect();
    });
  });
};
