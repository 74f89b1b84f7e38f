import type { z } from 'zod';
import { reasonOf } from '#contract/errors.ts';

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** The message, or null with its reason given to `refuse`: ingest keeps foreign messages in quarantine, control passes on. */
export const readMessage = <S extends z.ZodType>(
  payload: Uint8Array,
  schema: S,
  refuse: (reason: string) => void,
): z.output<S> | null => {
  try {
    return schema.parse(JSON.parse(UTF_8.decode(payload)));
  } catch (thrown) {
    refuse(reasonOf(thrown));
    return null;
  }
};
