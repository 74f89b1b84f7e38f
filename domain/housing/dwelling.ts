import type { DwellingId, PointId, SiteId } from '../identifiers.ts';

/** A flat of a building. */
export interface Dwelling {
  readonly id: DwellingId;
  readonly site: SiteId;
  /** What people call it, such as `Appartement 7`; never a name. */
  readonly label: string;
  readonly floor: string;
  /** Where its energy is measured. */
  readonly point: PointId;
}
