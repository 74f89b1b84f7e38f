import { z } from 'zod';
import { instantField, timeZoneField } from '#contract/messages/fields.ts';
import { QUALITIES, QUANTITY_NAMES } from '#contract/quantities.ts';
import { ROLLUP_FLAGS, ROLLUP_STEPS } from '#domain/energy/rollup.ts';
import { pointParam } from './fields.ts';
import { defineRoute } from './route.ts';

/** Most values one answer gives; a longer selection is refused politely. */
export const SERIES_LIMIT = 20_000;
/** Most values one export gives. */
export const EXPORT_LIMIT = 5_000_000;

/** `reading`: values as stored. The others are buckets, of the site's civil days and months. */
export const SERIES_STEPS = ['reading', ...ROLLUP_STEPS] as const;
export type SeriesStep = (typeof SERIES_STEPS)[number];

/** What of a bucket is its value: of a counter `sum`, of the others the mean over time when nothing is asked. */
export const AGGREGATES = ['mean', 'min', 'max', 'sum'] as const;

const access = {
  kind: 'permission',
  anyOf: ['lighting.series', 'building.series', 'dwelling.series'],
  on: { kind: 'point', query: 'point' },
} as const;

const period = { point: pointParam, quantity: z.enum(QUANTITY_NAMES), from: instantField, to: instantField };

const selection = {
  ...period,
  step: z.enum(SERIES_STEPS).default('reading'),
  aggregate: z.enum(AGGREGATES).optional(),
  /** IANA zone in which instants are written, with their offset; UTC without it. Days and months are always the site's. */
  zone: timeZoneField.optional(),
};

/** ISO 8601, in UTC or with the offset of the zone that was asked. */
const writtenInstant = z.iso.datetime({ offset: true });
const coverage = z.number().min(0).max(1);

export const readSeries = defineRoute({
  name: 'readSeries',
  method: 'GET',
  path: '/api/v1/series',
  summary: 'Values of one quantity of one measurement point, as stored or by step, with what they are worth',
  access,
  query: z.strictObject(selection),
  answer: {
    kind: 'json',
    schema: z.object({
      point: pointParam,
      quantity: z.enum(QUANTITY_NAMES),
      unit: z.string(),
      step: z.enum(SERIES_STEPS),
      aggregate: z.enum(AGGREGATES).optional(),
      /** Of the civil days and months. */
      zone: timeZoneField,
      values: z.array(
        z.object({
          at: writtenInstant,
          value: z.number().nullable(),
          quality: z.enum(QUALITIES),
          coverage: coverage.optional(),
          flags: z.array(z.enum(ROLLUP_FLAGS)).optional(),
        }),
      ),
      /** Share of the whole period that readings cover. */
      coverage,
      /** Of the worst value; `missing` when there is none at all. */
      quality: z.enum(QUALITIES),
      /** The newest reading of the point and quantity, whatever the period. */
      latestAt: writtenInstant.nullable(),
      ageSeconds: z.number().nullable(),
      /** False while buckets wait to be made again after many late readings. */
      upToDate: z.boolean(),
    }),
  },
});

export const readLatest = defineRoute({
  name: 'readLatest',
  method: 'GET',
  path: '/api/v1/series/latest',
  summary: 'The latest value of each quantity of one measurement point, with its age',
  access,
  query: z.strictObject({ point: pointParam }),
  answer: {
    kind: 'json',
    schema: z.object({
      point: pointParam,
      values: z.array(
        z.object({
          quantity: z.enum(QUANTITY_NAMES),
          unit: z.string(),
          at: instantField,
          ageSeconds: z.number(),
          value: z.number().nullable(),
          quality: z.enum(QUALITIES),
        }),
      ),
    }),
  },
});

export const readCoverage = defineRoute({
  name: 'readCoverage',
  method: 'GET',
  path: '/api/v1/series/coverage',
  summary: 'How much of each civil day readings cover, and what was noticed in it',
  access,
  query: z.strictObject(period),
  answer: {
    kind: 'json',
    schema: z.object({
      point: pointParam,
      quantity: z.enum(QUANTITY_NAMES),
      zone: timeZoneField,
      coverage,
      days: z.array(z.object({ date: z.iso.date(), coverage, quality: z.enum(QUALITIES), flags: z.array(z.enum(ROLLUP_FLAGS)) })),
      upToDate: z.boolean(),
    }),
  },
});

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;

export const exportSeries = defineRoute({
  name: 'exportSeries',
  method: 'GET',
  path: '/api/v1/series/export',
  summary: 'A long series as a file, line by line: CSV with a heading, or one JSON document a line',
  access,
  query: z.strictObject({ ...selection, format: z.enum(EXPORT_FORMATS).default('csv') }),
  answer: { kind: 'lines' },
  requestsPerMinute: 10,
});
