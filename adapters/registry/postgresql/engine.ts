import pg from 'pg';
import type { Logger } from '#contract/ports/logger.ts';
import type { RegistryEngine } from '../shared-registry.ts';
import { postgresqlDialect } from './dialect.ts';
import { grantRoles } from './grant-roles.ts';

export interface PostgresqlPlace {
  /** `postgresql://user@host:port/database`, without the password. */
  readonly url: string;
  readonly password?: string;
}

const CONNECTIONS = 8;
const CONNECT_MS = 5_000;

/** PostgreSQL names types by number: this is `bigint`. */
const INT8: number = pg.types.builtins.INT8;

/** Instants and counts are `bigint` columns below 2^53: numbers, as SQLite gives them. */
const numbersForBigints: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): ((value: string) => unknown) =>
    oid === INT8 ? Number : (pg.types.getTypeParser(oid, format) as (value: string) => unknown),
};

/** The driver lets a password-less address override a password given beside it. */
const withPassword = (url: string, password: string | undefined): string => {
  if (password === undefined) return url;
  const address = new URL(url);
  address.password = encodeURIComponent(password);
  return address.href;
};

/** A PostgreSQL database. It connects at the first query. */
export const postgresqlEngine = ({ url, password }: PostgresqlPlace, logger: Logger): RegistryEngine => {
  const pool = new pg.Pool({
    connectionString: withPassword(url, password),
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    types: numbersForBigints,
  });
  pool.on('error', (error) => logger.warn('registry-connection-lost', { why: error.message }));
  return { dialect: postgresqlDialect(pool), place: url, migrated: grantRoles };
};
