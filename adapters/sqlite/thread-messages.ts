import type { SqliteStatement } from './connection.ts';

/** What the connection and its worker thread say to each other, beside the number of each request. */
export interface SqliteThreadOptions {
  readonly file: string;
}

export interface SqliteRequest {
  readonly statements: readonly SqliteStatement[];
  readonly mode: 'each' | 'atomic';
}
