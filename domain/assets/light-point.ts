import type { CircuitId, DeviceId, GatewayId, GroupId, LightPointId, PointId, SiteId } from '../identifiers.ts';

/** A model of luminaire and what its maker says it draws. */
export interface LuminaireModel {
  readonly id: string;
  readonly maker: string;
  readonly model: string;
  readonly fictitious: boolean;
  /** Power at 0 %, in watts: the control gear stays supplied. */
  readonly standbyPowerW: number;
  /** Share of the rated power at levels above 0 %, ascending, ending at 100 %. */
  readonly powerShares: readonly { readonly levelPercent: number; readonly share: number }[];
}

/** A light point (point lumineux): a column and the luminaire it carries. */
export interface LightPoint {
  readonly id: LightPointId;
  readonly site: SiteId;
  readonly circuit: CircuitId;
  /** What is painted on the column, such as REP-07. */
  readonly label: string;
  readonly luminaireModel: string;
  /** Power at 100 %, in watts. */
  readonly ratedPowerW: number;
  readonly gateway: GatewayId;
  readonly device: DeviceId;
  /** DALI short address, 0 to 63. */
  readonly shortAddress: number;
  /** Where its readings are kept. */
  readonly point: PointId;
}

/** A column that stands, or will: no luminaire was commissioned on it yet, so it has no device. */
export type PlannedLightPoint = Omit<LightPoint, 'gateway' | 'device' | 'shortAddress'>;

export interface LightGroup {
  readonly id: GroupId;
  readonly site: SiteId;
  readonly label: string;
  /** In ascending order. */
  readonly members: readonly LightPointId[];
}

/** Power in watts that a light point draws by level, from 0 to 100 %, ascending; to a milliwatt. */
export const powerTableOf = (
  model: LuminaireModel,
  ratedPowerW: number,
): readonly { readonly levelPercent: number; readonly powerW: number }[] => [
  { levelPercent: 0, powerW: model.standbyPowerW },
  ...model.powerShares.map(({ levelPercent, share }) => ({
    levelPercent,
    powerW: Math.round(share * ratedPowerW * 1000) / 1000,
  })),
];
