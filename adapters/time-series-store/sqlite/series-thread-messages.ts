import type { ErrorCode, FaultFields } from '#contract/errors.ts';
import type { SeriesFile } from './series-file.ts';

/** What is asked of the thread that owns the series file. */
export type SeriesOperations = Omit<SeriesFile, 'quantities' | 'close'>;

/** What the store asks, beside the number of each request. */
export interface SeriesThreadRequest {
  readonly operation: keyof SeriesOperations;
  readonly parameters: readonly unknown[];
}

/** The thread's first message. */
export type SeriesThreadOpening =
  | { readonly opened: readonly (readonly [quantity: string, number: number])[] }
  | {
      readonly unopened: string;
      readonly fault: { readonly code: ErrorCode; readonly fields: FaultFields } | null;
    };
