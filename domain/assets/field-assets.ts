import type { Cabinet, Circuit } from './cabinet.ts';
import type { LightGroup, LightPoint, LuminaireModel, PlannedLightPoint } from './light-point.ts';
import type { MeasurementBinding, MeasurementPoint, Meter, Sensor } from './measurement-point.ts';
import type { EdgeGateway, Site } from './site.ts';

/** Everything that stands in a field: all of its sites, or one of them. */
export interface FieldAssets {
  readonly sites: readonly Site[];
  readonly gateways: readonly EdgeGateway[];
  readonly cabinets: readonly Cabinet[];
  readonly circuits: readonly Circuit[];
  readonly luminaireModels: readonly LuminaireModel[];
  readonly lightPoints: readonly LightPoint[];
  readonly plannedLightPoints: readonly PlannedLightPoint[];
  readonly groups: readonly LightGroup[];
  readonly meters: readonly Meter[];
  readonly sensors: readonly Sensor[];
  readonly points: readonly MeasurementPoint[];
  readonly bindings: readonly MeasurementBinding[];
}
