import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startEmbeddedBroker } from '#adapters/broker/embedded-aedes.ts';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { filters, topics } from '#contract/topics.ts';
import { instant } from '#domain/civil-time.ts';
import { recordingLogger, silentLogger } from '#test/services/loggers.ts';
import { startMosquitto } from '#test/services/start-mosquitto.ts';
import { until } from '#test/services/until.ts';
import { control, describeMessageBus, gateway, listen, republique } from './message-bus-suite.ts';
import { demoClients, demoCredentials, type MqttBrokerUnderTest, throughCables } from './mqtt-broker-under-test.ts';

const startAedes = async (): Promise<MqttBrokerUnderTest> => {
  const options = { host: '127.0.0.1', port: 0, credentials: demoCredentials, clients: demoClients, logger: silentLogger };
  const broker = await startEmbeddedBroker(options);
  return throughCables(broker.port, broker.close);
};

const startRealMosquitto = async (): Promise<MqttBrokerUnderTest> => {
  const mosquitto = await startMosquitto({ users: Object.fromEntries(demoCredentials) });
  return throughCables(mosquitto.port, mosquitto.stop);
};

const brokers = [
  ['the embedded broker', startAedes],
  ['a real Mosquitto', startRealMosquitto],
] as const;

for (const [name, start] of brokers) describeMessageBus(name, start);

describe.each(brokers)('over mqtt.js and %s', (_name, start) => {
  let broker: MqttBrokerUnderTest;
  beforeEach(async () => {
    broker = await start();
  });
  afterEach(() => broker.stop());

  test('a publish whose acknowledgement never came is refused when the link is lost, and is not sent again behind our back', async () => {
    const field = await broker.createBus(gateway);
    const centre = await broker.createBus(control);
    await field.bus.connect();
    await centre.bus.connect();
    const reports = await listen(centre.bus, filters.reports);

    field.proxy.freeze();
    const publishing = field.bus.publish(topics.reports(republique), 'unanswered', { qos: 1 });
    field.cut();
    await expect(publishing).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });

    await field.restore();
    await until('it is back', () => field.bus.state() === 'connected');
    await field.bus.publish(topics.reports(republique), 'after', { qos: 1 });
    await reports.untilText('after');
    expect(reports.texts()).toEqual(['after']);
    await field.bus.disconnect();
    await centre.bus.disconnect();
  });

  test('leaving refuses what is still unanswered', async () => {
    const field = await broker.createBus(gateway);
    await field.bus.connect();
    field.proxy.freeze();
    const publishing = field.bus.publish(topics.reports(republique), 'unanswered', { qos: 1 });
    const refused = expect(publishing).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
    field.cut();
    await field.bus.disconnect();
    await refused;
  });

  test('a session that is kept receives what was said during the absence', async () => {
    const ingest = await broker.createBus({ role: 'ingest' }, { clean: false });
    const field = await broker.createBus(gateway);
    const telemetry = await listen(ingest.bus, filters.telemetry);
    await ingest.bus.connect();
    await field.bus.connect();
    ingest.cut();
    await until('the loss is seen', () => ingest.bus.state() === 'disconnected');
    await field.bus.publish(topics.telemetry(republique), 'said meanwhile', { qos: 1 });
    await ingest.restore();
    await telemetry.untilText('said meanwhile');
    await ingest.bus.disconnect();
    await field.bus.disconnect();
  });
});

test('a broker that is not there is said once, and tried again at growing intervals until it comes', async () => {
  const mosquitto = await startMosquitto();
  await mosquitto.kill();
  const clock = createSimulatedClock({ civil: instant(0) });
  const logger = recordingLogger();
  const bus = createMqttBus({ url: mosquitto.url, clientId: 'late', clock, logger });
  const connected = bus.connect();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await until('the attempt has failed', () => logger.lines.length === 1);
    await clock.advance(60_000);
  }
  await mosquitto.restart();
  await until('it is connected', async () => {
    await clock.advance(60_000);
    return bus.state() === 'connected';
  });
  await connected;
  expect(logger.lines.map(({ event }) => event)).toEqual(['bus-unreachable', 'bus-connected']);
  await bus.disconnect();
  await mosquitto.stop();
});
