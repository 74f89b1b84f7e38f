import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EmbeddedBroker, startEmbeddedBroker } from '#adapters/broker/embedded-aedes.ts';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { loadConfiguration, openBroker } from '#adapters/from-config.ts';
import { brokerAccess } from '#adapters/message-bus/broker-access.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { filters, topics } from '#contract/topics.ts';
import { instant } from '#domain/civil-time.ts';
import { gatewayId } from '#domain/identifiers.ts';
import { freePort } from '#test/services/free-port.ts';
import { recordingLogger } from '#test/services/loggers.ts';
import { startMosquittoTls } from '#test/services/start-mosquitto-tls.ts';
import { until } from '#test/services/until.ts';
import { makeIdentities } from './identities.ts';

const NAME = 'gateway-republique';

let identities: Awaited<ReturnType<typeof makeIdentities>>;
let clock: SimulatedClock;
let logger: ReturnType<typeof recordingLogger>;
let broker: EmbeddedBroker;
const buses: MessageBus[] = [];

const start = (port = 0) =>
  startEmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    credentials: new Map([['control', 'secret']]),
    clients: new Map([['control', { role: 'control' }]]),
    logger,
    tls: { host: '127.0.0.1', port, material: identities.material, clock },
  });

beforeEach(async () => {
  identities = await makeIdentities();
  clock = createSimulatedClock({ civil: instant(0) });
  logger = recordingLogger();
  broker = await start();
});
afterEach(async () => {
  await Promise.all(buses.splice(0).map((bus) => bus.disconnect()));
  await broker.close();
  await identities.remove();
});

const fileOf = (name: string) => join(identities.broker, `client-${name}`);
/** As `ca sign` leaves it: whole at once. */
const write = async (name: string, text: string) => {
  await writeFile(fileOf('new'), text);
  await rename(fileOf('new'), fileOf(name));
};
const filesOf = async (identity: { readonly cert: string; readonly key: string }) => {
  await write('root.pem', identities.ca);
  await write('certificate.pem', identity.cert);
  await write('key.pem', identity.key);
};
const openBus = async (port = broker.tlsPort) => {
  const access = await brokerAccess({
    AXONE_MQTT_URL: `mqtts://127.0.0.1:${port}`,
    AXONE_MQTT_CA_FILE: fileOf('root.pem'),
    AXONE_MQTT_CERT_FILE: fileOf('certificate.pem'),
    AXONE_MQTT_KEY_FILE: fileOf('key.pem'),
  });
  const bus = createMqttBus({ ...access, clientId: NAME, clock, logger });
  buses.push(bus);
  return bus;
};
const said = (event: string) => logger.lines.filter((line) => line.event === event);

test('a gateway that is connected is put out within a minute of its revocation, and does not come back', async () => {
  await filesOf(await identities.inForce(NAME));
  const bus = await openBus();
  await bus.connect();
  await identities.revoke(NAME);
  await clock.advance(60_000);
  await until('it was put out', () => bus.state() === 'disconnected');
  expect(said('broker-certificates-read')).toMatchObject([{ fields: { revoked: 1, putOut: 1 } }]);
  await until('it tried again', async () => {
    await clock.advance(60_000);
    return said('broker-refused-certificate').some(({ fields }) => fields['reason'] === 'CERT_REVOKED');
  });
  expect(bus.state()).toBe('disconnected');
});

test('a certificate that was replaced is shown at the next connection, without a restart of the gateway', async () => {
  await filesOf(await identities.inForce(NAME));
  const bus = await openBus();
  await bus.connect();
  await identities.revoke(NAME);
  await filesOf(await identities.inForce(NAME));
  await clock.advance(60_000);
  await until('the old one was put out', () => said('bus-disconnected').length === 1);
  await until('the new one is in', async () => {
    await clock.advance(1_000);
    return bus.state() === 'connected';
  });
});

test('a list that cannot be read leaves the former in force, and is said', async () => {
  await filesOf(await identities.inForce(NAME));
  const bus = await openBus();
  await bus.connect();
  await writeFile(join(identities.broker, 'revoked.pem'), 'torn');
  await clock.advance(60_000);
  await until('it is said', () => said('broker-certificates-unreadable').length === 1);
  expect(bus.state()).toBe('connected');
  await identities.revoke(NAME);
  await until('the next one is read', async () => {
    await clock.advance(60_000);
    return bus.state() === 'disconnected';
  });
});

test('a certificate file that is not there is said at the start, by its name', async () => {
  await filesOf(await identities.inForce(NAME));
  await rename(fileOf('key.pem'), fileOf('elsewhere.pem'));
  await expect(openBus()).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE', fields: { file: fileOf('key.pem') } });
});

test('a door that is taken is said with its option, and nothing is left open', async () => {
  const port = broker.tlsPort ?? 0;
  await expect(start(port)).rejects.toMatchObject({ code: 'PORT_IN_USE', fields: { port, option: 'broker.tls.port' } });
});

test('a configuration opens the door with the files that it names, relative to itself', async () => {
  const port = await freePort();
  const file = join(identities.broker, 'site.yaml');
  const files = 'caFile: root.pem, certificateFile: certificate.pem, keyFile: key.pem, revokedFile: revoked.pem';
  const tls = `{ host: 127.0.0.1, port: ${port}, ${files} }`;
  await writeFile(file, `field: real\ndata: data\nassets: assets.yaml\nbroker: { kind: embedded, tls: ${tls} }\n`);
  const { broker: choice } = await loadConfiguration(file);
  const opened = await openBroker({ choice, clients: [{ role: 'control' }], clock, logger });
  await filesOf(await identities.inForce(NAME));
  const gateway = await openBus(port);
  const control = await opened.busFor({ role: 'control' });
  buses.push(control);
  const heard = Promise.withResolvers<string>();
  await control.connect();
  await control.subscribe(filters.status, (topic) => heard.resolve(topic));
  await gateway.connect();
  await gateway.publish(topics.status(gatewayId(NAME)), '{}', { qos: 1 });
  expect(await heard.promise).toBe(topics.status(gatewayId(NAME)));
  await Promise.all(buses.splice(0).map((bus) => bus.disconnect()));
  await opened.close();
});

describe('one process with a broker elsewhere', () => {
  const configuration = async (broker: string) => {
    const file = join(identities.broker, 'site.yaml');
    await writeFile(file, `field: real\ndata: data\nassets: assets.yaml\nbroker: ${broker}\n`);
    return loadConfiguration(file);
  };
  const folderOf = async (name: string) => {
    const folder = join(identities.broker, 'clients', name);
    await mkdir(folder, { recursive: true });
    const { cert, key } = await identities.inForce(name);
    for (const [file, text] of Object.entries({ 'root.pem': identities.ca, 'certificate.pem': cert, 'key.pem': key }))
      await writeFile(join(folder, file), text);
  };

  test('shows the certificate of each of its clients, and each is its own to Mosquitto', async () => {
    const mosquitto = await startMosquittoTls(identities.broker);
    try {
      for (const name of ['control', NAME]) await folderOf(name);
      const url = `mqtts://127.0.0.1:${mosquitto.port}`;
      const { broker: choice } = await configuration(`{ kind: mqtt, url: '${url}', identityFolder: clients }`);
      const opened = await openBroker({ choice, clients: [], clock, logger });
      const control = await opened.busFor({ role: 'control' });
      const gateway = await opened.busFor({ role: 'gateway', gateway: gatewayId(NAME) });
      buses.push(control, gateway);
      const heard = Promise.withResolvers<string>();
      await control.subscribe(filters.status, (topic) => heard.resolve(topic));
      await control.connect();
      await gateway.connect();
      // under another's name it is not heard, under its own it is
      for (const name of ['gateway-tilleuls', NAME]) await gateway.publish(topics.status(gatewayId(name)), '{}', { qos: 1 });
      expect(await heard.promise).toBe(topics.status(gatewayId(NAME)));
      await expect(opened.busFor({ role: 'ingest' })).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
    } finally {
      await Promise.all(buses.splice(0).map((bus) => bus.disconnect()));
      await mosquitto.stop();
    }
  });

  test.each([
    ['neither passwords nor certificates', `{ kind: mqtt, url: 'mqtts://broker:8883' }`],
    ['both', `{ kind: mqtt, url: 'mqtts://broker:8883', passwordFolder: secrets, identityFolder: clients }`],
    ['certificates in clear', `{ kind: mqtt, url: 'mqtt://broker:1883', identityFolder: clients }`],
  ])('with %s is refused', async (_what, broker) => {
    await expect(configuration(broker)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
