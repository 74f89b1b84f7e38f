import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fault } from '#contract/errors.ts';
import type { ApiClient } from '#contract/ports/api-client.ts';
import type { CertificateAuthority, DemandCertificate, RecordedCertificate } from '#contract/ports/certificate-authority.ts';
import { formatInstant, type Instant } from '#domain/civil-time.ts';
import type { CaOptions } from './ca-options.ts';
import { enrol } from './enrol.ts';
import { CERTIFICATE_FILE, KEY_FILE, ROOT_FILE, readText, writeIn, writeNewKey } from './identity-folder.ts';

export interface CaMeans {
  readonly makeAuthority: (folder: string, name: string) => Promise<CertificateAuthority>;
  readonly openAuthority: (folder: string) => Promise<CertificateAuthority>;
  readonly demand: DemandCertificate;
  /** The claim that the installer was told: asked, or read from standard input. */
  readonly askClaim: () => Promise<string>;
  readonly now: () => Instant;
  /** A platform over HTTP. */
  readonly platform: (address: string) => ApiClient;
}

const REQUEST_FILE = 'request.pem';

/** Before a claim is spent or a certificate given for a key that could not be kept. */
const refuseKeptKey = (folder: string): void => {
  const file = join(folder, KEY_FILE);
  if (existsSync(file))
    throw fault('OPTION_INVALID', {
      option: '--out',
      problem: `there is already a key ${file}`,
      expected: 'Add --renew to ask again with it, or choose another folder',
    });
};

const request = async ({ name, out, renew }: CaOptions & { action: 'request' }, means: CaMeans): Promise<string> => {
  if (renew) {
    const kept = await readText(join(out, KEY_FILE));
    const file = await writeIn(out, REQUEST_FILE, (await means.demand({ name, key: kept, claim: null })).request);
    return `${file} asks again with the same key. Have it signed before the certificate ends: ca sign ${REQUEST_FILE}`;
  }
  refuseKeptKey(out);
  const demanded = await means.demand({ name, key: null, claim: (await means.askClaim()).trim() });
  await writeNewKey(out, demanded.key);
  const file = await writeIn(out, REQUEST_FILE, demanded.request, 0o600);
  return `The key stays in ${join(out, KEY_FILE)}. Have ${file} signed, and by nobody else: it holds the claim.`;
};

const sign = async ({ folder, file, out }: CaOptions & { action: 'sign' }, means: CaMeans): Promise<string> => {
  const authority = await means.openAuthority(folder);
  const issued = await authority.sign(await readText(file));
  const target = out ?? join(dirname(file), CERTIFICATE_FILE);
  await writeFile(target, issued.pem);
  return `${target}: ${issued.name} until ${formatInstant(issued.expiresAt)}. Bring it to ${issued.name} with ${join(folder, ROOT_FILE)}.`;
};

const server = async ({ folder, out, hosts }: CaOptions & { action: 'server' }, means: CaMeans): Promise<string> => {
  const authority = await means.openAuthority(folder);
  refuseKeptKey(out);
  const [name = ''] = hosts;
  const demanded = await means.demand({ name, key: null, claim: null });
  const issued = await authority.signServer(demanded.request, hosts);
  await writeNewKey(out, demanded.key);
  await writeIn(out, CERTIFICATE_FILE, issued.pem);
  await writeIn(out, ROOT_FILE, authority.rootCertificate());
  await writeIn(out, 'revoked.pem', await authority.revocationList());
  return `${out} holds what the broker ${hosts.join(', ')} needs, until ${formatInstant(issued.expiresAt)}.`;
};

const stateOf = ({ revokedAt, expiresAt }: RecordedCertificate, now: Instant): string => {
  if (revokedAt !== null) return `revoked ${formatInstant(revokedAt)}`;
  return `${expiresAt > now ? 'until' : 'expired'} ${formatInstant(expiresAt)}`;
};

/** All but `answer`, which lasts. */
export type OnceOptions = Exclude<CaOptions, { readonly action: 'answer' }>;

/** Carries out `npm run axone -- ca …` and answers what is said. Rejects with the fault that a person must correct. */
export const runCaCommand = async (options: OnceOptions, means: CaMeans): Promise<string> => {
  switch (options.action) {
    case 'init':
      await means.makeAuthority(options.folder, options.name);
      return `The authority is in ${options.folder}. Whoever reads root-key.pem can make any gateway: keep it off the servers, with a copy in a safe.`;
    case 'claim': {
      const { name, token, expiresAt } = await (await means.openAuthority(options.folder)).claim(options.name);
      return `${token}\nThe claim of ${name}, once, until ${formatInstant(expiresAt)}. It is not kept: tell it to the installer only.`;
    }
    case 'enrol':
      return enrol(options, means);
    case 'request':
      return request(options, means);
    case 'sign':
      return sign(options, means);
    case 'server':
      return server(options, means);
    case 'revoke': {
      const taken = await (await means.openAuthority(options.folder)).revoke(options.name);
      return `${taken} revoked. Give ${join(options.folder, 'revoked.pem')} to the broker: until then it still lets ${options.name} in.`;
    }
    case 'list': {
      const now = means.now();
      const recorded = await (await means.openAuthority(options.folder)).recorded();
      return recorded.map((each) => `${each.name}  ${stateOf(each, now)}  ${each.serial}`).join('\n') || 'Nothing was given yet.';
    }
  }
};
