import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import { type LinesAnswer, type MountedRoute, needsSession, type PageAnswer } from '#contract/routes/route.ts';
import type { PointId } from '#domain/identifiers.ts';
import type { Principal, Resource } from '#domain/people/permission.ts';
import { checkAccess } from './access-check.ts';
import { eventStream } from './event-stream.ts';
import type { OpenStreams } from './open-streams.ts';
import { refuseForgedOrigin } from './origin-check.ts';
import { replyPage } from './page-reply.ts';
import { checkMediaType, readAddress, readBody } from './request-fields.ts';
import type { RequestLimits } from './request-limits.ts';
import { sessionToken } from './session-token.ts';

export interface ServingMeans {
  readonly clock: Clock;
  readonly authenticate: (token: string) => Promise<Principal | null>;
  readonly resolvePoint: (point: PointId) => Promise<Resource | null>;
  readonly trustedOrigin: string | null;
  readonly secure: boolean;
  readonly limits: RequestLimits;
  readonly streams: OpenStreams;
}

type Handler = (request: unknown) => Promise<unknown>;

const signalOf = (reply: FastifyReply): AbortSignal => {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
};

const authenticated = async (mounted: MountedRoute, request: FastifyRequest, means: ServingMeans): Promise<Principal | null> => {
  const token = sessionToken(mounted.route, request);
  const principal = token === null ? null : await means.authenticate(token);
  if (token !== null && principal === null) await means.limits.countRefusedSession(request);
  await means.limits.count(mounted.route, request, principal);
  if (principal === null && needsSession(mounted.route)) throw fault('SIGN_IN_REQUIRED');
  return principal;
};

/** Sends what the handler answered, through the route's schema: fields that the schema does not name never leave. */
const sendAnswer = (mounted: MountedRoute, reply: FastifyReply, answer: unknown, secure: boolean): FastifyReply => {
  const { route } = mounted;
  switch (route.answer.kind) {
    case 'json': {
      const outcome = route.answer.schema.safeParse(answer);
      if (!outcome.success) {
        const [issue] = outcome.error.issues;
        throw new TypeError(`The answer of ${route.name} is not its schema's, at ${issue?.path.join('.')}: ${issue?.message}`);
      }
      const text = JSON.stringify(outcome.data);
      return reply
        .code(route.answer.status ?? 200)
        .type('application/json; charset=utf-8')
        .send(text);
    }
    case 'empty':
      return reply.code(204).send();
    case 'page':
      return replyPage(reply, answer as PageAnswer, secure);
    case 'lines': {
      const { contentType, fileName, lines } = answer as LinesAnswer;
      return reply
        .code(200)
        .type(contentType)
        .header('content-disposition', `attachment; filename="${fileName}"`)
        .send(Readable.from(lines));
    }
    case 'events':
      throw new TypeError(`${route.name} is a stream`);
  }
};

const sendEvents = async (
  mounted: MountedRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  fields: Readonly<Record<string, unknown>> & { readonly principal: Principal | null; readonly signal: AbortSignal },
  means: ServingMeans,
): Promise<FastifyReply> => {
  const { route } = mounted;
  if (route.answer.kind !== 'events') throw new TypeError(`${route.name} is no stream`);
  const stream = means.streams.open(fields.principal?.session ?? '');
  const signal = AbortSignal.any([fields.signal, stream.signal]);
  signal.addEventListener('abort', stream.forget, { once: true });
  const token = sessionToken(route, request);
  const sessionLasts = async (): Promise<boolean> =>
    !needsSession(route) || (token !== null && (await means.authenticate(token)) !== null);
  const events = (await (mounted.handler as Handler)({ ...fields, signal })) as AsyncIterable<unknown>;
  const text = eventStream({ events, schema: route.answer.schema, clock: means.clock, signal, sessionLasts });
  return (
    reply
      .type('text/event-stream')
      .header('x-accel-buffering', 'no')
      // A connection kept after its stream would hold the server's stop.
      .header('connection', 'close')
      .send(Readable.from(text))
  );
};

/** Asked before the body is read: nobody without a session can make the server read one. */
export const admitRequest = async (
  mounted: MountedRoute,
  request: FastifyRequest,
  means: ServingMeans,
): Promise<Principal | null> => {
  refuseForgedOrigin(mounted.route, request, means.trustedOrigin);
  return authenticated(mounted, request, means);
};

/** From an admitted request to its answer: address, permission, body, handler, answer, each refused in that order. */
export const serveRoute = async (
  mounted: MountedRoute,
  principal: Principal | null,
  request: FastifyRequest,
  reply: FastifyReply,
  means: ServingMeans,
): Promise<FastifyReply> => {
  const { route } = mounted;
  const { params, query } = readAddress(route, request);
  await checkAccess({ route, principal, params, query, now: means.clock.civilNow(), resolvePoint: means.resolvePoint });
  checkMediaType(route, request);
  const body = readBody(route, request);
  const signal = signalOf(reply);
  const fields = {
    params,
    query,
    body,
    principal,
    signal,
    clientAddress: request.ip,
    cookies: request.cookies,
    path: request.url.split('?')[0] ?? '',
  };
  if (route.answer.kind === 'events') return sendEvents(mounted, request, reply, fields, means);
  return sendAnswer(mounted, reply, await (mounted.handler as Handler)(fields), means.secure);
};
