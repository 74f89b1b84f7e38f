import type { Instant } from '#domain/civil-time.ts';

/** The certificate that a machine shows, beside the key that never leaves it. */
export interface KeptIdentity {
  current(): Promise<{ readonly name: string; readonly validFrom: Instant; readonly expiresAt: Instant }>;
  /** A request for the next one, signed by the same key. PEM. */
  demand(): Promise<string>;
  /**
   * Puts it in the place of the current one. False when it does not last longer, and nothing changes. Rejects with
   * `CERTIFICATE_REFUSED` unless it is of the same name, the same key and the same authority.
   */
  accept(certificate: string): Promise<boolean>;
}
