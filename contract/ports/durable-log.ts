declare const position: unique symbol;
/** Place of a record in the log; grows with each append, also over restarts. */
export type LogPosition = number & { readonly [position]: 'log' };

export interface LogRecord {
  readonly position: LogPosition;
  readonly payload: Uint8Array;
}

/** Records that the disk no longer gives. */
export interface LogDamage {
  /** Of the first of them. */
  readonly from: LogPosition;
  /** Behind the last of them: how many they were is a guess when the disk has lost that too. */
  readonly to: LogPosition;
  /** What is left of them, not to be believed. */
  readonly remains: Uint8Array;
}

/** An append-only log on disk, for the gateway's outbox. One writer. */
export interface DurableLog {
  /** Resolves when the records are on the disk (fdatasync), in order. Appends that come together share one sync. */
  append(payloads: readonly Uint8Array[]): Promise<readonly LogPosition[]>;
  /** What was found damaged at opening, in order, of what is not trimmed. Said again at each opening until it is. */
  readonly damages: readonly LogDamage[];
  /** Records from a position on, in order, at most `limit`; those that are damaged are passed over. */
  read(from: LogPosition, limit: number): Promise<readonly LogRecord[]>;
  /** Records before this position are forgotten; their space comes back. */
  trim(before: LogPosition): Promise<void>;
  /** Of the oldest record kept, and of the next one to be written. */
  bounds(): { readonly first: LogPosition; readonly next: LogPosition };
  readonly sizeBytes: number;
  close(): Promise<void>;
}
