import type { PointId } from '#domain/identifiers.ts';
import type { Principal, Resource } from '#domain/people/permission.ts';

/** Who asks, and about what. Every service that answers over HTTP asks the registry itself: a revocation holds at once everywhere. */
export interface Authenticator {
  /** Null for a token that is forged, expired or revoked. */
  authenticate(token: string): Promise<Principal | null>;
  /** The same by the public id of a session already admitted: for streams that last. */
  recheck(session: string): Promise<Principal | null>;
  /** Site of a measurement point or, for a dwelling's point, its dwelling; null when there is no such point. */
  resolvePoint(point: PointId): Promise<Resource | null>;
}
