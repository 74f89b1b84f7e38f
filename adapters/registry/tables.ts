import type { Generated } from 'kysely';
import type { Cabinet, Circuit } from '#domain/assets/cabinet.ts';
import type { DeclaredDevice } from '#domain/assets/commissioning.ts';
import type { LightPoint, PlannedLightPoint } from '#domain/assets/light-point.ts';
import type { MeasurementBinding, MeasurementPoint, Meter, Sensor } from '#domain/assets/measurement-point.ts';
import type { EdgeGateway, Site } from '#domain/assets/site.ts';
import type { CivilDate, Instant } from '#domain/civil-time.ts';
import type { MaskedCell, PublishableCell, PublishedCell } from '#domain/housing/aggregation-rule.ts';
import type { DisplayGrain } from '#domain/housing/consent.ts';
import type { Dwelling } from '#domain/housing/dwelling.ts';
import type { AccountId, DwellingId, GatewayId, GroupId, LightPointId, SiteId } from '#domain/identifiers.ts';
import type { WattHours } from '#domain/units.ts';

/**
 * Rows as queries see them: columns are snake_case in the database, instants are milliseconds, flags are 0 or 1, and
 * JSON is text, so that the same queries run on SQLite and on PostgreSQL.
 */
type Flag = 0 | 1;
type Flagged<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]: Flag };

interface SchemaStamp {
  readonly version: number;
  readonly name: string;
}

interface AssetStamp {
  readonly id: 1;
  readonly revision: number;
  readonly importedHash: string | null;
}

interface LuminaireModelRow {
  readonly id: string;
  readonly maker: string;
  readonly model: string;
  readonly fictitious: Flag;
  readonly standbyPowerW: number;
  readonly powerShares: string;
}

interface LightGroupMember {
  readonly groupId: GroupId;
  readonly lightPoint: LightPointId;
}

interface ControlProgramRow {
  readonly site: SiteId;
  readonly id: string;
  readonly version: number;
  readonly publishedAt: Instant;
  readonly content: string;
}

interface ProgramAssignmentRow {
  readonly site: SiteId;
  readonly rank: number;
  readonly target: string;
  readonly program: string;
}

interface LightingOverrideRow {
  readonly id: string;
  readonly site: SiteId;
  readonly target: string;
  readonly members: string;
  readonly levelPercent: number;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly endedAt: Instant | null;
  readonly orderedBy: AccountId;
  readonly reason: string;
}

interface EdgeDocumentRow {
  readonly gateway: GatewayId;
  readonly name: string;
  readonly revision: number;
  readonly contentHash: string;
  readonly text: string;
}

interface GatewayStateRow {
  readonly gateway: GatewayId;
  readonly state: 'online' | 'offline';
  readonly since: Instant;
  readonly status: string;
}

interface AccountRow {
  readonly id: AccountId;
  readonly kind: 'staff' | 'tenant';
  readonly displayName: string;
  readonly hats: string;
  readonly demo: Flag;
}

interface CredentialRow {
  readonly account: AccountId;
  readonly login: string;
  readonly secretHash: string;
}

interface SessionRow {
  readonly id: string;
  readonly account: AccountId;
  readonly tokenHash: string;
  readonly openedAt: Instant;
  readonly endsAt: Instant;
  readonly revokedAt: Instant | null;
}

interface AuditEntryRow {
  readonly sequence: Generated<number>;
  readonly at: Instant;
  readonly doneBy: string;
  readonly action: string;
  readonly object: string;
  readonly site: SiteId | null;
  readonly detail: string;
}

interface EdgeReportRow {
  readonly gateway: GatewayId;
  readonly orderId: string;
  /** Empty when the report is of the whole order. */
  readonly device: string;
  readonly phase: string;
  readonly at: Instant;
  readonly content: string;
}

interface EdgeEventRow {
  readonly gateway: GatewayId;
  readonly event: string;
  /** Empty when the event is of the gateway. */
  readonly device: string;
  readonly at: Instant;
  readonly content: string;
}

interface QuarantinedMessageRow {
  readonly sequence: Generated<number>;
  readonly receivedAt: Instant;
  readonly topic: string;
  readonly code: string;
  readonly why: string;
  readonly excerpt: string;
}

interface TenancyRow {
  readonly id: string;
  readonly dwelling: DwellingId;
  readonly tenant: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant | null;
}

interface ConsentRow {
  readonly dwelling: DwellingId;
  readonly displayGrain: DisplayGrain;
  readonly startsAt: Instant;
  readonly endsAt: Instant | null;
}

interface TariffChoiceRow {
  readonly subject: DwellingId | SiteId;
  readonly startsOn: CivilDate;
  readonly tariff: string;
}

/** Energy, members and quality are of a published cell, `reason` of a masked one. */
export interface PublishableCellRow {
  readonly site: SiteId;
  readonly date: CivilDate;
  readonly state: PublishableCell['state'];
  readonly reason: MaskedCell['reason'] | null;
  readonly energyWh: WattHours | null;
  readonly members: string | null;
  readonly quality: PublishedCell['quality'] | null;
}

/** Every table of the registry, by its name in queries. */
export interface RegistryTables {
  schemaStamp: SchemaStamp;
  assetStamp: AssetStamp;
  site: Omit<Site, 'position'> & { readonly latitude: number; readonly longitude: number };
  edgeGateway: EdgeGateway;
  cabinet: Flagged<Cabinet, 'fictitious'>;
  circuit: Circuit;
  luminaireModel: LuminaireModelRow;
  lightPoint: LightPoint;
  lightGroup: { readonly id: GroupId; readonly site: SiteId; readonly label: string };
  lightGroupMember: LightGroupMember;
  meter: Meter;
  sensor: Flagged<Sensor, 'fictitious'>;
  measurementPoint: MeasurementPoint;
  measurementBinding: Omit<MeasurementBinding, 'from' | 'to'> & { readonly startsAt: Instant; readonly endsAt: Instant | null };
  controlProgram: ControlProgramRow;
  programAssignment: ProgramAssignmentRow;
  lightingOverride: LightingOverrideRow;
  edgeDocument: EdgeDocumentRow;
  gatewayState: GatewayStateRow;
  account: AccountRow;
  credential: CredentialRow;
  session: SessionRow;
  auditEntry: AuditEntryRow;
  edgeReport: EdgeReportRow;
  edgeEvent: EdgeEventRow;
  quarantinedMessage: QuarantinedMessageRow;
  housingStamp: { readonly id: 1; readonly importedHash: string };
  dwelling: Dwelling;
  tenancy: TenancyRow;
  consent: ConsentRow;
  tariffChoice: TariffChoiceRow;
  publishableCell: PublishableCellRow;
  plannedLightPoint: PlannedLightPoint;
  fieldDevice: DeclaredDevice;
  commissioningAct: { readonly sequence: Generated<number>; readonly doneAt: Instant; readonly content: string };
}
