import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { demandCertificate } from '#adapters/certificate-authority/demand-certificate.ts';
import { createFileIdentity } from '#adapters/certificate-authority/file-identity.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { brokerAccess } from '#adapters/message-bus/broker-access.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { topics } from '#contract/topics.ts';
import { gatewayId } from '#domain/identifiers.ts';
import { createRenewal, type Renewal } from '#gateway/index.ts';
import { type Identity, makeIdentities } from '#test/adapters/broker/identities.ts';
import { recordingLogger } from '#test/services/loggers.ts';
import { startMosquittoTls } from '#test/services/start-mosquitto-tls.ts';
import { until } from '#test/services/until.ts';
import { answerRequests } from '../../../cli/answer-requests.ts';

const NAME = gatewayId('gateway-republique');
const DAY_MS = 86_400_000;
const clock = createSystemClock();

let identities: Awaited<ReturnType<typeof makeIdentities>>;
let broker: Awaited<ReturnType<typeof startMosquittoTls>>;
let logger: ReturnType<typeof recordingLogger>;
const buses: MessageBus[] = [];
const renewals: Renewal[] = [];

beforeEach(async () => {
  identities = await makeIdentities();
  broker = await startMosquittoTls(identities.broker);
  logger = recordingLogger();
});
afterEach(async () => {
  for (const renewal of renewals.splice(0)) renewal.stop();
  await Promise.all(buses.splice(0).map((bus) => bus.disconnect()));
  await broker.stop();
  await identities.remove();
});

const fileOf = (name: string, what: string) => join(identities.broker, `${name}-${what}.pem`);

const busOf = async (name: string, { cert, key }: Identity): Promise<MessageBus> => {
  await writeFile(fileOf(name, 'certificate'), cert);
  await writeFile(fileOf(name, 'key'), key);
  const access = await brokerAccess({
    AXONE_MQTT_URL: `mqtts://127.0.0.1:${broker.port}`,
    AXONE_MQTT_CA_FILE: join(identities.broker, 'root.pem'),
    AXONE_MQTT_CERT_FILE: fileOf(name, 'certificate'),
    AXONE_MQTT_KEY_FILE: fileOf(name, 'key'),
  });
  const bus = createMqttBus({ ...access, clientId: name, clock, logger });
  buses.push(bus);
  return bus;
};

const identityFiles = () => ({
  certificateFile: fileOf(NAME, 'certificate'),
  keyFile: fileOf(NAME, 'key'),
  caFile: join(identities.broker, 'root.pem'),
});

const startGateway = async (identity: Identity) => {
  const bus = await busOf(NAME, identity);
  const renewal = createRenewal({ gateway: NAME, identity: createFileIdentity(identityFiles()), bus, clock, logger });
  renewals.push(renewal);
  await renewal.start();
  await bus.connect();
  return bus;
};

const startAuthority = async () => {
  const bus = await busOf('authority', await identities.inForce('authority'));
  await answerRequests({ bus, authority: identities.authority, logger });
  return bus;
};

const said = (event: string) => logger.lines.filter((line) => line.event === event);

test('a gateway asks when a third of its certificate is left, an authority that comes later answers, and it goes on with the new one', async () => {
  const aged = await identities.aged(NAME);
  const bus = await startGateway(aged);
  await until('it asked', () => said('certificate-asked').length === 1);
  const authority = await startAuthority();
  await until('it has it', () => said('certificate-renewed').length === 1);
  const { expiresAt } = await createFileIdentity(identityFiles()).current();
  expect(expiresAt - clock.civilNow()).toBeGreaterThan(89 * DAY_MS);
  expect(await readFile(fileOf(NAME, 'key'), 'utf8')).toBe(aged.key);

  await bus.disconnect();
  await bus.connect();
  expect(bus.state()).toBe('connected');
  await authority.disconnect();
  await authority.connect();
  await authority.publish(topics.certificate(NAME), JSON.stringify({ certificate: aged.cert }), { qos: 1 });
  await bus.publish(topics.certificateRequest(NAME), 'noise', { qos: 1 });
  await until('the noise is refused, and what was answered did not wait', () => said('certificate-not-given').length === 1);
  expect(said('certificate-given')).toHaveLength(1);
  expect((await createFileIdentity(identityFiles()).current()).expiresAt).toBe(expiresAt);
});

test('a young certificate is not asked for', async () => {
  const bus = await startGateway(await identities.inForce(NAME));
  const authority = await startAuthority();
  await bus.publish(topics.certificateRequest(NAME), 'fence', { qos: 1 });
  await until('what is sent after is heard', () => said('certificate-not-given').length === 1);
  expect(said('certificate-asked')).toEqual([]);
  expect(authority.state()).toBe('connected');
});

test('one gateway does not get a certificate in the name of another', async () => {
  await identities.inForce(NAME);
  const forger = await busOf('gateway-tilleuls', await identities.inForce('gateway-tilleuls'));
  await startAuthority();
  await forger.connect();
  const { request } = await demandCertificate({ name: NAME, key: null, claim: null });
  await forger.publish(topics.certificateRequest(gatewayId('gateway-tilleuls')), JSON.stringify({ request }), { qos: 1 });
  await until('it is refused', () => said('certificate-not-given').length === 1);
  expect(said('certificate-not-given')[0]?.fields['reason']).toMatch(/CLAIM_REFUSED/);
  expect(said('certificate-given')).toEqual([]);
});

test.each([
  ['of another key', () => identities.inForce(NAME), /another key/],
  ['of another name', () => identities.inForce('gateway-tilleuls'), /another name/],
  ['of another authority', (key: string) => identities.foreign(NAME, key), /another authority/],
] as const)('a certificate %s that comes is not taken', async (_what, make, reason) => {
  const aged = await identities.aged(NAME);
  await startGateway(aged);
  const authority = await busOf('authority', await identities.inForce('authority'));
  await authority.connect();
  const certificate = (await make(aged.key)).cert;
  await authority.publish(topics.certificate(NAME), JSON.stringify({ certificate }), { qos: 1 });
  await until('it is refused', () => said('certificate-not-taken').length === 1);
  expect(said('certificate-not-taken')[0]?.fields['reason']).toMatch(reason);
  expect(await readFile(fileOf(NAME, 'certificate'), 'utf8')).toBe(aged.cert);
});
