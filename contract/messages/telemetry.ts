import { z } from 'zod';
import { QUALITIES, QUANTITY_NAMES } from '#contract/quantities.ts';
import { deviceField, instantField, pointField, sequenceField } from './fields.ts';
import { reportMessage } from './report.ts';

/** One reading of one measurement point: what several quantities were at one instant, set at the edge. */
export const readingField = z.strictObject({
  point: pointField,
  at: instantField,
  /** Null is a missing value; its quality is `missing`. */
  values: z.partialRecord(z.enum(QUANTITY_NAMES), z.number().nullable()),
  /** Only what is not `measured`. */
  quality: z.partialRecord(z.enum(QUANTITY_NAMES), z.enum(QUALITIES)).optional(),
});
export type Reading = z.infer<typeof readingField>;

/** Something that happened at the edge and that a person may want to read, named in the past tense. */
export const eventField = z.strictObject({
  event: z.enum([
    'gateway-started',
    'device-became-silent',
    'device-answered-again',
    'level-departed',
    'level-restored',
    'lamp-failed',
    'lamp-recovered',
    'document-applied',
    'document-refused',
    'override-ended',
    'fail-safe-verified',
    'fail-safe-differs',
    'clock-stepped',
    /** Another device reads a point: `detail` has the point, the former device and their registers, when known. */
    'meter-replaced',
    'file-applied',
    'file-refused',
  ]),
  at: instantField,
  device: deviceField.optional(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
export type EdgeEvent = z.infer<typeof eventField>;

/**
 * What is left of the batches that a gap replaces, in the order in which a full outbox gives up: counters every 15 minutes,
 * then every hour, then no reading, then not even the events and reports.
 */
export const GAP_KEEPS = ['counters-15min', 'counters-1h', 'events', 'nothing'] as const;

/** Readings that were given up, never silently: the sequence numbers it replaces, and how many readings they held. */
export const gapField = z.strictObject({
  from: sequenceField,
  to: sequenceField,
  /** Given up whole. What was sent before it was given up is counted too, so that this is a most. */
  lostReadings: z.int().min(0),
  /** Events and reports given up; 0 when absent. */
  lostEvents: z.int().min(0).optional(),
  code: z.enum(['DURABLE_LOG_FULL', 'DURABLE_LOG_DAMAGED']),
  /** Travels in the same batch; nothing when absent. */
  kept: z.enum(GAP_KEEPS).optional(),
});
export type Gap = z.infer<typeof gapField>;

/** Longest telemetry message that ingest reads. */
export const TELEMETRY_LIMIT_BYTES = 2 * 1024 * 1024;

/** One batch per round, gateway → ingest, QoS 1. `boot` is a persisted counter, `seq` counts batches within a boot. */
export const telemetryMessage = z.strictObject({
  boot: sequenceField,
  seq: sequenceField,
  /** True when it is sent again, or late, from the outbox. */
  historical: z.boolean().optional(),
  readings: z.array(readingField).max(5000),
  events: z.array(eventField).max(1000).optional(),
  reports: z.array(reportMessage).max(1000).optional(),
  gap: gapField.optional(),
});
export type Telemetry = z.infer<typeof telemetryMessage>;

export const telemetryExample: Telemetry = {
  boot: 12,
  seq: 4810,
  readings: [
    {
      point: 'point-laon-republique-l01' as Reading['point'],
      at: '2026-11-24T21:00:10.250Z',
      values: {
        activePowerW: 21.8,
        activeEnergyWh: 182_400,
        commandedLevelPercent: 70,
        effectiveLevelPercent: 70,
        gearTemperatureC: null,
      },
      quality: { gearTemperatureC: 'missing' },
    },
  ],
  events: [
    {
      event: 'level-restored',
      at: '2026-11-24T21:00:10Z',
      device: 'luminaire-l01' as never,
      detail: { fromPercent: 40, toPercent: 70 },
    },
  ],
};
