import type { Instant } from '#domain/civil-time.ts';

/** What entitles one machine to ask once for a certificate, told to the person who installs it. */
export interface Claim {
  readonly name: string;
  /** 43 characters of base64url; the authority keeps only its hash. */
  readonly token: string;
  readonly expiresAt: Instant;
}

export interface IssuedCertificate {
  /** The one common name: a gateway's identifier, `control`, `ingest`, or the first host of a server. */
  readonly name: string;
  /** Hexadecimal, as OpenSSL prints it without its leading zeros. */
  readonly serial: string;
  readonly pem: string;
  readonly expiresAt: Instant;
}

export interface RecordedCertificate extends IssuedCertificate {
  readonly revokedAt: Instant | null;
}

/** Gives certificates to the clients and the servers of a broker, and takes them back. Texts are PEM. */
export interface CertificateAuthority {
  rootCertificate(): string;
  /** Good for one request of this name, for 24 hours. Rejects with `CERTIFICATE_REQUEST_INVALID` when the name is not an identifier. */
  claim(name: string): Promise<Claim>;
  /**
   * A client's certificate for 90 days. The request (PKCS#10, ECDSA P-256) holds a claim, or is signed by the key of a
   * certificate of the same name in force. Rejects with `CERTIFICATE_REQUEST_INVALID`, also when it is of another name
   * than the one awaited, or `CLAIM_REFUSED`; the claim is then left as it was.
   */
  sign(request: string, awaitedName?: string): Promise<IssuedCertificate>;
  /** A server's certificate for 365 days; `hosts` are DNS names and IP addresses. */
  signServer(request: string, hosts: readonly string[]): Promise<IssuedCertificate>;
  /** Every certificate of this name. Answers how many; rejects with `CERTIFICATE_UNKNOWN` when none was in force. */
  revoke(name: string): Promise<number>;
  /** The list that brokers read (RFC 5280 CRL). */
  revocationList(): Promise<string>;
  /** All that were ever given, oldest first. */
  recorded(): Promise<readonly RecordedCertificate[]>;
}

export interface CertificateDemand {
  readonly name: string;
  /** A PKCS#8 key in PEM; a new one is made when null. */
  readonly key: string | null;
  /** Null to renew. */
  readonly claim: string | null;
}

/** Makes the request on the machine that keeps the key: only the request leaves it. */
export type DemandCertificate = (demand: CertificateDemand) => Promise<{ readonly key: string; readonly request: string }>;
