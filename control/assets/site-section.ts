import { z } from 'zod';
import { busField, profileField, unitIdField } from '#contract/messages/field-devices.ts';
import {
  civilTimeField,
  deviceField,
  gatewayField,
  groupField,
  instantField,
  levelField,
  orderField,
  pointField,
} from '#contract/messages/fields.ts';
import { dwellingParam, lightPointParam, siteParam } from '#contract/routes/fields.ts';
import { POINT_USES } from '#domain/assets/measurement-point.ts';
import { type Instant, parseInstant, type TimeZone, timeZone } from '#domain/civil-time.ts';
import { type CabinetId, type CircuitId, IDENTIFIER_PATTERN, type MeterId } from '#domain/identifiers.ts';

const identifier = <T extends string>() =>
  z
    .string()
    .regex(
      IDENTIFIER_PATTERN,
      'an identifier has lower-case letters, digits and single hyphens, 64 at most',
    ) as unknown as z.ZodType<T, T>;

const label = z.string().min(1).max(80);
const instantText = instantField.transform((text): Instant => parseInstant(text));
const zoneName = z.string().transform((name, context): TimeZone => {
  try {
    return timeZone(name);
  } catch {
    context.addIssue({ code: 'custom', message: `"${name}" is not an IANA time zone, such as Europe/Paris` });
    return z.NEVER;
  }
});

export const luminaireModel = z.strictObject({
  id: orderField,
  maker: label,
  model: label,
  fictitious: z.boolean().default(false),
  standbyPowerW: z.number().min(0).max(50),
  powerShares: z
    .array(z.strictObject({ levelPercent: z.int().min(1).max(100), share: z.number().positive().max(1) }))
    .min(1)
    .max(100)
    .refine((rows) => rows.every((row, index) => (rows[index - 1]?.levelPercent ?? 0) < row.levelPercent), 'levels must ascend')
    .refine((rows) => rows.at(-1)?.levelPercent === 100, 'the last level must be 100'),
});

const binding = z.strictObject({
  meter: identifier<MeterId>().nullable().default(null),
  gateway: gatewayField,
  device: deviceField,
  from: instantText,
  to: instantText.nullable().default(null),
});

const cabinet = z.strictObject({
  id: identifier<CabinetId>(),
  label,
  gateway: gatewayField,
  fictitious: z.boolean().default(false),
  meterPoint: pointField.nullable().default(null),
  controllerPoint: pointField.nullable().default(null),
  circuits: z.array(z.strictObject({ id: identifier<CircuitId>(), label })).min(1),
});

const column = {
  id: lightPointParam,
  label,
  circuit: identifier<CircuitId>(),
  model: orderField,
  ratedPowerW: z.number().positive().max(2000),
  point: pointField,
} as const;

const lightPoint = z.strictObject({
  ...column,
  shortAddress: z.int().min(0).max(63),
  gateway: gatewayField,
  device: deviceField,
  /** When this device began to give this point its readings. */
  since: instantText,
});

/** A device on a bus that its gateway leaves to the centre, as a scan found it. */
const fieldDevice = z.strictObject({
  gateway: gatewayField,
  bus: busField,
  device: deviceField,
  profile: profileField,
  unitId: unitIdField,
  channel: z.int().min(0).max(255).nullable().default(null),
});

const sensor = z.strictObject({
  id: deviceField,
  measures: z.enum(['light', 'presence']),
  label,
  fictitious: z.boolean().default(false),
  gateway: gatewayField,
  point: pointField,
  since: instantText,
});

const target = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('group'), group: groupField }),
  z.strictObject({ kind: z.literal('light-point'), lightPoint: lightPointParam }),
]);

const program = z.strictObject({
  id: orderField,
  name: label,
  activePeriods: z
    .array(z.strictObject({ sunsetOffset: z.int().min(-720).max(720), sunriseOffset: z.int().min(-720).max(720) }))
    .max(20),
  fixedTimeControls: z
    .array(z.strictObject({ startTime: civilTimeField, levelPercent: levelField }))
    .max(100)
    .refine((rows) => rows.every((row, index) => (rows[index - 1]?.startTime ?? '') < row.startTime), 'start times must ascend'),
});

export const siteSection = z.strictObject({
  id: siteParam,
  kind: z.enum(['lighting', 'building']),
  name: label,
  position: z.strictObject({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) }),
  timeZone: zoneName,
  gateways: z.array(gatewayField).min(1),
  cabinets: z.array(cabinet).default([]),
  lightPoints: z.array(lightPoint).default([]),
  /** Columns on which no luminaire was commissioned yet. */
  plannedLightPoints: z.array(z.strictObject(column)).default([]),
  /** Declared when the registry does not know them; what is on the phone since then stays. */
  fieldDevices: z.array(fieldDevice).default([]),
  groups: z.array(z.strictObject({ id: groupField, label, lightPoints: z.array(lightPointParam).min(1) })).default([]),
  meters: z
    .array(
      z.strictObject({
        id: identifier<MeterId>(),
        maker: label,
        model: label,
        deliveryPoint: z
          .string()
          .regex(/^\d{14}$/, 'a delivery point (PRM) has 14 digits')
          .nullable()
          .default(null),
      }),
    )
    .default([]),
  sensors: z.array(sensor).default([]),
  measurementPoints: z
    .array(
      z.strictObject({
        id: pointField,
        use: z.enum(POINT_USES),
        dwelling: dwellingParam.nullable().default(null),
        /** None yet where the meter is commissioned on a phone. */
        bindings: z.array(binding).default([]),
      }),
    )
    .default([]),
  programs: z.array(program).max(100).default([]),
  assignments: z.array(z.strictObject({ target, program: orderField })).default([]),
});
export type SiteSection = z.output<typeof siteSection>;

/** A file without its housing section. */
export interface FieldSections {
  readonly luminaireModels: readonly z.output<typeof luminaireModel>[];
  readonly sites: readonly SiteSection[];
}
