import type { CreateTableBuilder, Kysely } from 'kysely';
import type { RegistryTables } from '../tables.ts';

type ColumnType = 'text' | 'integer' | 'real' | 'bigint';
/** A column that may be null. */
export const optional = (type: ColumnType) => ({ type, optional: true }) as const;
type Column = ColumnType | ReturnType<typeof optional>;

/** Creates a table by the database's own names; `sequence` is a key that grows by itself. */
export const createTable = async (
  database: Kysely<RegistryTables>,
  table: string,
  columns: Readonly<Record<string, Column>>,
  primaryKey: readonly string[] | 'sequence',
): Promise<void> => {
  let builder: CreateTableBuilder<string, string> = database.schema.createTable(table);
  if (primaryKey === 'sequence') builder = builder.addColumn('sequence', 'integer', (c) => c.primaryKey().autoIncrement());
  else builder = builder.addPrimaryKeyConstraint(`${table}_key`, [...primaryKey] as never);
  for (const [name, column] of Object.entries(columns)) {
    const type = typeof column === 'string' ? column : column.type;
    builder = builder.addColumn(name, type, (c) => (typeof column === 'string' ? c.notNull() : c));
  }
  await builder.execute();
};
