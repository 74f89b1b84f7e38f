import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demandCertificate } from '#adapters/certificate-authority/demand-certificate.ts';
import { makeFileAuthority, openFileAuthority } from '#adapters/certificate-authority/files.ts';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import type { CertificateAuthority } from '#contract/ports/certificate-authority.ts';
import { instant } from '#domain/civil-time.ts';

const DAY_MS = 86_400_000;

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

const clientOf = async (authority: CertificateAuthority, name: string, kept: string | null = null): Promise<Identity> => {
  const { key, request } = await demandCertificate({ name, key: kept, claim: (await authority.claim(name)).token });
  return { key, cert: (await authority.sign(request)).pem };
};

/** Two authorities of the same name, one of them believed, and a broker's folder of identity. TLS looks at the world's clock. */
export const makeIdentities = async (hosts: readonly string[] = ['127.0.0.1', 'localhost']) => {
  const place = await mkdtemp(join(tmpdir(), 'axone-identities-'));
  const now = createSystemClock();
  const past = createSimulatedClock({ civil: instant(now.civilNow() - 100 * DAY_MS) });
  const folder = join(place, 'authority');
  const before = await makeFileAuthority({ folder, clock: past }, 'Axone authority');
  const authority = await openFileAuthority({ folder, clock: now });
  const monthsAgo = createSimulatedClock({ civil: instant(now.civilNow() - 65 * DAY_MS) });
  const earlier = await openFileAuthority({ folder, clock: monthsAgo });
  const foreign = await makeFileAuthority({ folder: join(place, 'foreign'), clock: now }, 'Axone authority');

  const { key, request } = await demandCertificate({ name: hosts[0] ?? '', key: null, claim: null });
  const server: Identity = { key, cert: (await authority.signServer(request, hosts)).pem };
  const broker = join(place, 'broker');
  await mkdir(broker);
  const writeList = async () => writeFile(join(broker, 'revoked.pem'), await authority.revocationList());
  await writeFile(join(broker, 'root.pem'), authority.rootCertificate());
  await writeFile(join(broker, 'certificate.pem'), server.cert);
  await writeFile(join(broker, 'key.pem'), server.key);
  await writeList();
  const readBroker = (name: string) => readFile(join(broker, name), 'utf8');

  return {
    authority,
    ca: authority.rootCertificate(),
    foreignCa: foreign.rootCertificate(),
    server,
    /** Where the broker finds its files. */
    broker,
    material: async () => ({
      ca: await readBroker('root.pem'),
      cert: await readBroker('certificate.pem'),
      key: await readBroker('key.pem'),
      crl: await readBroker('revoked.pem'),
    }),
    inForce: (name: string) => clientOf(authority, name),
    /** In force, with less than a third of its life left. */
    aged: (name: string) => clientOf(earlier, name),
    expired: (name: string) => clientOf(before, name),
    foreign: (name: string, key: string | null = null) => clientOf(foreign, name, key),
    /** Revokes, and gives the list to the broker. */
    async revoke(name: string) {
      await authority.revoke(name);
      await writeList();
    },
    remove: () => rm(place, { recursive: true, force: true }),
  };
};
