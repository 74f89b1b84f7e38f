import type { ErrorCode, FaultFields } from '#contract/errors.ts';
import type { SeriesFile } from './series-file.ts';

/** What the store and the thread that owns its file say to each other. */
export interface SeriesThreadRequest {
  readonly id: number;
  readonly operation: keyof SeriesFile;
  readonly parameters: readonly unknown[];
}

export type SeriesThreadMessage =
  | { readonly opened: readonly (readonly [quantity: string, number: number])[] }
  | {
      readonly unopened: string;
      readonly fault: { readonly code: ErrorCode; readonly fields: FaultFields } | null;
    }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: { readonly code: string; readonly message: string } };
