import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { demandCertificate } from '#adapters/certificate-authority/demand-certificate.ts';
import { makeFileAuthority, openFileAuthority } from '#adapters/certificate-authority/files.ts';
import { KEY_ALGORITHM, Pkcs10CertificateRequestGenerator, X509Crl } from '#adapters/certificate-authority/x509.ts';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import type { CertificateAuthority } from '#contract/ports/certificate-authority.ts';
import { formatInstant, parseInstant } from '#domain/civil-time.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NAME = 'gateway-republique';

let folder: string;
let clock: SimulatedClock;
let authority: CertificateAuthority;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'axone-authority-'));
  clock = createSimulatedClock({ civil: parseInstant('2026-11-24T16:00:00Z') });
  authority = await makeFileAuthority({ folder, clock }, 'Axone test');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ask = async (name: string, claim: string | null, key: string | null = null) => demandCertificate({ name, claim, key });
const enrolled = async (name = NAME) => {
  const demand = await ask(name, (await authority.claim(name)).token);
  return { ...demand, issued: await authority.sign(demand.request) };
};

test('a gateway with its claim gets 90 days under its own name, signed by the root, good for a client only', async () => {
  const { issued, key } = await enrolled();
  const certificate = new X509Certificate(issued.pem);
  const root = new X509Certificate(authority.rootCertificate());
  expect(certificate.subject).toBe(`CN=${NAME}`);
  expect(certificate.checkIssued(root) && certificate.verify(root.publicKey)).toBe(true);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(formatInstant(issued.expiresAt)).toBe('2027-02-22T16:00:00Z');
  expect(certificate.ca).toBe(false);
  expect(issued.pem).not.toContain(key);
});

test('the root key is readable by its owner only, and a claim is kept as a hash', async () => {
  expect((await stat(join(folder, 'root-key.pem'))).mode & 0o777).toBe(0o600);
  const { token } = await authority.claim(NAME);
  const names = await readdir(join(folder, 'claims'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, 'claims', name), 'utf8')));
  expect([...names, ...texts].join('\n')).not.toContain(token);
});

test('a claim serves once, even when two requests come together', async () => {
  const { token } = await authority.claim(NAME);
  const [one, other] = [await ask(NAME, token), await ask(NAME, token)];
  const answers = await Promise.allSettled([authority.sign(one.request), authority.sign(other.request)]);
  expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expect(authority.sign(one.request)).rejects.toMatchObject({ code: 'CLAIM_REFUSED' });
  expect(await authority.recorded()).toHaveLength(1);
});

test('a claim of yesterday, of another name or of nobody is refused, and its twin passes', async () => {
  const { token } = await authority.claim(NAME);
  const refused = { code: 'CLAIM_REFUSED' };
  await expect(authority.sign((await ask('gateway-tilleuls', token)).request)).rejects.toMatchObject(refused);
  await expect(authority.sign((await ask(NAME, 'invented')).request)).rejects.toMatchObject(refused);
  await expect(authority.sign((await ask(NAME, null)).request)).rejects.toMatchObject(refused);
  clock.stepCivil(parseInstant('2026-11-25T15:59:59Z'));
  await expect(authority.sign((await ask(NAME, token)).request)).resolves.toMatchObject({ name: NAME });
  const late = await authority.claim(NAME);
  await clock.advance(DAY_MS);
  await expect(authority.sign((await ask(NAME, late.token)).request)).rejects.toMatchObject(refused);
});

test('the key of a certificate in force renews it without a claim; another key, a revoked or an expired one does not', async () => {
  const { key } = await enrolled();
  await clock.advance(60 * DAY_MS);
  const again = await authority.sign((await ask(NAME, null, key)).request);
  expect(formatInstant(again.expiresAt)).toBe('2027-04-23T16:00:00Z');
  const refused = { code: 'CLAIM_REFUSED' };
  await expect(authority.sign((await ask(NAME, null)).request)).rejects.toMatchObject(refused);
  await expect(authority.sign((await ask('gateway-tilleuls', null, key)).request)).rejects.toMatchObject(refused);
  await clock.advance(90 * DAY_MS);
  await expect(authority.sign((await ask(NAME, null, key)).request)).rejects.toMatchObject(refused);

  const revoked = await enrolled();
  await authority.revoke(NAME);
  await expect(authority.sign((await ask(NAME, null, revoked.key)).request)).rejects.toMatchObject(refused);
});

test('a revocation takes every certificate of the name, is in the list, and says when there was none', async () => {
  const first = await enrolled();
  const second = await enrolled();
  const spared = await enrolled('gateway-tilleuls');
  expect(await authority.revoke(NAME)).toBe(2);
  const list = new X509Crl(await authority.revocationList());
  expect(list.entries.map(({ serialNumber }) => serialNumber).sort()).toEqual([first.issued.serial, second.issued.serial].sort());
  expect((await authority.recorded()).filter(({ revokedAt }) => revokedAt === null)).toEqual([
    { ...spared.issued, revokedAt: null },
  ]);
  await expect(authority.revoke(NAME)).rejects.toMatchObject({ code: 'CERTIFICATE_UNKNOWN' });
});

test('revocations that come together are all in the list', async () => {
  const names = ['gateway-a', 'gateway-b', 'gateway-c', 'gateway-d'];
  for (const name of names) await enrolled(name);
  const others = await openFileAuthority({ folder, clock });
  await Promise.all(names.map((name, index) => (index % 2 === 0 ? authority : others).revoke(name)));
  expect(new X509Crl(await authority.revocationList()).entries).toHaveLength(names.length);
});

test('a name that is not an identifier, a foreign key, a broken signature and noise are refused', async () => {
  const invalid = { code: 'CERTIFICATE_REQUEST_INVALID' };
  await expect(authority.claim('#')).rejects.toMatchObject(invalid);
  await expect(authority.sign((await ask('+', 'token')).request)).rejects.toMatchObject(invalid);
  await expect(authority.sign('noise')).rejects.toMatchObject(invalid);
  await expect(authority.sign('x'.repeat(10_000))).rejects.toMatchObject(invalid);

  const { token } = await authority.claim(NAME);
  const { request } = await ask(NAME, token);
  const [head, ...lines] = request.trimEnd().split('\n');
  const bytes = Buffer.from(lines.slice(0, -1).join(''), 'base64');
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 4) ^ 1, bytes.length - 4);
  const forged = `${head}\n${bytes.toString('base64')}\n${lines.at(-1)}\n`;
  await expect(authority.sign(forged)).rejects.toMatchObject(invalid);

  const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const keys = await crypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
  const foreign = await Pkcs10CertificateRequestGenerator.create({ name: [{ CN: [NAME] }], keys, signingAlgorithm: rsa });
  await expect(authority.sign(foreign.toString('pem'))).rejects.toMatchObject(invalid);

  const pair = await crypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const two = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [NAME] }, { CN: ['control'] }],
    keys: pair,
    signingAlgorithm: KEY_ALGORITHM,
  });
  await expect(authority.sign(two.toString('pem'))).rejects.toMatchObject(invalid);
  await expect(authority.sign(request)).resolves.toMatchObject({ name: NAME });
});

test('a server’s certificate holds its hosts and is good for a server only', async () => {
  const hosts = ['broker.example', '192.0.2.7'];
  const issued = await authority.signServer((await ask('broker.example', null)).request, hosts);
  const certificate = new X509Certificate(issued.pem);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect([certificate.checkHost('broker.example'), certificate.checkIP('192.0.2.7')]).toEqual(['broker.example', '192.0.2.7']);
  expect(certificate.checkHost('other.example')).toBeUndefined();
  const server = await ask('broker', null);
  await authority.signServer(server.request, ['broker']);
  await expect(authority.sign((await ask('broker', null, server.key)).request)).rejects.toMatchObject({ code: 'CLAIM_REFUSED' });
  await expect(authority.signServer((await ask('other.example', null)).request, hosts)).rejects.toMatchObject({
    code: 'CERTIFICATE_REQUEST_INVALID',
  });
});

test('an authority is never made over another, and a folder without one is said', async () => {
  await expect(makeFileAuthority({ folder, clock }, 'Second')).rejects.toMatchObject({ code: 'AUTHORITY_EXISTS' });
  await expect(openFileAuthority({ folder: join(folder, 'nowhere'), clock })).rejects.toMatchObject({
    code: 'AUTHORITY_MISSING',
  });
});
