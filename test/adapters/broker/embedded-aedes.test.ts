import { connect as connectSocket } from 'node:net';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '#adapters/broker/embedded-aedes.ts';
import { demoClients, demoCredentials } from '#test/ports/message-bus/mqtt-broker-under-test.ts';
import { recordingLogger } from '#test/services/loggers.ts';
import { until } from '#test/services/until.ts';

let broker: EmbeddedBroker;
let logger: ReturnType<typeof recordingLogger>;
let clients: MqttClient[];

const start = (port = 0) =>
  startEmbeddedBroker({ host: '127.0.0.1', port, credentials: demoCredentials, clients: demoClients, logger });

const connectAs = async (username: string, options: IClientOptions = {}): Promise<MqttClient> => {
  const password = demoCredentials.get(username) ?? '';
  const client = await connectAsync(broker.url, { username, password, reconnectPeriod: 0, ...options }, false);
  client.on('error', () => undefined);
  clients.push(client);
  return client;
};

beforeEach(async () => {
  logger = recordingLogger();
  clients = [];
  broker = await start();
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.endAsync(true)));
  await broker.close();
});

const refusals = () =>
  logger.lines.filter(({ event }) => event.startsWith('broker-refused')).map(({ event, fields }) => [event, fields['topic']]);

test('a refused subscription answers 128 and the connection stays', async () => {
  const gateway = await connectAs('gateway-republique');
  await expect(gateway.subscribeAsync('axone/v1/gateway-tilleuls/programs')).rejects.toMatchObject({
    packet: { granted: [128] },
  });
  await expect(gateway.subscribeAsync('axone/v1/gateway-republique/programs')).resolves.toHaveLength(1);
  expect(refusals()).toEqual([['broker-refused-subscribe', 'axone/v1/gateway-tilleuls/programs']]);
});

test('a thousand forged messages are all counted and said once', async () => {
  const gateway = await connectAs('gateway-republique');
  for (let index = 0; index < 1_000; index += 1)
    await gateway.publishAsync('axone/v1/gateway-tilleuls/telemetry', 'forged', { qos: 1 });
  expect(broker.refusals()).toBe(1_000);
  expect(refusals()).toEqual([['broker-refused-publish', 'axone/v1/gateway-tilleuls/telemetry']]);
  expect(gateway.connected).toBe(true);
});

test('a forged retained message leaves nothing behind', async () => {
  const forger = await connectAs('gateway-republique');
  await forger.publishAsync('axone/v1/gateway-tilleuls/status', 'forged', { qos: 1, retain: true });
  const control = await connectAs('control');
  const heard: string[] = [];
  control.on('message', (_topic, payload) => heard.push(payload.toString()));
  await control.subscribeAsync('axone/v1/+/status');
  await (await connectAs('gateway-tilleuls')).publishAsync('axone/v1/gateway-tilleuls/status', 'online', { qos: 1 });
  await until('the true status is heard', () => heard.includes('online'));
  expect(heard).toEqual(['online']);
});

test('a last will in the name of another gateway refuses the connection, and its own is accepted', async () => {
  const willOn = (topic: string) => ({ will: { topic, payload: 'offline', qos: 1, retain: true } }) as const;
  await expect(connectAs('gateway-republique', willOn('axone/v1/gateway-tilleuls/status'))).rejects.toThrow('Not authorized');
  const own = await connectAs('gateway-republique', willOn('axone/v1/gateway-republique/status'));
  expect(own.connected).toBe(true);
  expect(refusals()).toEqual([['broker-refused-will', 'axone/v1/gateway-tilleuls/status']]);
});

test('a client id already in use by another user takes nothing over', async () => {
  const control = await connectAs('control', { clientId: 'the-same' });
  const gateway = await connectAs('gateway-republique', { clientId: 'the-same' });
  await gateway.publishAsync('axone/v1/gateway-republique/status', 'online', { qos: 1 });
  await control.publishAsync('axone/v1/gateway-republique/programs', '{}', { qos: 1 });
  expect([control.connected, gateway.connected]).toEqual([true, true]);
});

test('a packet that announces 100 MB closes its connection before they come, and a message of 2 MB passes', async () => {
  const ingest = await connectAs('ingest');
  const sizes: number[] = [];
  ingest.on('message', (_topic, payload) => sizes.push(payload.length));
  await ingest.subscribeAsync('axone/v1/+/telemetry');
  const gateway = await connectAs('gateway-republique');
  await gateway.publishAsync('axone/v1/gateway-republique/telemetry', 'x'.repeat(2 * 1024 * 1024), { qos: 1 });
  await until('the long message is heard', () => sizes.length === 1);

  const socket = connectSocket(broker.port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.write(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x30]));
  await closed;
  expect(logger.lines.map(({ event }) => event)).toContain('broker-closed-oversized-packet');
  expect(gateway.connected).toBe(true);
});

test('bytes that are not MQTT, and a topic of two hundred levels, disturb nobody', async () => {
  const socket = connectSocket(broker.port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\n\r\n');
  await closed;
  const deep = await connectAs('gateway-republique');
  const left = new Promise<void>((resolve) => deep.once('close', () => resolve()));
  deep.publish(`axone/v1/gateway-republique/${'a/'.repeat(200)}b`, 'deep', { qos: 1 }, () => undefined);
  await left;
  const control = await connectAs('control');
  await control.publishAsync('axone/v1/gateway-republique/programs', '{}', { qos: 1 });
});

test('a port in use is said in one sentence', async () => {
  await expect(start(broker.port)).rejects.toMatchObject({ code: 'PORT_IN_USE', fields: { port: broker.port } });
});

test('closing twice is safe and lets go of the port', async () => {
  const { port } = broker;
  await broker.close();
  await broker.close();
  broker = await start(port);
  expect(broker.port).toBe(port);
});
