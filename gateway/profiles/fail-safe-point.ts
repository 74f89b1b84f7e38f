import { z } from 'zod';
import { addressField, layoutFields, type PointProblem, problemsOfLayout, stepField } from './profile-point.ts';

/**
 * What a register commands that acts without us: how long the device waits after the last word of its master, what it does
 * then, and what it does when its supply comes back.
 */
export const FAIL_SAFE_MEANINGS = [
  'link-loss-time',
  'link-loss-action',
  'link-loss-level',
  'link-loss-contactor',
  'power-on-action',
  'power-on-level',
] as const;
export type FailSafeMeaning = (typeof FAIL_SAFE_MEANINGS)[number];

/** A holding register. Those of a page are programmed in its order: a level before the action that applies it. */
export const failSafeField = z.strictObject({
  means: z.enum(FAIL_SAFE_MEANINGS),
  address: addressField,
  step: stepField,
  ...layoutFields,
  /** The register's number for the action to take, or for closed contactors (open is 0). */
  value: z.int().min(0).max(65_535).optional(),
  /** Of a time, in seconds: what the device accepts. */
  min: z.int().min(0).optional(),
  max: z.int().min(1).optional(),
  /** Absent: the device lets nobody write it here. It is verified, and what differs is told. */
  write: z
    .strictObject({
      functionCode: z.union([z.literal(6), z.literal(16)]),
      /** When it is written elsewhere than it is read. */
      address: addressField.optional(),
      /** Added to the number, for a register that takes a command and its argument in one. */
      plus: z.int().min(0).max(65_535).optional(),
    })
    .optional(),
});
export type FailSafePoint = z.infer<typeof failSafeField>;

const NEEDS: Readonly<Record<FailSafeMeaning, readonly ('value' | 'level' | 'min' | 'max')[]>> = {
  'link-loss-time': ['min', 'max'],
  'link-loss-action': ['value'],
  'link-loss-level': ['level'],
  'link-loss-contactor': ['value'],
  'power-on-action': ['value'],
  'power-on-level': ['level'],
};

/** What no schema can say of one register. */
export const problemsOfFailSafe = (point: FailSafePoint): readonly PointProblem[] => {
  const needed = NEEDS[point.means];
  const lacking = needed.filter((key) => point[key] === undefined);
  const foreign = (['value', 'level', 'min', 'max'] as const).filter((key) => point[key] !== undefined && !needed.includes(key));
  return [
    ...problemsOfLayout(point),
    ...lacking.map((key) => ({ key, message: `${point.means} needs ${key}` })),
    ...foreign.map((key) => ({ key, message: `${point.means} has no ${key}` })),
  ];
};
