import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { IssuedCertificate } from '#contract/ports/certificate-authority.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import type { Keys } from './keys.ts';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KEY_ALGORITHM,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from './x509.ts';

const DAY_MS = 86_400_000;
const ROOT_DAYS = 3_650;
const CLIENT_DAYS = 90;
const SERVER_DAYS = 365;
/** A machine whose clock is a little late must not find a new certificate too young. */
const BACKDATED_MS = 3_600_000;

/** The title that OpenSSL, and so every broker, looks for. */
const OPENSSL_LIST = 'X509 CRL';

export interface Root {
  readonly keys: Keys;
  readonly certificate: X509Certificate;
}

export interface Subject {
  readonly name: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

const beforeNow = (now: Instant): Date => new Date(now - BACKDATED_MS);

/** 127 random bits: never negative, never zero in practice (RFC 5280 section 4.1.2.2). */
const newSerial = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
};

export const makeRootCertificate = async (keys: Keys, name: string, now: Instant): Promise<X509Certificate> =>
  X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [name] }],
    notBefore: beforeNow(now),
    notAfter: new Date(now + ROOT_DAYS * DAY_MS),
    keys: keys.pair,
    signingAlgorithm: KEY_ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.pair.publicKey),
    ],
  });

const alternativeNames = (hosts: readonly string[]): SubjectAlternativeNameExtension =>
  new SubjectAlternativeNameExtension(
    hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host })),
  );

/** For a client when no host is given, otherwise for a server: never good for the other. */
export const makeCertificate = async (
  { keys, certificate: root }: Root,
  { name, publicKey }: Subject,
  now: Instant,
  hosts: readonly string[] = [],
): Promise<X509Certificate> => {
  const isServer = hosts.length > 0;
  const end = Math.min(now + (isServer ? SERVER_DAYS : CLIENT_DAYS) * DAY_MS, root.notAfter.getTime());
  return X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [name] }],
    issuer: root.subjectName,
    notBefore: beforeNow(now),
    notAfter: new Date(end),
    publicKey,
    signingKey: keys.pair.privateKey,
    signingAlgorithm: KEY_ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([isServer ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(root.publicKey),
      ...(isServer ? [alternativeNames(hosts)] : []),
    ],
  });
};

/**
 * Valid as long as the root: OpenSSL refuses every client when its list has grown old, and this one is carried by hand.
 */
export const makeRevocationList = async (
  { keys, certificate: root }: Root,
  revoked: readonly { readonly serial: string; readonly at: Instant }[],
  now: Instant,
): Promise<string> => {
  const list = await X509CrlGenerator.create({
    issuer: root.subjectName,
    thisUpdate: beforeNow(now),
    nextUpdate: root.notAfter,
    entries: revoked.map(({ serial, at }) => ({ serialNumber: serial, revocationDate: new Date(at) })),
    extensions: [await AuthorityKeyIdentifierExtension.create(root.publicKey)],
    signingKey: keys.pair.privateKey,
    signingAlgorithm: KEY_ALGORITHM,
  });
  return `${PemConverter.encode(list.rawData, OPENSSL_LIST)}\n`;
};

export const pemOf = (certificate: X509Certificate): string => `${certificate.toString('pem')}\n`;

interface KeyUse {
  readonly publicKey: Uint8Array;
  readonly isForClient: boolean;
}

/** What is recorded of a certificate is the certificate itself. */
export const readCertificate = (pem: string): IssuedCertificate & KeyUse => {
  const certificate = new X509Certificate(pem);
  const [name = ''] = certificate.subjectName.getField('CN');
  return {
    name,
    serial: certificate.serialNumber,
    pem,
    expiresAt: instant(certificate.notAfter.getTime()),
    publicKey: new Uint8Array(certificate.publicKey.rawData),
    isForClient: certificate.getExtension(ExtendedKeyUsageExtension)?.usages.includes(ExtendedKeyUsage.clientAuth) ?? false,
  };
};
