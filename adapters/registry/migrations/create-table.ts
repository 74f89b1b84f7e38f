import { type CreateTableBuilder, type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely';
import type { RegistryTables } from '../tables.ts';

type ColumnType = 'text' | 'integer' | 'real' | 'bigint';
/** A column that may be null. */
export const optional = (type: ColumnType) => ({ type, optional: true }) as const;
type Column = ColumnType | ReturnType<typeof optional>;

/** Numbers keep their 64 bits, and texts sort by their bytes, as in SQLite. */
const inPostgresql = (type: ColumnType): RawBuilder<unknown> | 'integer' | 'bigint' => {
  switch (type) {
    case 'text':
      return sql`text collate "C"`;
    case 'real':
      return sql`double precision`;
    default:
      return type;
  }
};

/** Creates a table by the database's own names; `sequence` is a key that grows by itself. */
export const createTable = async (
  database: Kysely<RegistryTables>,
  table: string,
  columns: Readonly<Record<string, Column>>,
  primaryKey: readonly string[] | 'sequence',
): Promise<void> => {
  const isPostgresql = database.getExecutor().adapter instanceof PostgresAdapter;
  let builder: CreateTableBuilder<string, string> = database.schema.createTable(table);
  if (primaryKey === 'sequence')
    builder = isPostgresql
      ? builder.addColumn('sequence', 'bigserial', (c) => c.primaryKey())
      : builder.addColumn('sequence', 'integer', (c) => c.primaryKey().autoIncrement());
  else builder = builder.addPrimaryKeyConstraint(`${table}_key`, [...primaryKey] as never);
  for (const [name, column] of Object.entries(columns)) {
    const type = typeof column === 'string' ? column : column.type;
    builder = builder.addColumn(name, isPostgresql ? inPostgresql(type) : type, (c) =>
      typeof column === 'string' ? c.notNull() : c,
    );
  }
  await builder.execute();
};

/** Drops tables, the last made first. */
export const dropTables = async (database: Kysely<RegistryTables>, tables: readonly string[]): Promise<void> => {
  for (const table of tables.toReversed()) await database.schema.dropTable(table).execute();
};
