import { level } from '#domain/lighting/light-level.ts';

export const street = level;
