import { z } from 'zod';
import { instantField } from '#contract/messages/fields.ts';
import { dwellingParam, siteParam } from './fields.ts';
import { defineRoute } from './route.ts';

export const hatAnswer = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['technician', 'landlord']), organisation: z.string(), sites: z.array(siteParam) }),
  z.object({ role: z.literal('tenant'), dwelling: dwellingParam }),
  z.object({ role: z.literal('admin'), organisation: z.string() }),
]);

export const accountAnswer = z.object({ account: z.string(), displayName: z.string(), hats: z.array(hatAnswer) });
export type AccountAnswer = z.infer<typeof accountAnswer>;

/** Staff by e-mail and password; tenants by the 8-character code of their letter and 4 digits. */
export const openSession = defineRoute({
  name: 'openSession',
  method: 'POST',
  path: '/api/v1/session',
  summary: 'Sign in and receive a bearer token',
  access: { kind: 'public' },
  body: z.union([
    z.strictObject({ email: z.string().min(3).max(254), password: z.string().min(1).max(200) }),
    z.strictObject({ letterCode: z.string().min(8).max(12), digits: z.string().regex(/^\d{4}$/, '4 digits') }),
  ]),
  answer: { kind: 'json', status: 201, schema: z.object({ token: z.string(), expiresAt: instantField, account: accountAnswer }) },
  requestsPerMinute: 30,
});

export const readSession = defineRoute({
  name: 'readSession',
  method: 'GET',
  path: '/api/v1/session',
  summary: 'Who this session belongs to',
  access: { kind: 'session' },
  answer: { kind: 'json', schema: accountAnswer },
});

/** Revokes the session at once, on every service. */
export const closeSession = defineRoute({
  name: 'closeSession',
  method: 'DELETE',
  path: '/api/v1/session',
  summary: 'Sign out',
  access: { kind: 'session' },
  answer: { kind: 'empty' },
});
