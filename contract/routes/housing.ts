import { z } from 'zod';
import { instantField } from '#contract/messages/fields.ts';
import { amountField, dwellingParam, figureField, siteParam } from './fields.ts';
import { defineRoute } from './route.ts';

/** The dated, sourced tariff behind an amount. */
const tariffAnswer = z.object({
  name: z.string(),
  from: z.string(),
  energyEuroCentsPerKWh: z.number(),
  /** Null where no source gives it: amounts are then unknown. */
  standingEurosPerMonth: z.number().nullable(),
  source: z.string(),
});

export const buildingAnswer = z.object({
  site: siteParam,
  name: z.string(),
  field: z.enum(['simulated', 'real']),
  timeZone: z.string(),
  now: instantField,
  clockSpeed: z.number(),
  commonParts: z.object({
    activePowerW: figureField,
    /** Since the civil midnight. */
    todayWh: figureField,
    today: amountField,
    yesterdayWh: figureField,
    /** Mean power by step of today, null where nothing was measured. */
    curve: z.object({ stepSeconds: z.number(), startsAt: instantField, meanPowerW: z.array(z.number().nullable()) }),
    tariff: tariffAnswer,
  }),
  /** Yesterday's total of the dwellings, as one publishable cell, or why it is masked. */
  dwellings: z.discriminatedUnion('state', [
    z.object({
      state: z.literal('published'),
      date: z.string(),
      energyWh: z.number(),
      dwellings: z.number(),
      quality: z.enum(['measured', 'estimated']),
    }),
    z.object({
      state: z.literal('masked'),
      date: z.string(),
      reason: z.enum(['fewer-than-11', 'one-share-too-large', 'composition-changed', 'not-yet']),
    }),
  ]),
  gateway: z.object({ id: z.string(), state: z.enum(['online', 'offline', 'unknown']), since: instantField.nullable() }),
  lastReadingAt: instantField.nullable(),
});
export type BuildingAnswer = z.infer<typeof buildingAnswer>;

export const homeAnswer = z.object({
  dwelling: dwellingParam,
  displayName: z.string(),
  field: z.enum(['simulated', 'real']),
  timeZone: z.string(),
  now: instantField,
  clockSpeed: z.number(),
  grain: z.enum(['day', '30min']),
  /** Standing charge of the day included. */
  yesterday: amountField.extend({ date: z.string() }),
  /** Only with a finer consent: until the end of the last complete step. */
  today: amountField.extend({ until: instantField.nullable() }).nullable(),
  standingEurosPerDay: z.number().nullable(),
  /** Against the same weekday before, in euros; null without that measure. */
  state: z.enum(['as-usual', 'a-little-more', 'much-more', 'no-measure', 'not-enough-history']),
  lastReadingAt: instantField.nullable(),
  tariff: tariffAnswer,
});
export type HomeAnswer = z.infer<typeof homeAnswer>;

export const homeDetailsAnswer = z.object({
  dwelling: dwellingParam,
  grain: z.enum(['day', '30min']),
  timeZone: z.string(),
  now: instantField,
  field: z.enum(['simulated', 'real']),
  clockSpeed: z.number(),
  days: z.array(
    z.object({
      date: z.string(),
      energyWh: z.number().nullable(),
      euros: z.number().nullable(),
      quality: z.enum(['measured', 'estimated', 'missing']),
    }),
  ),
  /** Today by half-hour; null unless the tenant chose the finer measure. */
  today: z
    .array(
      z.object({
        startsAt: instantField,
        energyWh: z.number().nullable(),
        quality: z.enum(['measured', 'estimated', 'missing']),
      }),
    )
    .nullable(),
  tariff: tariffAnswer,
});
export type HomeDetailsAnswer = z.infer<typeof homeDetailsAnswer>;

export const readBuilding = defineRoute({
  name: 'readBuilding',
  method: 'GET',
  path: '/api/v1/sites/:site/building',
  summary: 'A building: its common parts, and yesterday’s total of its dwellings as one publishable cell',
  access: { kind: 'permission', anyOf: ['building.read'], on: { kind: 'site', param: 'site' } },
  params: z.strictObject({ site: siteParam }),
  answer: { kind: 'json', schema: buildingAnswer },
});

export const readHome = defineRoute({
  name: 'readHome',
  method: 'GET',
  path: '/api/v1/dwellings/:dwelling/home',
  summary: 'A tenant’s own home, in euros',
  access: { kind: 'permission', anyOf: ['dwelling.read'], on: { kind: 'dwelling', param: 'dwelling' } },
  params: z.strictObject({ dwelling: dwellingParam }),
  answer: { kind: 'json', schema: homeAnswer },
});

export const readHomeDetails = defineRoute({
  name: 'readHomeDetails',
  method: 'GET',
  path: '/api/v1/dwellings/:dwelling/details',
  summary: 'A tenant’s own energy, by day, and by half-hour when he chose so',
  access: { kind: 'permission', anyOf: ['dwelling.read'], on: { kind: 'dwelling', param: 'dwelling' } },
  params: z.strictObject({ dwelling: dwellingParam }),
  answer: { kind: 'json', schema: homeDetailsAnswer },
});
