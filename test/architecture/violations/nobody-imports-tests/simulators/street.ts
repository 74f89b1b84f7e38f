import { lamps } from '#test/fixtures/street.ts';

export const street = lamps;
