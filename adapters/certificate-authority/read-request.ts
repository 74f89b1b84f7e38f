import { createPublicKey } from 'node:crypto';
import { fault, reasonOf } from '#contract/errors.ts';
import { isIdentifier } from '#domain/identifiers.ts';
import { ChallengePasswordAttribute, Pkcs10CertificateRequest } from './x509.ts';

export interface CertificateRequest {
  readonly name: string;
  readonly claim: string | null;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

/** Larger than any request with one P-256 key. Characters. */
const LIMIT = 8_192;

const invalid = (name: string, problem: string, cause?: unknown) =>
  fault('CERTIFICATE_REQUEST_INVALID', { name, problem }, cause);

/** Throws CERTIFICATE_REQUEST_INVALID. */
export const identifierName = (name: string): string => {
  if (!isIdentifier(name)) throw invalid(name.slice(0, 64), 'the name is not an identifier such as gateway-mairie');
  return name;
};

const parse = (pem: string): Pkcs10CertificateRequest => {
  if (pem.length > LIMIT) throw invalid('?', `it has more than ${LIMIT} characters`);
  try {
    return new Pkcs10CertificateRequest(pem);
  } catch (thrown) {
    throw invalid('?', `it is not a PKCS#10 request (${reasonOf(thrown)})`, thrown);
  }
};

const curveOf = (publicKey: Uint8Array<ArrayBuffer>): string | undefined => {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  return key.asymmetricKeyType === 'ec' ? key.asymmetricKeyDetails?.namedCurve : undefined;
};

const isSelfSigned = async (request: Pkcs10CertificateRequest): Promise<boolean> => {
  try {
    return await request.verify();
  } catch {
    // a signature that cannot even be read proves nothing
    return false;
  }
};

/**
 * Reads only the name, the key and the claim: what else a request wishes for, the authority decides. Rejects with
 * CERTIFICATE_REQUEST_INVALID when it is not signed by its own P-256 key or has not exactly one common name.
 */
export const readRequest = async (pem: string): Promise<CertificateRequest> => {
  const parsed = parse(pem);
  const commonNames = parsed.subjectName.getField('CN');
  const [commonName = '?'] = commonNames;
  if (commonNames.length !== 1) throw invalid(commonName, 'exactly one common name is wanted');
  const publicKey = new Uint8Array(parsed.publicKey.rawData);
  if (curveOf(publicKey) !== 'prime256v1') throw invalid(commonName, 'its key is not ECDSA P-256');
  if (!(await isSelfSigned(parsed))) throw invalid(commonName, 'its signature is not by its own key');
  const challenge = parsed.attributes.find((attribute) => attribute instanceof ChallengePasswordAttribute);
  return { name: commonName, publicKey, claim: challenge?.password ?? null };
};
