import type { SqliteResult, SqliteStatement } from './connection.ts';

/** What the connection and its worker thread say to each other. */
export interface SqliteThreadOptions {
  readonly file: string;
}

export interface SqliteRequest {
  readonly id: number;
  readonly statements: readonly SqliteStatement[];
  readonly mode: 'each' | 'atomic';
}

export type SqliteAnswer =
  | { readonly id: number; readonly results: SqliteResult[] }
  | { readonly id: number; readonly failure: { readonly code: string; readonly message: string } };
