import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startEmbeddedBroker } from '#adapters/broker/embedded-aedes.ts';
import { mosquittoAclByCertificate } from '#adapters/broker/mosquitto-acl.ts';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { reasonOf } from '#contract/errors.ts';
import { instant } from '#domain/civil-time.ts';
import { recordingLogger } from '#test/services/loggers.ts';
import { startMosquittoTls } from '#test/services/start-mosquitto-tls.ts';
import { until } from '#test/services/until.ts';
import { type Identity, makeIdentities } from './identities.ts';

type Identities = Awaited<ReturnType<typeof makeIdentities>>;

const startEmbedded = async ({ material }: Identities) => {
  const clock = createSimulatedClock({ civil: instant(0) });
  const logger = recordingLogger();
  const broker = await startEmbeddedBroker({
    host: '127.0.0.1',
    port: 0,
    credentials: new Map(),
    clients: new Map(),
    logger,
    tls: { host: '127.0.0.1', port: 0, material, clock },
  });
  return {
    port: broker.tlsPort ?? 0,
    output: () => logger.lines.map(({ event, fields }) => `${event} ${JSON.stringify(fields)}`).join('\n'),
    reload: () => clock.advance(60_000),
    stop: broker.close,
  };
};

test('the access list of Mosquitto by certificate is the contract’s', () => {
  const file = join(import.meta.dirname, '../../../deploy/mosquitto/acl-by-certificate');
  expect(readFileSync(file, 'utf8')).toBe(mosquittoAclByCertificate());
});

describe.each([
  ['the embedded broker', startEmbedded],
  ['a real Mosquitto with the files of deploy', (identities: Identities) => startMosquittoTls(identities.broker)],
] as const)('%s over mutual TLS', (_name, start) => {
  let identities: Identities;
  let broker: { readonly port: number; output(): string; reload(): Promise<void>; stop(): Promise<void> };
  const clients: MqttClient[] = [];

  beforeAll(async () => {
    identities = await makeIdentities();
    broker = await start(identities);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
  });
  afterAll(async () => {
    await broker.stop();
    await identities.remove();
  });

  const connect = async (identity: Partial<Identity>, options: IClientOptions = {}) => {
    const url = `mqtts://127.0.0.1:${broker.port}`;
    const client = await connectAsync(url, { ca: identities.ca, ...identity, reconnectPeriod: 0, ...options }, false);
    client.on('error', () => undefined);
    clients.push(client);
    const heard: string[] = [];
    client.on('message', (_topic, payload) => heard.push(payload.toString()));
    return { client, heard };
  };

  /** Why a connection failed, as the client and the broker say it; null when it was made. */
  const refusal = async (identity: Partial<Identity>, options: IClientOptions = {}): Promise<string | null> => {
    const said = broker.output().length;
    return connect(identity, options).then(
      () => null,
      (thrown: unknown) => `${reasonOf(thrown)}\n${broker.output().slice(said)}`,
    );
  };

  test.each([
    ['without a certificate', async () => ({}), /certificate required|UNABLE_TO_GET_ISSUER_CERT/],
    ['expired', () => identities.expired('gateway-republique'), /certificate expired|CERT_HAS_EXPIRED/],
    [
      'of another authority of the same name',
      () => identities.foreign('gateway-republique'),
      /unknown ca|UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY/,
    ],
    ['of the broker itself', async () => identities.server, /unsupported certificate|INVALID_PURPOSE/],
  ] as const)('a certificate %s is refused, and one in force passes', async (_what, make, reason) => {
    expect(await refusal(await make())).toMatch(reason);
    expect(await refusal(await identities.inForce('gateway-republique'))).toBeNull();
  });

  test('a password opens nothing', async () => {
    expect(await refusal({}, { username: 'control', password: 'secret-of-control' })).not.toBeNull();
    expect(await refusal(await identities.inForce('control'))).toBeNull();
  });

  test('the name of the certificate decides, whatever the client says that it is', async () => {
    const listening = await connect(await identities.inForce('ingest'));
    await listening.client.subscribeAsync('axone/v1/+/telemetry', { qos: 1 });
    const twin = await connect(await identities.inForce('gateway-republique'));
    const forger = await connect(await identities.inForce('gateway-tilleuls'), {
      username: 'gateway-republique',
      password: 'any',
      clientId: 'gateway-republique',
    });
    await forger.client.publishAsync('axone/v1/gateway-republique/telemetry', 'forged', { qos: 1 });
    await forger.client.publishAsync('axone/v1/gateway-tilleuls/telemetry', 'own', { qos: 1 });
    await twin.client.publishAsync('axone/v1/gateway-republique/telemetry', 'permitted', { qos: 1 });
    await until('both of those that may be heard are', () => listening.heard.length >= 2);
    expect([...listening.heard].sort()).toEqual(['own', 'permitted']);
  });

  test('a gateway does not put out another by taking its client id', async () => {
    const victim = await connect(await identities.inForce('gateway-republique'), { clientId: 'same' });
    await victim.client.subscribeAsync('axone/v1/gateway-republique/ack', { qos: 1 });
    await connect(await identities.inForce('gateway-tilleuls'), { clientId: 'same' });
    const ingest = await connect(await identities.inForce('ingest'));
    await ingest.client.publishAsync('axone/v1/gateway-republique/ack', 'still here', { qos: 1 });
    await until('the first is still served', () => victim.heard.includes('still here'));
    expect(victim.client.connected).toBe(true);
  });

  test('a revoked certificate no longer enters once the list is read, and the others still do', async () => {
    const [revoked, spared] = [await identities.inForce('gateway-lost'), await identities.inForce('gateway-kept')];
    expect(await refusal(revoked)).toBeNull();
    await identities.revoke('gateway-lost');
    await broker.reload();
    let reason: string | null = null;
    await until('the list is in force', async () => {
      reason = await refusal(revoked);
      return reason !== null;
    });
    expect(reason).toMatch(/certificate revoked|CERT_REVOKED/);
    expect(await refusal(spared)).toBeNull();
    expect(await refusal(await identities.inForce('gateway-lost'))).toBeNull();
  });

  test('a client refuses a broker of another authority', async () => {
    const mine = await identities.inForce('gateway-republique');
    expect(await refusal(mine, { ca: identities.foreignCa })).toMatch(/signature|self-signed|unable to/);
    expect(await refusal(mine)).toBeNull();
  });

  test('a client refuses a broker whose certificate has another name', async () => {
    const mine = await identities.inForce('gateway-republique');
    expect(await refusal(mine, { servername: 'other.example' })).toMatch(/altnames/);
    expect(await refusal(mine, { servername: 'localhost' })).toBeNull();
  });
});
