import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '#contract/errors.ts';
import type { ApiClient } from '#contract/ports/api-client.ts';
import type { DemandCertificate } from '#contract/ports/certificate-authority.ts';
import { enrolGateway } from '#contract/routes/identity.ts';
import { gatewayId, isIdentifier } from '#domain/identifiers.ts';
import type { CaOptions } from './ca-options.ts';
import { CERTIFICATE_FILE, KEY_FILE, ROOT_FILE, readText, writeIn, writeNewKey } from './identity-folder.ts';

export interface EnrolMeans {
  readonly demand: DemandCertificate;
  readonly askClaim: () => Promise<string>;
  readonly platform: (address: string) => ApiClient;
}

type EnrolOptions = CaOptions & { readonly action: 'enrol' };

const checkFree = ({ name, out }: EnrolOptions): void => {
  const refuse = (option: string, problem: string, expected: string) => fault('OPTION_INVALID', { option, problem, expected });
  if (!isIdentifier(name)) throw refuse('NAME', `${name} is not an identifier`, 'Write ca enrol gateway-mairie');
  const file = join(out, CERTIFICATE_FILE);
  if (existsSync(file))
    throw refuse('--out', `there is already a certificate ${file}`, 'Choose another folder, or renew: ca request NAME --renew');
};

const refused = (error: { readonly code: string; readonly what: string; readonly next: string }) =>
  fault('ENROLMENT_REFUSED', { code: error.code, reason: error.what.replace(/\.$/, ''), next: error.next });

/**
 * On the gateway: its key is made and stays there, and its request goes to the platform with the claim. A key that was
 * kept without a certificate is an attempt whose answer may have been lost after the claim was spent: it asks again with
 * what it signs. Rejects with `OPTION_INVALID`, `SERVICE_UNREACHABLE` or `ENROLMENT_REFUSED`.
 */
export const enrol = async (options: EnrolOptions, means: EnrolMeans): Promise<string> => {
  checkFree(options);
  const { name, out, at } = options;
  const keyFile = join(out, KEY_FILE);
  const kept = existsSync(keyFile) ? await readText(keyFile) : null;
  const api = means.platform(at);
  const ask = (request: string) => api.call(enrolGateway, null, { params: { gateway: gatewayId(name) }, body: { request } });

  const demanded = await means.demand({ name, key: kept, claim: (await means.askClaim()).trim() });
  if (kept === null) await writeNewKey(out, demanded.key);
  let answer = await ask(demanded.request);
  if (!answer.ok && answer.error.code === 'CLAIM_REFUSED' && kept !== null) {
    const again = await ask((await means.demand({ name, key: kept, claim: null })).request);
    if (again.ok) answer = again;
  }
  if (!answer.ok) throw refused(answer.error);
  const { certificate, chain, expiresAt } = answer.body;
  await writeIn(out, ROOT_FILE, chain.join(''));
  const file = await writeIn(out, CERTIFICATE_FILE, certificate);
  return `${file}: ${name} until ${expiresAt}. The key stays in ${keyFile}; the authority is in ${join(out, ROOT_FILE)}.`;
};
