import { now } from '#adapters/clock.ts';

export const at = now;
