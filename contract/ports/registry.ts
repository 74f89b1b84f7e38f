import type { Report } from '#contract/messages/report.ts';
import type { Status } from '#contract/messages/status.ts';
import type { DocumentName } from '#contract/topics.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import type { MeasurementPoint } from '#domain/assets/measurement-point.ts';
import type { EdgeGateway, Site } from '#domain/assets/site.ts';
import type { Instant } from '#domain/civil-time.ts';
import type { AccountId, DeviceId, GatewayId, GroupId, LightPointId, PointId, SiteId } from '#domain/identifiers.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { Hat } from '#domain/people/permission.ts';
import type { Session } from '#domain/people/session.ts';

/**
 * The registry keeps what changes rarely: assets, programs, orders, people, the audit. Each table has one writing
 * service; any other may read. Every method rejects with `REGISTRY_UNAVAILABLE` when the engine does not answer.
 */
export interface AssetsRegistry {
  sites(): Promise<readonly Site[]>;
  gateways(): Promise<readonly EdgeGateway[]>;
  /** One site and all that stands on it; null when there is no such site. Luminaire models are those it uses. */
  siteAssets(site: SiteId): Promise<FieldAssets | null>;
  measurementPoint(point: PointId): Promise<MeasurementPoint | null>;
  /** Grows whenever assets, bindings or consents change. */
  revision(): Promise<number>;
  /** Hash of the assets last imported, or null. */
  importedHash(): Promise<string | null>;
  /** Replaces all assets in one transaction and raises the revision. */
  replaceAssets(assets: FieldAssets, hash: string): Promise<void>;
}

/** What a program or an override applies to, in the words of people. */
export type LightTarget =
  | { readonly kind: 'all' }
  | { readonly kind: 'group'; readonly group: GroupId }
  | { readonly kind: 'light-point'; readonly lightPoint: LightPointId };

export interface ProgramAssignment {
  readonly target: LightTarget;
  readonly program: string;
}

/** An override as ordered by a person, kept after its end. */
export interface OrderedOverride {
  readonly id: string;
  readonly site: SiteId;
  readonly target: LightTarget;
  /** Light points of the target when it was ordered, with the gateway and device that carried it out. */
  readonly members: readonly { readonly lightPoint: LightPointId; readonly gateway: GatewayId; readonly device: DeviceId }[];
  readonly levelPercent: number;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  /** When somebody ended it; its own end once that has passed, so that no clock set back revives it. */
  readonly endedAt: Instant | null;
  readonly by: AccountId;
  readonly reason: string;
}

/** A document of desired state as it was last published. */
export interface PublishedDocument {
  readonly revision: number;
  /** SHA-256 of the content without its revision: the same content keeps its revision. */
  readonly contentHash: string;
  /** The JSON text on the wire. */
  readonly text: string;
}

export interface GatewayState {
  readonly state: Status['state'];
  readonly since: Instant;
  readonly status: Status;
}

export interface LightingRegistry {
  /** Latest version of each program of a site. */
  programsOf(site: SiteId): Promise<readonly ControlProgram[]>;
  /** A new version of a program; earlier versions are kept. */
  saveProgram(site: SiteId, program: ControlProgram, publishedAt: Instant): Promise<void>;
  /** In the order of precedence: the last that covers a light point is its own. */
  assignmentsOf(site: SiteId): Promise<readonly ProgramAssignment[]>;
  replaceAssignments(site: SiteId, assignments: readonly ProgramAssignment[]): Promise<void>;
  addOverride(override: OrderedOverride): Promise<void>;
  override(id: string): Promise<OrderedOverride | null>;
  /** Overrides of a site, or of all, whose end is after an instant and that nobody ended, by end. */
  overridesInForce(site: SiteId | null, at: Instant): Promise<readonly OrderedOverride[]>;
  /** At an instant up to its end. False when it was ended before, or does not exist. */
  endOverride(id: string, at: Instant): Promise<boolean>;
  document(gateway: GatewayId, name: DocumentName): Promise<PublishedDocument | null>;
  saveDocument(gateway: GatewayId, name: DocumentName, document: PublishedDocument): Promise<void>;
  gatewayState(gateway: GatewayId): Promise<GatewayState | null>;
  saveGatewayState(gateway: GatewayId, state: GatewayState): Promise<void>;
}

export interface Account {
  readonly id: AccountId;
  readonly kind: 'staff' | 'tenant';
  readonly displayName: string;
  readonly hats: readonly Hat[];
  /** Made for a demonstration, with secrets remade at each start. */
  readonly demo: boolean;
}

/** Neither the password, the letter code nor the digits are kept. */
export interface Credential {
  readonly account: AccountId;
  /** Staff: the e-mail in lower case. Tenants: the first half of the letter code. Unique. */
  readonly login: string;
  /** argon2id, in its PHC text, of the password, or of the whole letter code and digits. */
  readonly secretHash: string;
}

export interface PeopleRegistry {
  account(id: AccountId): Promise<Account | null>;
  accounts(): Promise<readonly Account[]>;
  credentialOf(login: string): Promise<Credential | null>;
  /** Rejects with `LOGIN_TAKEN` when another account has this login. */
  addAccount(account: Account, credential: Credential): Promise<void>;
  /** Replaces the secret and revokes every session of the account. */
  replaceSecret(account: AccountId, secretHash: string, at: Instant): Promise<void>;
  /** Removes demonstration accounts with their credentials and sessions. */
  removeDemoAccounts(): Promise<void>;
  addSession(session: Session): Promise<void>;
  sessionByTokenHash(tokenHash: string): Promise<Session | null>;
  session(id: string): Promise<Session | null>;
  revokeSession(id: string, at: Instant): Promise<void>;
  /** Forgets sessions that ended before an instant. */
  forgetSessions(endedBefore: Instant): Promise<void>;
}

/** Who did what; never a secret, never a reading. */
export interface AuditEntry {
  readonly at: Instant;
  /** Account, or the name of a service. */
  readonly by: string;
  /** Named in the past tense, such as `override-begun`. */
  readonly action: string;
  readonly object: string;
  /** Null when it is about no site. */
  readonly site: SiteId | null;
  readonly detail: string;
}

/** Entries are added, never changed nor removed. */
export interface AuditRegistry {
  record(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  entriesOf(site: SiteId, limit: number): Promise<readonly AuditEntry[]>;
  /** About no site (sign-ins, accounts), newest first. */
  platformEntries(limit: number): Promise<readonly AuditEntry[]>;
}

/** A report with the gateway that sent it. */
export type GatewayReport = Report & { readonly gateway: GatewayId };
