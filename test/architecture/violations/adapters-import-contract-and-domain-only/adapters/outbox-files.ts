import type { Outbox } from '#gateway/outbox.ts';

export const outbox: Outbox = { depth: 0 };
