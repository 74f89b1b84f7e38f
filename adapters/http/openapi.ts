import { z } from 'zod';
import { errorAnswer } from '#contract/routes/fields.ts';
import { needsSession, type Route } from '#contract/routes/route.ts';
import { parameterNames } from './request-address.ts';

type JsonObject = Record<string, unknown>;

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): JsonObject => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', unrepresentable: 'any', io });
  return rest;
};

/** `:name` of our paths is `{name}` in OpenAPI. */
const openApiPath = (path: string): string => path.replaceAll(/:([A-Za-z]\w*)/g, '{$1}');

const parametersOf = (route: Route): JsonObject[] => {
  const described = (schema: z.ZodType | undefined, place: 'path' | 'query'): JsonObject[] => {
    if (schema === undefined) return [];
    const { properties = {}, required = [] } = schemaOf(schema, 'input') as { properties?: JsonObject; required?: string[] };
    return Object.entries(properties).map(([name, property]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      schema: property,
    }));
  };
  const fromPath = described(route.params, 'path');
  const undescribed = parameterNames(route.path).filter((name) => !fromPath.some((parameter) => parameter['name'] === name));
  return [
    ...fromPath,
    ...undescribed.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...described(route.query, 'query'),
  ];
};

const successOf = (route: Route): JsonObject => {
  switch (route.answer.kind) {
    case 'json': {
      const content = { 'application/json': { schema: schemaOf(route.answer.schema, 'output') } };
      return { [String(route.answer.status ?? 200)]: { description: route.summary, content } };
    }
    case 'empty':
      return { '204': { description: route.summary } };
    case 'events': {
      const content = { 'text/event-stream': { schema: schemaOf(route.answer.schema, 'output') } };
      return { '200': { description: `${route.summary}; each event's data is this document`, content } };
    }
    case 'lines': {
      const content = { 'text/csv': {}, 'application/jsonl': {} };
      return { '200': { description: `${route.summary}; sent as it is made`, content } };
    }
    case 'page':
      return { '200': { description: route.summary, content: { 'text/html': {} } } };
  }
};

const error = (description: string): JsonObject => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
});

const errorsOf = (route: Route): JsonObject => ({
  ...(needsSession(route) ? { '401': error('No session, or one that was closed') } : {}),
  ...(route.access.kind === 'permission' ? { '404': error('Nothing here for this session, whether it exists or not') } : {}),
  default: error('Any other error of the catalogue'),
});

const accessSentence = (route: Route): string => {
  switch (route.access.kind) {
    case 'public':
      return 'Needs no session.';
    case 'claim':
      return 'Needs no session: the claim in the body is the credential, and serves once.';
    case 'session':
      return 'Needs a session; the answer holds only what it may see.';
    case 'permission':
      return `Needs the permission ${route.access.anyOf.join(' or ')} on the ${route.access.on.kind}.`;
  }
};

const operationOf = (route: Route): JsonObject => {
  const parameters = parametersOf(route);
  return {
    operationId: route.name,
    summary: route.summary,
    description: accessSentence(route),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } } }),
    responses: { ...successOf(route), ...errorsOf(route) },
    security: needsSession(route) ? [{ session: [] }] : [],
  };
};

/**
 * The interface as an OpenAPI 3.1 document, from the routes alone: pages are left out, the rest is in order of path.
 * Pure, so that the running server and the generated document cannot differ.
 */
export const buildOpenApi = (routes: readonly Route[], version: string): JsonObject => {
  const paths: Record<string, JsonObject> = {};
  const described = routes.filter((route) => route.answer.kind !== 'page' && (route.answer.kind !== 'events' || isApi(route)));
  for (const route of described.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    const path = openApiPath(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Axone',
      version,
      description: 'Public lighting and the energy of social housing. Instants are ISO 8601 in UTC; quantities carry their unit.',
      license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
    },
    paths,
    components: {
      schemas: { Error: schemaOf(errorAnswer, 'output') },
      securitySchemes: {
        session: { type: 'http', scheme: 'bearer', description: 'The token of POST /api/v1/session' },
      },
    },
  };
};

const isApi = (route: Route): boolean => route.path.startsWith('/api/');
