import { z } from 'zod';
import { instantField } from '#contract/messages/fields.ts';
import { QUALITIES, QUANTITY_NAMES } from '#contract/quantities.ts';
import { pointParam } from './fields.ts';
import { defineRoute } from './route.ts';

/** Most values one answer gives; a longer selection is refused politely. */
export const SERIES_LIMIT = 20_000;

export const readSeries = defineRoute({
  name: 'readSeries',
  method: 'GET',
  path: '/api/v1/series',
  summary: 'Values of one quantity of one measurement point, as stored',
  access: {
    kind: 'permission',
    anyOf: ['lighting.series', 'building.series', 'dwelling.series'],
    on: { kind: 'point', query: 'point' },
  },
  query: z.strictObject({ point: pointParam, quantity: z.enum(QUANTITY_NAMES), from: instantField, to: instantField }),
  answer: {
    kind: 'json',
    schema: z.object({
      point: pointParam,
      quantity: z.enum(QUANTITY_NAMES),
      unit: z.string(),
      values: z.array(z.object({ at: instantField, value: z.number().nullable(), quality: z.enum(QUALITIES) })),
    }),
  },
});
