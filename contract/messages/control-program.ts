import { z } from 'zod';
import type { CivilTime } from '#domain/civil-time.ts';
import type { ActivePeriod, ControlProgram, SensorReference } from '#domain/lighting/control-program.ts';
import { EFFECT_OPERATIONS } from '#domain/lighting/effect-operation.ts';
import { byField, civilTimeField, levelField, orderField } from './fields.ts';

/** Control programs as they travel: the words, ranges and orders of TALQ 2.7.1. */
const timeField = civilTimeField as unknown as z.ZodType<CivilTime, CivilTime>;
const minutesField = z.int().min(-720).max(720);
const beforeField = z.int().min(0).max(720);

const sensorField = z
  .string()
  .max(130)
  .regex(
    /^[a-z0-9]+(?:-[a-z0-9]+)*\/[A-Za-z]+$/,
    'a sensor is a device and one of its quantities, such as detecteur-01/presence',
  );

const sensorReferenceField: z.ZodType<SensorReference, SensorReference> = z.strictObject({
  sensorAddresses: z.array(sensorField).min(1).max(2),
});

const thresholds = { onLevel: z.number(), offLevel: z.number() };
const ARE_ORDERED = 'onLevel must not be above offLevel';
const areOrdered = ({ onLevel, offLevel }: { onLevel?: number | undefined; offLevel?: number | undefined }): boolean =>
  onLevel === undefined || offLevel === undefined || onLevel <= offLevel;

const activePeriodField: z.ZodType<ActivePeriod, ActivePeriod> = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('AbsoluteActivePeriod'), startTime: timeField, endTime: timeField }),
  z.strictObject({ name: z.literal('AstroClockActivePeriod'), sunsetOffset: minutesField, sunriseOffset: minutesField }),
  z
    .strictObject({ name: z.literal('SensorActivePeriod'), sensor: sensorReferenceField, ...thresholds })
    .refine(areOrdered, ARE_ORDERED),
  z
    .strictObject({
      name: z.literal('AstroAndSensorActivePeriod'),
      sensor: sensorReferenceField,
      sunsetOffset: minutesField,
      sunriseOffset: minutesField,
      pcActiveBeforeSunset: beforeField,
      pcActiveBeforeSunrise: beforeField,
      onLevel: thresholds.onLevel.optional(),
      offLevel: thresholds.offLevel.optional(),
    })
    .refine(({ onLevel, offLevel }) => (onLevel === undefined) === (offLevel === undefined), 'onLevel and offLevel come together')
    .refine(areOrdered, ARE_ORDERED),
  z.strictObject({
    name: z.literal('ValueActivePeriod'),
    reference: sensorField,
    operator: z.enum(['EQ', 'NE', 'GE', 'GT', 'LE', 'LT']),
    value: z.number(),
  }),
]);

const effect = {
  source: z.strictObject({ sensor: sensorReferenceField }),
  operation: z.enum(EFFECT_OPERATIONS),
  /** Seconds. */
  holdTime: z.number().min(0).max(86_400).optional(),
};

const dynamicControlField = z.strictObject({
  period: z.strictObject({ startTime: timeField, endTime: timeField }).optional(),
  effect: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('FixedControlEffect'), levelPercent: levelField, ...effect }),
    z.strictObject({ type: z.literal('ExternalControlEffect'), ...effect }),
  ]),
});

/** Seconds may be written or not: 23:00 and 23:00:00 are one time. */
const secondsOf = (time: CivilTime): string => (time.length === 5 ? `${time}:00` : time);

const fixedTimeControlsField = z
  .array(z.strictObject({ startTime: timeField, levelPercent: levelField }))
  .max(100)
  .superRefine((controls, context) => {
    for (const [index, { startTime }] of controls.entries()) {
      const before = controls[index - 1];
      if (before !== undefined && secondsOf(before.startTime) >= secondsOf(startTime))
        context.addIssue({ code: 'custom', path: [index, 'startTime'], message: 'start times must ascend, no two alike' });
    }
  });

export const controlProgramField: z.ZodType<ControlProgram, ControlProgram> = z.strictObject({
  id: orderField,
  version: z.int().min(1),
  name: z.string().min(1).max(80),
  by: byField,
  activePeriods: z.array(activePeriodField).max(20),
  fixedTimeControls: fixedTimeControlsField,
  astroClockTimeControls: z
    .array(
      z.strictObject({
        solarEventType: z.enum(['sunset', 'sunrise']),
        offset: minutesField,
        operation: z.enum(EFFECT_OPERATIONS),
        levelPercent: levelField,
      }),
    )
    .max(20)
    .optional(),
  dynamicControls: z.array(dynamicControlField).max(20).optional(),
});
