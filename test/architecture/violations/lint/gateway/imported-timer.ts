import { setTimeout as wait } from 'node:timers/promises';

export const later = wait;
