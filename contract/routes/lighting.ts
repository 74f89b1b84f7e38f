import { z } from 'zod';
import { instantField, levelField, reasonField } from '#contract/messages/fields.ts';
import { REPORT_PHASES } from '#contract/messages/report.ts';
import { figureField, groupParam, lightPointParam, siteParam } from './fields.ts';
import { defineRoute } from './route.ts';

const onSite = { kind: 'site', param: 'site' } as const;
const siteParams = z.strictObject({ site: siteParam });
const overrideParams = z.strictObject({ site: siteParam, override: z.string().max(64) });

export const overrideTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('group'), group: groupParam }),
  z.strictObject({ kind: z.literal('light-point'), lightPoint: lightPointParam }),
]);

/** Phase of an order for one light point, and what proves it. */
const followUpLine = z.object({
  lightPoint: lightPointParam,
  label: z.string(),
  phase: z.enum([...REPORT_PHASES, 'sent']),
  at: instantField.nullable(),
  observedW: z.number().nullable(),
  expectedW: z.number().nullable(),
  why: z.string().nullable(),
});

export const overrideAnswer = z.object({
  id: z.string(),
  target: overrideTarget,
  levelPercent: levelField,
  startsAt: instantField,
  endsAt: instantField,
  /** Set when somebody ended it before its end. */
  endedAt: instantField.nullable(),
  by: z.string(),
  reason: z.string(),
  /** Furthest phase reached, counted by light point. */
  phases: z.object({
    sent: z.number(),
    accepted: z.number(),
    applied: z.number(),
    proved: z.number(),
    'not-provable': z.number(),
    rejected: z.number(),
    expired: z.number(),
    failed: z.number(),
  }),
  lines: z.array(followUpLine),
});
export type OverrideAnswer = z.infer<typeof overrideAnswer>;

/** Why a level is asked: the rung of the chain that decided. */
export const whyAnswer = z.object({
  rung: z.enum(['safety', 'override', 'sensor', 'calendar', 'program', 'default']),
  /** Name of the program, reason of the override or of the safety floor, or the sensor. */
  what: z.string(),
  by: z.string().nullable(),
  version: z.number().nullable(),
  /** The calendar that chose the program, and by which rule, from 1; null is its default program. */
  calendar: z.object({ name: z.string(), rule: z.number().nullable() }).nullable().optional(),
  nextChangeAt: instantField.nullable(),
});

export const lightPointAnswer = z.object({
  id: lightPointParam,
  /** What is painted on the column, such as REP-07. */
  label: z.string(),
  groups: z.array(groupParam),
  ratedPowerW: z.number(),
  /** Asked, in effect, observed: three facts, never one. */
  commandedLevelPercent: figureField,
  effectiveLevelPercent: figureField,
  activePowerW: figureField,
  /** What the effective level should draw, from the maker's table; null when the level is unknown. */
  expectedPowerW: z.number().nullable(),
  observed: z.enum(['proved', 'not-provable', 'differs', 'unknown']),
  gearTemperatureC: figureField,
  activeEnergyWh: figureField,
  operatingHoursH: figureField,
  lampFailure: z.boolean().nullable(),
  availability: z.enum(['online', 'degraded', 'offline', 'unknown']),
  /** Level asked now, resolved at the centre from the same documents. */
  askedLevelPercent: z.number(),
  why: whyAnswer,
  override: z.string().nullable(),
});
export type LightPointAnswer = z.infer<typeof lightPointAnswer>;

export const streetAnswer = z.object({
  site: siteParam,
  name: z.string(),
  /** Simulated equipment is said to be so on every screen. */
  field: z.enum(['simulated', 'real']),
  timeZone: z.string(),
  now: instantField,
  /** Civil seconds in one elapsed second; 1 unless the clock is simulated. */
  clockSpeed: z.number(),
  sunsetAt: instantField.nullable(),
  sunriseAt: instantField.nullable(),
  gateway: z.object({
    id: z.string(),
    state: z.enum(['online', 'offline', 'unknown']),
    since: instantField.nullable(),
    outboxDepth: z.number().nullable(),
    programsApplied: z.enum(['yes', 'waiting', 'refused', 'unknown']),
    overridesApplied: z.enum(['yes', 'waiting', 'refused', 'unknown']),
  }),
  cabinet: z.object({
    id: z.string(),
    label: z.string(),
    fictitious: z.boolean(),
    activePowerW: figureField,
    energyImportedWh: figureField,
    doorOpen: z.boolean().nullable(),
    breakersTripped: z.number().nullable(),
  }),
  program: z.object({
    id: z.string(),
    name: z.string(),
    version: z.number(),
    by: z.string(),
    sentence: z.object({ fr: z.string(), en: z.string() }),
  }),
  groups: z.array(z.object({ id: groupParam, label: z.string(), lightPoints: z.number() })),
  lightPoints: z.array(lightPointAnswer),
  /** Sum of the known powers, with how many light points are in it. */
  totalPowerW: z.object({ value: z.number().nullable(), known: z.number(), of: z.number() }),
  illuminanceLx: figureField,
  presence: z.boolean().nullable(),
  /** In force or to come, by end. */
  overrides: z.array(overrideAnswer.omit({ lines: true })),
  events: z.array(
    z.object({
      event: z.string(),
      at: instantField,
      lightPoint: lightPointParam.nullable(),
      label: z.string().nullable(),
      detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    }),
  ),
  lastReadingAt: instantField.nullable(),
});
export type StreetAnswer = z.infer<typeof streetAnswer>;

export const listSites = defineRoute({
  name: 'listSites',
  method: 'GET',
  path: '/api/v1/sites',
  summary: 'Sites this session may see',
  access: { kind: 'session' },
  answer: {
    kind: 'json',
    schema: z.object({ sites: z.array(z.object({ id: siteParam, name: z.string(), kind: z.enum(['lighting', 'building']) })) }),
  },
});

export const readStreet = defineRoute({
  name: 'readStreet',
  method: 'GET',
  path: '/api/v1/sites/:site/street',
  summary: 'A street: its cabinet, its light points, asked, in effect and observed',
  access: { kind: 'permission', anyOf: ['lighting.read'], on: onSite },
  params: siteParams,
  answer: { kind: 'json', schema: streetAnswer },
});

/** The end is required; a telecommand leaves at once and the override is retained at the gateway. */
export const beginOverride = defineRoute({
  name: 'beginOverride',
  method: 'POST',
  path: '/api/v1/sites/:site/overrides',
  summary: 'Set light points to a level until an end',
  access: { kind: 'permission', anyOf: ['lighting.override'], on: onSite },
  params: siteParams,
  body: z.strictObject({ target: overrideTarget, levelPercent: levelField, endsAt: instantField, reason: reasonField }),
  answer: { kind: 'json', status: 202, schema: overrideAnswer },
});

export const readOverride = defineRoute({
  name: 'readOverride',
  method: 'GET',
  path: '/api/v1/sites/:site/overrides/:override',
  summary: 'Follow an override: accepted, applied, proved',
  access: { kind: 'permission', anyOf: ['lighting.read'], on: onSite },
  params: overrideParams,
  answer: { kind: 'json', schema: overrideAnswer },
});

export const endOverride = defineRoute({
  name: 'endOverride',
  method: 'DELETE',
  path: '/api/v1/sites/:site/overrides/:override',
  summary: 'Return to the program before the end',
  access: { kind: 'permission', anyOf: ['lighting.override'], on: onSite },
  params: overrideParams,
  answer: { kind: 'json', schema: overrideAnswer },
});
