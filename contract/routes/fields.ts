import { z } from 'zod';
import { instantField } from '#contract/messages/fields.ts';
import { QUALITIES } from '#contract/quantities.ts';
import type { DwellingId, GatewayId, GroupId, LightPointId, PointId, SiteId } from '#domain/identifiers.ts';
import { IDENTIFIER_PATTERN } from '#domain/identifiers.ts';

const identifier = <T extends string>() =>
  z.string().regex(IDENTIFIER_PATTERN, 'not an identifier') as unknown as z.ZodType<T, T>;

export const siteParam = identifier<SiteId>();
export const dwellingParam = identifier<DwellingId>();
export const lightPointParam = identifier<LightPointId>();
export const gatewayParam = identifier<GatewayId>();
export const groupParam = identifier<GroupId>();
export const pointParam = identifier<PointId>();

/** A figure is never bare: it comes with the instant it is of and what it is worth. Null is unknown, never 0. */
export const figureField = z.object({
  value: z.number().nullable(),
  at: instantField.nullable(),
  quality: z.enum(QUALITIES),
});
export type Figure = z.infer<typeof figureField>;

/** An amount of euros, to the cent, with what it is worth. */
export const amountField = z.object({ euros: z.number().nullable(), quality: z.enum(['measured', 'estimated', 'missing']) });
export type Amount = z.infer<typeof amountField>;

export const errorAnswer = z.object({
  code: z.string(),
  what: z.string(),
  next: z.string(),
  path: z.string().optional(),
});
export type ErrorAnswer = z.infer<typeof errorAnswer>;
