import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { demandCertificate } from '#adapters/certificate-authority/demand-certificate.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createHttpServer, type HttpServer } from '#adapters/http/fastify/create-http-server.ts';
import { createFetchApiClient } from '#adapters/http/fetch-api-client.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import type { CertificateAuthority } from '#contract/ports/certificate-authority.ts';
import type { AuditEntry } from '#contract/ports/registry.ts';
import { enrolGateway } from '#contract/routes/identity.ts';
import { filters, topics } from '#contract/topics.ts';
import { enrolmentRoutes } from '#control/identity/enrolment-routes.ts';
import { gatewayId, siteId } from '#domain/identifiers.ts';
import { type Identity, makeIdentities } from '#test/adapters/broker/identities.ts';
import { recordingLogger } from '#test/services/loggers.ts';
import { startMosquittoTls } from '#test/services/start-mosquitto-tls.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const NAME = 'gateway-republique';
const NEIGHBOUR = 'gateway-tilleuls';
const clock = createSystemClock();

let identities: Awaited<ReturnType<typeof makeIdentities>>;
let server: HttpServer;
let url: string;
let cabinet: string;
let journal: AuditEntry[];
let logger: ReturnType<typeof recordingLogger>;

const serve = async (authority: CertificateAuthority | null): Promise<void> => {
  const gateways = [NAME, NEIGHBOUR].map((name) => ({ id: gatewayId(name), site: siteId('site-republique') }));
  const audit = {
    record: (entry: AuditEntry) => Promise.resolve(void journal.push(entry)),
    entriesOf: () => Promise.resolve([]),
    platformEntries: () => Promise.resolve([]),
  };
  server = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    routes: enrolmentRoutes({ authority, assets: { gateways: () => Promise.resolve(gateways) }, audit, clock, logger }),
    authenticate: () => Promise.resolve(null),
    resolvePoint: () => Promise.resolve(null),
    clock,
    logger,
    version: '0.0.0',
  });
  ({ url } = await server.listen());
};

beforeEach(async () => {
  identities = await makeIdentities();
  cabinet = await mkdtemp(join(tmpdir(), 'axone-cabinet-'));
  journal = [];
  logger = recordingLogger();
  await serve(identities.authority);
});
afterEach(async () => {
  await server.close();
  await identities.remove();
  await rm(cabinet, { recursive: true, force: true });
});

const claimOf = async (name: string) => (await identities.authority.claim(name)).token;
const requestOf = async (name: string, claim: string | null) => (await demandCertificate({ name, key: null, claim })).request;
const post = (name: string, request: string) =>
  createFetchApiClient({ baseUrl: url }).call(enrolGateway, null, { params: { gateway: gatewayId(name) }, body: { request } });

/** `npm run axone -- ca enrol` as the installer types it, the claim on its standard input. */
const enrol = async (claim: string, address = url): Promise<{ readonly code: number | null; readonly said: string }> => {
  const parameters = ['cli/main.ts', 'ca', 'enrol', NAME, '--at', address, '--out', cabinet];
  const child = spawn(process.execPath, parameters, { cwd: ROOT });
  child.stdin.end(`${claim}\n`);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [out, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, said: out + complaints };
};
const kept = (file: string) => readFile(join(cabinet, file), 'utf8');

describe('a gateway that has nothing but its claim', () => {
  test('gets its certificate over HTTP and enters a Mosquitto that knows certificates only', async () => {
    expect(await enrol(await claimOf(NAME))).toMatchObject({ code: 0, said: expect.stringContaining('The key stays in') });
    expect((await readdir(cabinet)).sort()).toEqual(['certificate.pem', 'key.pem', 'root.pem']);
    expect((await stat(join(cabinet, 'key.pem'))).mode & 0o777).toBe(0o600);
    expect(await kept('root.pem')).toBe(identities.ca);
    expect(journal).toMatchObject([{ by: NAME, action: 'certificate-given', object: NAME, site: 'site-republique' }]);

    const mosquitto = await startMosquittoTls(identities.broker);
    const open = (ca: string, identity: Identity) =>
      createMqttBus({
        url: `mqtts://127.0.0.1:${mosquitto.port}`,
        clientId: 'any',
        tls: () => Promise.resolve({ ca, identity }),
        clock,
        logger,
      });
    const control = open(identities.ca, await identities.inForce('control'));
    const gateway = open(await kept('root.pem'), { cert: await kept('certificate.pem'), key: await kept('key.pem') });
    try {
      const heard = Promise.withResolvers<string>();
      await control.subscribe(filters.status, (topic) => heard.resolve(topic));
      await control.connect();
      await gateway.connect();
      // under another's name it is not heard, under its own it is
      for (const name of [NEIGHBOUR, NAME]) await gateway.publish(topics.status(gatewayId(name)), '{}', { qos: 1 });
      expect(await heard.promise).toBe(topics.status(gatewayId(NAME)));
    } finally {
      await Promise.all([gateway.disconnect(), control.disconnect()]);
      await mosquitto.stop();
    }
  });

  test('whose answer was lost asks again with the key that it kept', async () => {
    const claim = await claimOf(NAME);
    const behind = createServer((request, response) => {
      void (async () => {
        const answer = await fetch(url + (request.url ?? ''), {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: await text(request),
        });
        await answer.text();
        response.destroy();
      })();
    });
    const port = await new Promise<number>((resolve) =>
      behind.listen(0, '127.0.0.1', () => resolve((behind.address() as { port: number }).port)),
    );
    try {
      expect((await enrol(claim, `http://127.0.0.1:${port}`)).said).toContain('SERVICE_UNREACHABLE');
    } finally {
      behind.close();
    }
    const key = await kept('key.pem');
    expect(await enrol(claim)).toMatchObject({ code: 0 });
    expect(await kept('key.pem')).toBe(key);
    expect(new X509Certificate(await kept('certificate.pem')).subject).toBe(`CN=${NAME}`);
  });

  test('is told what to do when its claim is refused, and its key waits for the next one', async () => {
    expect(await enrol('not a claim')).toMatchObject({ said: expect.stringContaining('CLAIM_REFUSED') });
    expect(await readdir(cabinet)).toEqual(['key.pem']);
    expect(await enrol(await claimOf(NAME))).toMatchObject({ code: 0 });
  });
});

describe('a forged enrolment is refused, and its permitted twin succeeds', () => {
  test('the claim of another gateway, under one’s own name', async () => {
    const claim = await claimOf(NEIGHBOUR);
    expect(await post(NAME, await requestOf(NAME, claim))).toMatchObject({ ok: false, error: { code: 'CLAIM_REFUSED' } });
    expect(await post(NEIGHBOUR, await requestOf(NEIGHBOUR, claim))).toMatchObject({ ok: true });
  });

  test('a request of one name at the address of another: the claim is not spent', async () => {
    const request = await requestOf(NEIGHBOUR, await claimOf(NEIGHBOUR));
    expect(await post(NAME, request)).toMatchObject({ ok: false, error: { code: 'CERTIFICATE_REQUEST_INVALID' } });
    expect(await post(NEIGHBOUR, request)).toMatchObject({ ok: true });
  });

  test('a claim that was used, and none at all', async () => {
    const request = await requestOf(NAME, await claimOf(NAME));
    expect(await post(NAME, request)).toMatchObject({ ok: true });
    for (const forged of [request, await requestOf(NAME, null)])
      expect(await post(NAME, forged)).toMatchObject({ ok: false, error: { code: 'CLAIM_REFUSED' } });
  });

  test('a claim for the name of a service, which is no gateway of the registry', async () => {
    const request = await requestOf('control', await claimOf('control'));
    expect(await post('control', request)).toMatchObject({ ok: false, error: { code: 'CLAIM_REFUSED' } });
  });

  test('what is no request', async () => {
    expect(await post(NAME, 'torn')).toMatchObject({ ok: false, error: { code: 'CERTIFICATE_REQUEST_INVALID' } });
    expect(journal).toEqual([]);
    expect(logger.lines.map(({ event }) => event)).toContain('certificate-not-given');
  });

  test('more than ten attempts a minute from one address', async () => {
    const attempts = [];
    for (let count = 0; count < 12; count += 1) attempts.push(await post(NAME, 'torn'));
    expect(attempts.map(({ status }) => status)).toEqual([...Array<number>(10).fill(400), 429, 429]);
  });
});

test('a platform without an authority says so, and where to go', async () => {
  await server.close();
  await serve(null);
  expect(await post(NAME, await requestOf(NAME, await claimOf(NAME)))).toMatchObject({
    ok: false,
    status: 501,
    error: { code: 'AUTHORITY_ABSENT', next: expect.stringContaining('ca sign') },
  });
  expect(logger.lines.map(({ event }) => event)).not.toContain('request-failed');
});
