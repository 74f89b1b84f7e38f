import { poll } from '#gateway/polling.ts';

export const first = poll;
