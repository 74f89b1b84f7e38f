import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmbeddedBroker } from '#adapters/broker/embedded-aedes.ts';
import { mosquittoAcl, mosquittoPasswords } from '#adapters/broker/mosquitto-acl.ts';
import { demoClients, demoCredentials } from '#test/ports/message-bus/mqtt-broker-under-test.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { startMosquitto } from '#test/services/start-mosquitto.ts';
import { until } from '#test/services/until.ts';

const startAedes = async () => {
  const options = { host: '127.0.0.1', port: 0, credentials: demoCredentials, clients: demoClients, logger: silentLogger };
  const { url, close } = await startEmbeddedBroker(options);
  return { url, stop: close };
};

const startRealMosquitto = () =>
  startMosquitto({
    users: Object.fromEntries(demoCredentials),
    passwordFile: mosquittoPasswords(demoCredentials),
    acl: mosquittoAcl(demoClients.values()),
  });

interface Sender {
  readonly who: string;
  readonly says: string;
}

/** What one may not publish, and who may publish exactly that. */
const publishes: readonly { readonly forger: Sender; readonly twin: Sender; readonly reader: string }[] = [
  {
    forger: { who: 'gateway-republique', says: 'axone/v1/gateway-tilleuls/telemetry' },
    twin: { who: 'gateway-tilleuls', says: 'axone/v1/gateway-tilleuls/telemetry' },
    reader: 'ingest',
  },
  {
    forger: { who: 'gateway-republique', says: 'axone/v1/gateway-tilleuls/devices/meter-d07/availability' },
    twin: { who: 'gateway-tilleuls', says: 'axone/v1/gateway-tilleuls/devices/meter-d07/availability' },
    reader: 'control',
  },
  {
    forger: { who: 'gateway-republique', says: 'axone/v1/gateway-republique/ack' },
    twin: { who: 'ingest', says: 'axone/v1/gateway-republique/ack' },
    reader: 'gateway-republique',
  },
  {
    forger: { who: 'gateway-republique', says: 'axone/v1/gateway-republique/programs' },
    twin: { who: 'control', says: 'axone/v1/gateway-republique/programs' },
    reader: 'gateway-republique',
  },
  {
    forger: { who: 'ingest', says: 'axone/v1/gateway-republique/devices/luminaire-01/telecommand' },
    twin: { who: 'control', says: 'axone/v1/gateway-republique/devices/luminaire-01/telecommand' },
    reader: 'gateway-republique',
  },
  {
    forger: { who: 'gateway-tilleuls', says: 'axone/v1/gateway-republique/groups/group-republique-nord/telecommand' },
    twin: { who: 'control', says: 'axone/v1/gateway-republique/groups/group-republique-nord/telecommand' },
    reader: 'gateway-republique',
  },
  {
    forger: { who: 'ingest', says: 'axone/v1/gateway-republique/reports' },
    twin: { who: 'gateway-republique', says: 'axone/v1/gateway-republique/reports' },
    reader: 'control',
  },
];

/** What one may not hear, who may, and a topic that the eavesdropper may hear, to know that its time has come. */
const subscriptions: readonly {
  readonly eavesdropper: string;
  readonly asks: string;
  readonly twin: Sender;
  readonly speaker: Sender;
  readonly fence: Sender;
}[] = [
  {
    eavesdropper: 'gateway-tilleuls',
    asks: 'axone/v1/gateway-republique/programs',
    twin: { who: 'gateway-republique', says: 'axone/v1/gateway-republique/programs' },
    speaker: { who: 'control', says: 'axone/v1/gateway-republique/programs' },
    fence: { who: 'control', says: 'axone/v1/gateway-tilleuls/programs' },
  },
  {
    eavesdropper: 'gateway-republique',
    asks: '#',
    twin: { who: 'control', says: 'axone/v1/+/status' },
    speaker: { who: 'gateway-tilleuls', says: 'axone/v1/gateway-tilleuls/status' },
    fence: { who: 'control', says: 'axone/v1/gateway-republique/overrides' },
  },
  {
    eavesdropper: 'control',
    asks: 'axone/v1/+/telemetry',
    twin: { who: 'ingest', says: 'axone/v1/+/telemetry' },
    speaker: { who: 'gateway-tilleuls', says: 'axone/v1/gateway-tilleuls/telemetry' },
    fence: { who: 'gateway-tilleuls', says: 'axone/v1/gateway-tilleuls/status' },
  },
  {
    eavesdropper: 'ingest',
    asks: 'axone/v1/#',
    twin: { who: 'gateway-tilleuls', says: 'axone/v1/gateway-tilleuls/programs' },
    speaker: { who: 'control', says: 'axone/v1/gateway-tilleuls/programs' },
    fence: { who: 'gateway-tilleuls', says: 'axone/v1/gateway-tilleuls/status' },
  },
];

/** A filter by which a reader may hear a topic. */
const filterOf = (reader: string, topic: string): string =>
  reader.startsWith('gateway-')
    ? topic.replace(/devices\/[^/]+|groups\/[^/]+/, (found) => `${found.split('/')[0]}/+`)
    : topic.replace(/gateway-[a-z]+/, '+').replace(/devices\/[^/]+/, 'devices/+');

describe.each([
  ['the embedded broker', startAedes],
  ['a real Mosquitto with the generated files', startRealMosquitto],
] as const)('%s', (_name, start) => {
  let broker: { readonly url: string; stop(): Promise<void> };
  const clients: MqttClient[] = [];

  const connectAs = async (username: string) => {
    const password = demoCredentials.get(username) ?? '';
    const client = await connectAsync(broker.url, { username, password, reconnectPeriod: 0 });
    const heard: string[] = [];
    client.on('message', (_topic, payload) => heard.push(payload.toString()));
    clients.push(client);
    return { client, heard };
  };

  beforeAll(async () => {
    broker = await start();
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.endAsync(true)));
    await broker.stop();
  });

  test.each(publishes)('$forger.who may not publish $forger.says, and $twin.who may', async ({ forger, twin, reader }) => {
    const [listening, forging, permitted] = [await connectAs(reader), await connectAs(forger.who), await connectAs(twin.who)];
    await listening.client.subscribeAsync(filterOf(reader, twin.says), { qos: 1 });
    await forging.client.publishAsync(forger.says, 'forged', { qos: 1 });
    await permitted.client.publishAsync(twin.says, 'permitted', { qos: 1 });
    await until('the permitted message is heard', () => listening.heard.includes('permitted'));
    expect(listening.heard).toEqual(['permitted']);
    expect(forging.client.connected).toBe(true);
  });

  test.each(subscriptions)('$eavesdropper may not hear $asks, and $twin.who may hear it', async (attempt) => {
    const [spy, permitted] = [await connectAs(attempt.eavesdropper), await connectAs(attempt.twin.who)];
    const [speaker, fence] = [await connectAs(attempt.speaker.who), await connectAs(attempt.fence.who)];
    await spy.client.subscribeAsync(attempt.asks, { qos: 1 }).catch(() => {
      // Refused at once, or granted and kept silent: both are looked at below.
    });
    await spy.client.subscribeAsync(filterOf(attempt.eavesdropper, attempt.fence.says), { qos: 1 });
    await permitted.client.subscribeAsync(attempt.twin.says, { qos: 1 });

    await speaker.client.publishAsync(attempt.speaker.says, 'private', { qos: 1 });
    await until('the permitted reader hears it', () => permitted.heard.includes('private'));
    await fence.client.publishAsync(attempt.fence.says, 'fence', { qos: 1 });
    await until('the fence is heard', () => spy.heard.includes('fence'));
    expect(spy.heard).toEqual(['fence']);
  });

  test.each([
    ['a wrong password', { username: 'control', password: 'wrong' }],
    ['an unknown user', { username: 'gateway-unknown', password: 'secret-of-control' }],
    ['an empty password', { username: 'control', password: '' }],
    ['no credentials at all', {}],
  ])('%s is refused', async (_what, credentials) => {
    const connecting = connectAsync(broker.url, { ...credentials, reconnectPeriod: 0 }, false);
    await expect(connecting).rejects.toThrow(/Not authorized|Bad username or password/);
  });
});
