declare const position: unique symbol;
/** Place of a record in the log; grows with each append, also over restarts. */
export type LogPosition = number & { readonly [position]: 'log' };

export interface LogRecord {
  readonly position: LogPosition;
  readonly payload: Uint8Array;
}

/** An append-only log on disk, for the gateway's outbox. One writer. */
export interface DurableLog {
  /** Resolves when the records are on the disk (fdatasync), in order. Appends that come together share one sync. */
  append(payloads: readonly Uint8Array[]): Promise<readonly LogPosition[]>;
  /** Records from a position on, in order, at most `limit`. */
  read(from: LogPosition, limit: number): Promise<readonly LogRecord[]>;
  /** Records before this position are forgotten; their space comes back. */
  trim(before: LogPosition): Promise<void>;
  /** Of the oldest record kept, and of the next one to be written. */
  bounds(): { readonly first: LogPosition; readonly next: LogPosition };
  readonly sizeBytes: number;
  close(): Promise<void>;
}
