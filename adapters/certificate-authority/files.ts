import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault, reasonOf } from '#contract/errors.ts';
import type { CertificateAuthority, IssuedCertificate, RecordedCertificate } from '#contract/ports/certificate-authority.ts';
import type { Clock } from '#contract/ports/clock.ts';
import { formatInstant, parseInstant } from '#domain/civil-time.ts';
import { makeCertificate, makeRevocationList, makeRootCertificate, pemOf, type Root, readCertificate } from './certificates.ts';
import { createClaims } from './claims.ts';
import { makeKeys, readKeys } from './keys.ts';
import { type CertificateRequest, identifierName, readRequest } from './read-request.ts';
import { replaceFile } from './whole-file.ts';
import { X509Certificate } from './x509.ts';

const ROOT_FILE = 'root.pem';
const ROOT_KEY_FILE = 'root-key.pem';
const LIST_FILE = 'revoked.pem';
const ISSUED = 'issued';
const REVOKED = 'revoked';
const CLAIMS = 'claims';

interface AuthorityOptions {
  readonly folder: string;
  readonly clock: Clock;
}

/** Makes an authority in a folder, its key readable by its owner only. Rejects with `AUTHORITY_EXISTS`. */
export const makeFileAuthority = async ({ folder, clock }: AuthorityOptions, name: string): Promise<CertificateAuthority> => {
  if (existsSync(join(folder, ROOT_KEY_FILE))) throw fault('AUTHORITY_EXISTS', { folder });
  const now = clock.civilNow();
  const keys = await makeKeys();
  const root: Root = { keys, certificate: await makeRootCertificate(keys, name, now) };
  for (const part of [ISSUED, REVOKED, CLAIMS]) {
    await mkdir(join(folder, part), { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
      throw fault('DATA_FOLDER_UNWRITABLE', { folder, reason: reasonOf(thrown) }, thrown);
    });
  }
  await writeFile(join(folder, ROOT_FILE), pemOf(root.certificate), { mode: 0o644 });
  await writeFile(join(folder, LIST_FILE), await makeRevocationList(root, [], now), { mode: 0o644 });
  await writeFile(join(folder, ROOT_KEY_FILE), keys.pem, { flag: 'wx', mode: 0o600 });
  return openFileAuthority({ folder, clock });
};

const readRoot = async (folder: string): Promise<Root> => {
  try {
    const keys = await readKeys(await readFile(join(folder, ROOT_KEY_FILE), 'utf8'));
    return { keys, certificate: new X509Certificate(await readFile(join(folder, ROOT_FILE), 'utf8')) };
  } catch (thrown) {
    throw fault('AUTHORITY_MISSING', { folder, reason: reasonOf(thrown) }, thrown);
  }
};

const namesIn = async (folder: string, ending: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));

/**
 * The authority of those who have none, on files: each certificate, revocation and claim is one file, so that two
 * commands at once do not undo each other. Rejects with `AUTHORITY_MISSING`.
 */
export const openFileAuthority = async ({ folder, clock }: AuthorityOptions): Promise<CertificateAuthority> => {
  const root = await readRoot(folder);
  const claims = createClaims(join(folder, CLAIMS));
  const listFile = join(folder, LIST_FILE);

  const revocations = async () =>
    Promise.all(
      (await namesIn(join(folder, REVOKED), '.txt')).map(async (serial) => ({
        serial,
        at: parseInstant(await readFile(join(folder, REVOKED, `${serial}.txt`), 'utf8')),
      })),
    );

  const certificates = async () => {
    const revokedAt = new Map((await revocations()).map(({ serial, at }) => [serial, at]));
    const serials = await namesIn(join(folder, ISSUED), '.pem');
    return Promise.all(
      serials.map(async (serial) => ({
        ...readCertificate(await readFile(join(folder, ISSUED, `${serial}.pem`), 'utf8')),
        revokedAt: revokedAt.get(serial) ?? null,
      })),
    );
  };

  const inForce = async (name: string) => {
    const now = clock.civilNow();
    return (await certificates()).filter((each) => each.name === name && each.revokedAt === null && each.expiresAt > now);
  };

  const issue = async (request: CertificateRequest, hosts?: readonly string[]): Promise<IssuedCertificate> => {
    const pem = pemOf(await makeCertificate(root, request, clock.civilNow(), hosts));
    const { publicKey: _publicKey, isForClient: _isForClient, ...issued } = readCertificate(pem);
    await replaceFile(join(folder, ISSUED, `${issued.serial}.pem`), pem, 0o644);
    return issued;
  };

  /** Again when another command has revoked meanwhile. */
  const writeList = async (): Promise<void> => {
    const revoked = await revocations();
    await replaceFile(listFile, await makeRevocationList(root, revoked, clock.civilNow()), 0o644);
    if ((await revocations()).length !== revoked.length) await writeList();
  };

  const isOfKeyInForce = async ({ name, publicKey }: CertificateRequest): Promise<boolean> =>
    (await inForce(name)).some((each) => each.isForClient && Buffer.from(each.publicKey).equals(publicKey));

  return {
    rootCertificate: () => pemOf(root.certificate),
    async claim(name) {
      return claims.make(identifierName(name), clock.civilNow());
    },
    async sign(pem, awaitedName) {
      const request = await readRequest(pem);
      const name = identifierName(request.name);
      if (awaitedName !== undefined && name !== awaitedName)
        throw fault('CERTIFICATE_REQUEST_INVALID', { name: awaitedName, problem: `its common name is ${name}` });
      if (request.claim !== null) await claims.spend(request.claim, name, clock.civilNow());
      else if (!(await isOfKeyInForce(request))) throw fault('CLAIM_REFUSED', { name });
      return issue(request);
    },
    async signServer(pem, hosts) {
      const request = await readRequest(pem);
      if (hosts[0] !== request.name)
        throw fault('CERTIFICATE_REQUEST_INVALID', { name: request.name, problem: 'its name is not the first host' });
      return issue(request, hosts);
    },
    async revoke(name) {
      const taken = await inForce(name);
      if (taken.length === 0) throw fault('CERTIFICATE_UNKNOWN', { name });
      const at = formatInstant(clock.civilNow());
      for (const { serial } of taken) await replaceFile(join(folder, REVOKED, `${serial}.txt`), at, 0o644);
      await writeList();
      return taken.length;
    },
    revocationList: () => readFile(listFile, 'utf8'),
    async recorded() {
      const all: RecordedCertificate[] = (await certificates()).map(
        ({ publicKey: _publicKey, isForClient: _isForClient, ...recorded }) => recorded,
      );
      return all.sort((one, other) => one.expiresAt - other.expiresAt);
    },
  };
};
