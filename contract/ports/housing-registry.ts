import type { GrainPeriod } from '#contract/ports/ingest-registry.ts';
import type { CivilDate } from '#domain/civil-time.ts';
import type { PublishableCell } from '#domain/housing/aggregation-rule.ts';
import type { Consent } from '#domain/housing/consent.ts';
import type { Dwelling } from '#domain/housing/dwelling.ts';
import type { Tenancy } from '#domain/housing/tenancy.ts';
import type { DwellingId, GatewayId, PointId, SiteId } from '#domain/identifiers.ts';

/** From a civil date on, the tariff by which a dwelling's or a building's common parts' energy is counted. */
export interface TariffChoice {
  readonly subject: DwellingId | SiteId;
  /** Identifier in the tariff catalogue. */
  readonly tariff: string;
  readonly from: CivilDate;
}

/** Who lives where, and what they agreed to. */
export interface HousingAssets {
  readonly dwellings: readonly Dwelling[];
  readonly tenancies: readonly Tenancy[];
  readonly consents: readonly Consent[];
  readonly tariffChoices: readonly TariffChoice[];
}

/** Housing's part of the registry. Every method rejects with `REGISTRY_UNAVAILABLE` when the engine does not answer. */
export interface HousingRegistry {
  dwelling(id: DwellingId): Promise<Dwelling | null>;
  /** By identifier. */
  dwellingsOf(site: SiteId): Promise<readonly Dwelling[]>;
  /** Past and present, by date. */
  tenanciesOf(dwellings: readonly DwellingId[]): Promise<readonly Tenancy[]>;
  /** Past and present, by date. */
  consentsOf(dwellings: readonly DwellingId[]): Promise<readonly Consent[]>;
  /** Dwellings whose point the gateway has ever been bound to, by identifier. */
  dwellingsOfGateway(gateway: GatewayId): Promise<readonly Dwelling[]>;
  /** What the dwelling points of a gateway may publish, inside their tenancies; a point or a time without any is `day`. */
  grainsOf(gateway: GatewayId): Promise<readonly GrainPeriod[]>;
  /** By date. */
  tariffChoicesOf(subject: DwellingId | SiteId): Promise<readonly TariffChoice[]>;
  /** The dwelling measured at a point, or null. */
  dwellingAt(point: PointId): Promise<Dwelling | null>;
  /** Hash of the housing section last imported, or null. */
  importedHousingHash(): Promise<string | null>;
  /** Replaces dwellings, tenancies, consents and choices in one transaction and raises the assets' revision. Cells stay. */
  replaceHousing(housing: HousingAssets, hash: string): Promise<void>;
  /** Cells of a building, both dates included, by date. */
  cells(site: SiteId, from: CivilDate, to: CivilDate): Promise<readonly PublishableCell[]>;
  /** Replaces the cell of its day. */
  saveCell(site: SiteId, cell: PublishableCell): Promise<void>;
}
