import type { Kysely } from 'kysely';
import type { RegistryTables } from '../tables.ts';

export type RegistryService = 'control' | 'ingest' | 'dashboards';

/** One step of the schema, forward and back; numbered from 1 without a hole, never changed once released. */
export interface RegistryMigration {
  readonly version: number;
  readonly name: string;
  /** The only service that writes each table this step creates, by its name in the database. */
  readonly owners: Readonly<Record<string, RegistryService>>;
  up(database: Kysely<RegistryTables>): Promise<void>;
  /** Back to the version before. What only this version knew is lost; the rest stays. */
  down(database: Kysely<RegistryTables>): Promise<void>;
}
