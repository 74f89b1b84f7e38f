import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Instant } from '../civil-time.ts';
import type { AccountId } from '../identifiers.ts';

/** A session as the registry keeps it: the token itself is only in its owner's hands. */
export interface Session {
  /** Public: it names the session in events and in the audit, it opens nothing. */
  readonly id: string;
  readonly account: AccountId;
  /** SHA-256 of the token, hexadecimal. */
  readonly tokenHash: string;
  readonly openedAt: Instant;
  readonly endsAt: Instant;
  readonly revokedAt: Instant | null;
}

/** Elapsed seconds a session lasts: a working day for staff, half a year for tenants. */
export const SESSION_SECONDS = { staff: 12 * 3600, tenant: 180 * 86_400 } as const;

/** Hash under which a token of 256 random bits is kept: it needs no salt and no slowness. */
export const sessionTokenHash = (token: string): string => bytesToHex(sha256(utf8ToBytes(token)));

/** A time server may set the clock back a little just after somebody signed in. */
const CLOCK_CORRECTION_MS = 5 * 60_000;

/** A session that begins well in the future belongs to another clock: it is not open. */
export const isSessionOpen = (session: Session, now: Instant): boolean =>
  session.revokedAt === null && session.openedAt <= now + CLOCK_CORRECTION_MS && now < session.endsAt;
