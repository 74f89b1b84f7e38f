import type { DemandCertificate } from '#contract/ports/certificate-authority.ts';
import { makeKeys, readKeys } from './keys.ts';
import { ChallengePasswordAttribute, KEY_ALGORITHM, Pkcs10CertificateRequestGenerator } from './x509.ts';

/** A PKCS#10 request; the claim is its challenge password (RFC 2985 section 5.4.1), so that its signature covers both. */
export const demandCertificate: DemandCertificate = async ({ name, key, claim }) => {
  const keys = key === null ? await makeKeys() : await readKeys(key);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [name] }],
    keys: keys.pair,
    signingAlgorithm: KEY_ALGORITHM,
    attributes: claim === null ? [] : [new ChallengePasswordAttribute(claim)],
  });
  return { key: keys.pem, request: `${request.toString('pem')}\n` };
};
