import { z } from 'zod';
import { instantField } from '#contract/messages/fields.ts';
import { siteParam } from './fields.ts';
import { defineRoute } from './route.ts';

const serviceState = z.object({
  name: z.string(),
  state: z.enum(['starting', 'ready', 'degraded', 'stopped']),
  why: z.string().optional(),
  figures: z.record(z.string(), z.number()).optional(),
});

/** The process is alive; state per service. 200 as long as it answers. */
export const readHealth = defineRoute({
  name: 'readHealth',
  method: 'GET',
  path: '/health',
  summary: 'Alive, with the state of each service',
  access: { kind: 'public' },
  answer: { kind: 'json', schema: z.object({ alive: z.literal(true), version: z.string(), services: z.array(serviceState) }) },
});

/** Answers 200 when every service is ready, 503 else. */
export const readReadiness = defineRoute({
  name: 'readReadiness',
  method: 'GET',
  path: '/ready',
  summary: 'Ready to serve',
  access: { kind: 'public' },
  answer: { kind: 'json', schema: z.object({ ready: z.literal(true) }) },
});

export const readOpenApi = defineRoute({
  name: 'readOpenApi',
  method: 'GET',
  path: '/api/v1/openapi.json',
  summary: 'This interface as OpenAPI 3.1',
  access: { kind: 'public' },
  answer: { kind: 'json', schema: z.record(z.string(), z.unknown()) },
});

/** What ingest refused, newest first. */
export const readQuarantine = defineRoute({
  name: 'readQuarantine',
  method: 'GET',
  path: '/api/v1/quarantine',
  summary: 'Messages that were refused, with their reason',
  access: { kind: 'permission', anyOf: ['platform.read'], on: { kind: 'platform' } },
  answer: {
    kind: 'json',
    schema: z.object({
      messages: z.array(
        z.object({ receivedAt: instantField, topic: z.string(), code: z.string(), why: z.string(), excerpt: z.string() }),
      ),
    }),
  },
});

/** Who did what, newest first. */
export const readJournal = defineRoute({
  name: 'readJournal',
  method: 'GET',
  path: '/api/v1/sites/:site/journal',
  summary: 'Actions on a street, with who and why',
  access: { kind: 'permission', anyOf: ['lighting.read'], on: { kind: 'site', param: 'site' } },
  params: z.strictObject({ site: siteParam }),
  answer: {
    kind: 'json',
    schema: z.object({
      entries: z.array(
        z.object({ at: instantField, by: z.string(), action: z.string(), object: z.string(), detail: z.string() }),
      ),
    }),
  },
});

/** An invalidation says what changed, never a value: the reader reads again through the permission check. */
export const changeEvent = z.object({ changed: z.enum(['street', 'building', 'home', 'session']), id: z.string() });
export type ChangeEvent = z.infer<typeof changeEvent>;

export const followChanges = defineRoute({
  name: 'followChanges',
  method: 'GET',
  path: '/api/v1/changes',
  summary: 'Invalidations of what this session may read, as server-sent events',
  access: { kind: 'session' },
  answer: { kind: 'events', schema: changeEvent },
});
