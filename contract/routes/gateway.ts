import { z } from 'zod';
import { instantField } from '#contract/messages/fields.ts';
import { defineRoute, type Route } from './route.ts';

const count = z.int().min(0);
/** 0 to 1. */
const share = z.number().min(0).max(1);
/** 100: every recent request was answered. Null before the first. */
const score = z.int().min(0).max(100).nullable();

/** Durations in milliseconds. Each bucket counts those up to its bound, the smaller ones too; the last has no bound. */
export const durationsField = z.object({
  count,
  sumMs: z.number().min(0),
  buckets: z.array(z.object({ upToMs: z.number().nullable(), count })),
});
export type Durations = z.infer<typeof durationsField>;

export const unitHealthField = z.object({
  unitId: z.int().min(0).max(255),
  /** Sent to the unit since the gateway started. */
  requests: count,
  /** Of those, sent after one that had no right answer. */
  retries: count,
  answers: count,
  /** Refusals by Modbus exception code; an exception is an answer too, and is not counted among `answers`. */
  exceptions: z.array(z.object({ code: z.int().min(0).max(255), count })),
  timeouts: count,
  crcErrors: count,
  /** Frames that cannot be the answer, for another reason than their CRC. */
  invalidAnswers: count,
  /** The link was lost while the unit was waited for. */
  linkLosses: count,
  /** Not sent, while the unit was left alone after its silences. */
  notAsked: count,
  /** How long the unit took, without the time that bytes take on a serial line. */
  latency: durationsField,
  /** Share of its last 50 requests that were answered, as a percentage; 0 while it is left alone. */
  score,
  /** Milliseconds until it is tried again; 0 when it is not left alone. */
  leftAloneForMs: z.number().min(0),
  lastAnswerAt: instantField.nullable(),
  lastFailure: z.object({ at: instantField, code: z.string(), what: z.string() }).nullable(),
});
export type UnitHealth = z.infer<typeof unitHealthField>;

export const busHealthField = z.object({
  bus: z.string(),
  kind: z.enum(['tcp', 'rtu-over-tcp', 'rtu']),
  address: z.string(),
  isConnected: z.boolean(),
  connectFailures: count,
  /** Share of elapsed time during which a request was in flight. */
  utilisation: z.object({ lastMinute: share, lastFiveMinutes: share }),
  queue: z.object({ orders: count, polling: count, ordersWait: durationsField, pollingWait: durationsField }),
  /** Mean of the units' scores. */
  score,
  /** The unit that answers least, when one does not answer always. */
  worstUnit: z.int().nullable(),
  /** Of the whole line: also those that another gateway of this process asks. */
  units: z.array(unitHealthField),
});
export type BusHealth = z.infer<typeof busHealthField>;

/** What a device would do on its own, when it was last looked at: as wanted, otherwise, or it refused the registers. */
export const failSafeFinding = z.object({
  state: z.enum(['verified', 'differs', 'refused']),
  at: instantField,
  /** Of the register that is not as wanted. */
  what: z.string().nullable(),
});
export type FailSafeFinding = z.infer<typeof failSafeFinding>;

export const gatewayOverview = z.object({
  gateway: z.string(),
  version: z.string(),
  at: instantField,
  state: z.enum(['starting', 'ready', 'degraded', 'stopped']),
  why: z.string().nullable(),
  /** Nothing is ever written to a bus. */
  readOnly: z.boolean(),
  broker: z.enum(['connected', 'disconnected']),
  /** Batches that wait for the centre's acknowledgement. */
  outboxDepth: count,
  devices: count,
  devicesOffline: count,
  buses: z.array(
    busHealthField.extend({
      devices: z.array(
        z.object({
          device: z.string(),
          unitId: z.int(),
          /** `unknown` before its first reading. */
          state: z.enum(['online', 'degraded', 'offline', 'unknown']),
          /** Null when its profile says nothing of it, or before the first look. */
          failSafe: failSafeFinding.nullable(),
        }),
      ),
    }),
  ),
});
export type GatewayOverview = z.infer<typeof gatewayOverview>;

export const tracedFrame = z.object({
  at: instantField,
  bus: z.string(),
  /** `outcome` closes a request and has no bytes of its own. */
  direction: z.enum(['sent', 'received', 'outcome']),
  /** Unit that is being asked; null for bytes that nobody here asked for. */
  unitId: z.int().nullable(),
  /** As on the wire; what is received comes in the pieces in which it arrived. */
  hex: z.string(),
  /** `answered`, `exception 2`, or the code of a fault. Empty for bytes. */
  outcome: z.string(),
});
export type TracedFrame = z.infer<typeof tracedFrame>;

export const readGatewayHealth = defineRoute({
  name: 'readGatewayHealth',
  method: 'GET',
  path: '/api/v1/gateway/health',
  summary: 'Health of each bus and unit',
  access: { kind: 'public' },
  answer: { kind: 'json', schema: gatewayOverview },
});

/** Answers when the time is over or the trace is full. What flats' meters answer is in it: it is kept nowhere. */
export const traceFrames = defineRoute({
  name: 'traceFrames',
  method: 'GET',
  path: '/api/v1/gateway/trace',
  summary: 'Listens to the buses for some seconds, then gives the frames',
  access: { kind: 'public' },
  query: z.strictObject({
    seconds: z.coerce.number().int().min(1).max(300).default(10),
    bus: z.string().max(80).optional(),
  }),
  answer: { kind: 'json', schema: z.object({ frames: z.array(tracedFrame), isFull: z.boolean() }) },
});

export const readGatewayMetrics = defineRoute({
  name: 'readGatewayMetrics',
  method: 'GET',
  path: '/metrics',
  summary: 'The same figures in Prometheus text format',
  access: { kind: 'public' },
  answer: { kind: 'page' },
});

export const showGateway = defineRoute({
  name: 'showGateway',
  method: 'GET',
  path: '/gateway',
  summary: 'State of the gateway and of its buses, for the technician on site',
  access: { kind: 'public' },
  answer: { kind: 'page' },
});

export const serveGatewayStyle = defineRoute({
  name: 'serveGatewayStyle',
  method: 'GET',
  path: '/gateway/style.css',
  summary: 'Style sheet of that page',
  access: { kind: 'public' },
  answer: { kind: 'page' },
});

/** Of a gateway that runs alone, on loopback only: no part of the platform's own API. */
export const gatewayRoutes: readonly Route[] = [
  readGatewayHealth,
  traceFrames,
  readGatewayMetrics,
  showGateway,
  serveGatewayStyle,
];
