import type { TimeZone } from '../civil-time.ts';
import type { GatewayId, SiteId } from '../identifiers.ts';
import type { Position } from '../lighting/sun.ts';

/** A street, or a building: what a person has rights over. */
export interface Site {
  readonly id: SiteId;
  readonly kind: 'lighting' | 'building';
  /** What people call it, such as `Rue de la République, Laon`. */
  readonly name: string;
  readonly position: Position;
  readonly zone: TimeZone;
}

/** The field computer of a cabinet or a building. */
export interface EdgeGateway {
  readonly id: GatewayId;
  readonly site: SiteId;
}
