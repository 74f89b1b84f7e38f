import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { fault } from '#contract/errors.ts';
import type { Route } from '#contract/routes/route.ts';

const parsed = (schema: z.ZodType | undefined, value: unknown, place: 'params' | 'query' | 'body'): unknown => {
  if (schema === undefined) return undefined;
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const [issue] = outcome.error.issues;
  const path = [place, ...(issue?.path ?? [])].map(String).join('.');
  throw fault('REQUEST_INVALID', { path, problem: issue?.message ?? 'not valid' });
};

/** The path's parameters and the query through their schemas; `REQUEST_INVALID` names the first field that is wrong. */
export const readAddress = (route: Route, request: FastifyRequest): { params: unknown; query: unknown } => ({
  params: parsed(route.params, request.params, 'params'),
  query: parsed(route.query, request.query, 'query'),
});

/** The body through its schema. Read after the permission, so that a refusal never depends on what was sent. */
export const readBody = (route: Route, request: FastifyRequest): unknown => parsed(route.body, request.body ?? {}, 'body');

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** JSON for the API, forms for pages; anything else is `MEDIA_TYPE_UNKNOWN`. */
export const checkMediaType = (route: Route, request: FastifyRequest): void => {
  const given = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (given === undefined || route.body === undefined) return;
  const expected = route.answer.kind === 'page' ? FORM_TYPE : JSON_TYPE;
  if (given !== expected) throw fault('MEDIA_TYPE_UNKNOWN', { given, expected });
};
