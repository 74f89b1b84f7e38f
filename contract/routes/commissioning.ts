import { z } from 'zod';
import { busField, profileField, unitIdField } from '#contract/messages/field-devices.ts';
import { deviceField, instantField } from '#contract/messages/fields.ts';
import { REPORT_PHASES } from '#contract/messages/report.ts';
import { POINT_USES } from '#domain/assets/measurement-point.ts';
import { figureField, gatewayParam, lightPointParam, pointParam, siteParam } from './fields.ts';
import { defineRoute } from './route.ts';

const access = { kind: 'permission', anyOf: ['field.commission'], on: { kind: 'site', param: 'site' } } as const;
const siteParams = z.strictObject({ site: siteParam });
const gatewayParams = z.strictObject({ site: siteParam, gateway: gatewayParam });
const deviceParams = z.strictObject({ site: siteParam, gateway: gatewayParam, device: deviceField });
const channelField = z.int().min(0).max(255).nullable();

/** What a device is bound to. */
const boundField = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('light-point'), lightPoint: lightPointParam, label: z.string(), since: instantField }),
    z.object({ kind: z.literal('point'), point: pointParam, since: instantField }),
  ])
  .nullable();

export const commissionedDevice = z.object({
  gateway: gatewayParam,
  bus: z.string(),
  device: deviceField,
  profile: z.string(),
  /** Maker and models, when the gateway has said them. */
  model: z.string().nullable(),
  unitId: z.number(),
  channel: z.number().nullable(),
  /** `waiting`: declared here, and not in force at the gateway yet. */
  state: z.enum(['online', 'degraded', 'offline', 'unknown', 'waiting']),
  why: z.string().nullable(),
  /** A light that can be written. */
  canBlink: z.boolean(),
  bound: boundField,
  /** The last one asked of it, for an hour. */
  blink: z.object({ at: instantField, phase: z.enum([...REPORT_PHASES, 'sent']), why: z.string().nullable() }).nullable(),
});
export type CommissionedDevice = z.infer<typeof commissionedDevice>;

const busAnswer = z.object({
  bus: z.string(),
  kind: z.enum(['tcp', 'rtu-over-tcp', 'rtu']),
  /** Only the devices of a bus of the centre are declared here; the others are in the gateway’s file. */
  devicesFrom: z.enum(['file', 'centre']),
  /** Those of the file are counted, those of the centre listed. */
  devicesInForce: z.number(),
  devices: z.array(commissionedDevice),
});

const gatewayField = z.object({
  id: gatewayParam,
  state: z.enum(['online', 'offline', 'unknown']),
  since: instantField.nullable(),
  /** Whether it has the devices that are declared here. */
  applied: z.enum(['yes', 'waiting', 'refused', 'unknown']),
  why: z.string().nullable(),
  /** Null until the gateway has said its buses. */
  buses: z.array(busAnswer).nullable(),
  profiles: z.array(z.object({ profile: z.string(), model: z.string(), channels: z.number().nullable() })),
});
export type CommissionedGateway = z.infer<typeof gatewayField>;

/** A meter at a measurement point, with its first and its last index there; null where none was read near that instant. */
const meterPeriod = z.object({
  meter: z.string().nullable(),
  model: z.string().nullable(),
  device: z.string(),
  from: instantField,
  to: instantField.nullable(),
  first: figureField,
  last: figureField,
});
export type MeterPeriod = z.infer<typeof meterPeriod>;

const meteredPoint = z.object({
  id: pointParam,
  use: z.enum(POINT_USES),
  /** Newest first. The indexes of a dwelling are its tenant’s: none is shown. */
  meters: z.array(meterPeriod),
});
export type MeteredPoint = z.infer<typeof meteredPoint>;

export const commissioningAnswer = z.object({
  site: siteParam,
  name: z.string(),
  field: z.enum(['simulated', 'real']),
  timeZone: z.string(),
  now: instantField,
  clockSpeed: z.number(),
  gateways: z.array(gatewayField),
  /** Those without a device first, in the order of their labels. */
  lightPoints: z.array(z.object({ id: lightPointParam, label: z.string(), device: z.string().nullable() })),
  /** Those that a meter measures. */
  points: z.array(meteredPoint),
});
export type CommissioningAnswer = z.infer<typeof commissioningAnswer>;

const device = { kind: 'json', schema: commissionedDevice } as const;

export const readCommissioning = defineRoute({
  name: 'readCommissioning',
  method: 'GET',
  path: '/api/v1/sites/:site/commissioning',
  summary: 'Gateways, buses and devices of a site, and what each device is bound to',
  access,
  params: siteParams,
  answer: { kind: 'json', schema: commissioningAnswer },
});

export const declareDevices = defineRoute({
  name: 'declareDevices',
  method: 'POST',
  path: '/api/v1/sites/:site/gateways/:gateway/devices',
  summary: 'Declare what was found on a bus of the centre: all of it, or nothing',
  access,
  params: gatewayParams,
  body: z.strictObject({
    bus: busField,
    devices: z
      .array(
        z.strictObject({
          /** Made from its address when absent. */
          device: deviceField.optional(),
          profile: profileField,
          unitId: unitIdField,
          channel: channelField.default(null),
        }),
      )
      .min(1)
      .max(64),
  }),
  answer: { kind: 'json', status: 201, schema: z.object({ devices: z.array(commissionedDevice) }) },
});

export const withdrawDevice = defineRoute({
  name: 'withdrawDevice',
  method: 'DELETE',
  path: '/api/v1/sites/:site/gateways/:gateway/devices/:device',
  summary: 'Withdraw a declared device that is bound to nothing',
  access,
  params: deviceParams,
  answer: { kind: 'empty' },
});

export const blinkDevice = defineRoute({
  name: 'blinkDevice',
  method: 'POST',
  path: '/api/v1/sites/:site/gateways/:gateway/devices/:device/blink',
  summary: 'Make a light blink three times, to be recognised',
  access,
  params: deviceParams,
  answer: { ...device, status: 202 },
  requestsPerMinute: 30,
});

export const bindLightPoint = defineRoute({
  name: 'bindLightPoint',
  method: 'POST',
  path: '/api/v1/sites/:site/gateways/:gateway/devices/:device/light-point',
  summary: 'This device is on this column, from now on',
  access,
  params: deviceParams,
  body: z.strictObject({ lightPoint: lightPointParam }),
  answer: { ...device, status: 201 },
});

export const releaseLightPoint = defineRoute({
  name: 'releaseLightPoint',
  method: 'DELETE',
  path: '/api/v1/sites/:site/gateways/:gateway/devices/:device/light-point',
  summary: 'This device is no longer on its column',
  access,
  params: deviceParams,
  answer: device,
});

export const bindMeter = defineRoute({
  name: 'bindMeter',
  method: 'POST',
  path: '/api/v1/sites/:site/gateways/:gateway/devices/:device/meter',
  summary: 'This meter measures this point from an instant on; the former one ends there and the series goes on',
  access,
  params: deviceParams,
  /** Now when absent; else past, and after the former meter began and was last read. */
  body: z.strictObject({ point: pointParam, from: instantField.optional() }),
  answer: { ...device, status: 201 },
});

export const releaseMeter = defineRoute({
  name: 'releaseMeter',
  method: 'DELETE',
  path: '/api/v1/sites/:site/gateways/:gateway/devices/:device/meter',
  summary: 'Undo the binding of this meter: the former one goes on',
  access,
  params: deviceParams,
  answer: device,
});
