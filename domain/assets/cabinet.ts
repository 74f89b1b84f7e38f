import type { CabinetId, CircuitId, GatewayId, PointId, SiteId } from '../identifiers.ts';

/** A public lighting cabinet (armoire): supply, meter, contactors, breakers. */
export interface Cabinet {
  readonly id: CabinetId;
  readonly site: SiteId;
  readonly gateway: GatewayId;
  /** What is painted on it. */
  readonly label: string;
  /** Its controller exists in no catalogue: said so wherever it is shown. */
  readonly fictitious: boolean;
  readonly meterPoint: PointId | null;
  readonly controllerPoint: PointId | null;
}

/** A feeder (départ) of a cabinet. */
export interface Circuit {
  readonly id: CircuitId;
  readonly cabinet: CabinetId;
  readonly label: string;
}
