import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import httpProxy from '@fastify/http-proxy';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Fault, fault, reasonOf } from '#contract/errors.ts';
import type { ApiClient } from '#contract/ports/api-client.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { apiRoutes } from '#contract/routes/index.ts';
import { LANGUAGE_COOKIE } from '#contract/routes/pages.ts';
import type { MountedRoute, Route } from '#contract/routes/route.ts';
import type { PointId } from '#domain/identifiers.ts';
import type { Principal, Resource } from '#domain/people/permission.ts';
import { buildOpenApi } from '../openapi.ts';
import { BODY_LIMIT_BYTES, errorBody, publicFault } from './fault-answer.ts';
import { createInjectApiClient } from './inject-api-client.ts';
import { createOpenStreams } from './open-streams.ts';
import { registerRequestLimits } from './request-limits.ts';
import { checkRoute } from './route-checks.ts';
import { registerSecurityHeaders } from './security-headers.ts';
import { admitRequest, type ServingMeans, serveRoute } from './serve-route.ts';
import { isTenantPath } from './session-token.ts';
import { watchSilentConnections } from './silent-connections.ts';

export type Language = 'fr' | 'en';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 chooses a free one. */
  readonly port: number;
  readonly routes: readonly MountedRoute[];
  readonly authenticate: (token: string) => Promise<Principal | null>;
  /** Site or dwelling of a measurement point; null when there is no such point. */
  readonly resolvePoint: (point: PointId) => Promise<Resource | null>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  /** Origin that people see, such as `https://axone.example`, when it differs from what this server is called. */
  readonly trustedOrigin?: string;
  /** The only names by which it answers, when given: a page of another site, whose name was made to lead here, reads nothing. */
  readonly ownNames?: readonly string[];
  /** Addresses of reverse proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[];
  /** Revocations heard in this process; without it a stream ends at its next heartbeat. */
  readonly changes?: ChangeFeed;
  /** Paths passed on to another service as they are, such as `/api/v1` to control. */
  readonly proxies?: readonly { readonly prefix: string; readonly upstream: string }[];
  /** The HTML of an error; absent where no page is mounted. */
  readonly renderError?: (problem: Fault, language: Language) => string;
}

export interface HttpServer {
  /** More routes, before `listen()`: the portal needs `apiClient` to make its own. */
  mount(routes: readonly MountedRoute[]): void;
  /** Rejects with `PORT_IN_USE`. */
  listen(): Promise<{ readonly host: string; readonly port: number; readonly url: string }>;
  /** The API in this process, through every check. */
  readonly apiClient: ApiClient;
  openApi(): object;
  /** Ends the event streams, finishes the requests in course, lets the port go. Safe to call twice. */
  close(): Promise<void>;
}

const signInPath = (path: string): string => (isTenantPath(path) ? '/chez-moi/entrer' : '/connexion');

const languageOf = (request: FastifyRequest): Language => (request.cookies[LANGUAGE_COOKIE] === 'en' ? 'en' : 'fr');

type Answering = Pick<HttpServerOptions, 'logger' | 'renderError'>;

/** A client that left in the middle of its answer: nobody is there to be told, and nothing failed. */
const hasLeft = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): boolean =>
  thrown instanceof Error && thrown.name === 'AbortError' && (reply.raw.headersSent || request.raw.destroyed);

const answerFault = (route: Route | null, thrown: unknown, request: FastifyRequest, reply: FastifyReply, options: Answering) => {
  if (hasLeft(thrown, request, reply)) return reply;
  const problem = publicFault(thrown, options.logger, route?.name ?? 'no route');
  if (reply.sent) return reply;
  const isPage = route === null ? !request.url.startsWith('/api/') : route.answer.kind === 'page';
  if (route !== null && isPage && problem.code === 'SIGN_IN_REQUIRED') return reply.redirect(signInPath(route.path), 303);
  if (problem.code === 'RATE_LIMITED') reply.header('retry-after', String(problem.fields['seconds']));
  reply.code(problem.status);
  if (isPage && options.renderError !== undefined)
    return reply.type('text/html; charset=utf-8').send(options.renderError(problem, languageOf(request)));
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(errorBody(problem)));
};

const mountRoute = (app: FastifyInstance, mounted: MountedRoute, means: ServingMeans, options: Answering): void => {
  const { route } = mounted;
  checkRoute(route);
  const principals = new WeakMap<FastifyRequest, Principal | null>();
  app.route({
    method: route.method,
    url: route.path,
    onRequest: async (request) => {
      principals.set(request, await admitRequest(mounted, request, means));
    },
    handler: (request, reply) => serveRoute(mounted, principals.get(request) ?? null, request, reply, means),
    errorHandler: (thrown, request, reply) => void answerFault(route, thrown, request, reply, options),
  });
};

const registerProxies = async (app: FastifyInstance, proxies: HttpServerOptions['proxies']): Promise<void> => {
  for (const { prefix, upstream } of proxies ?? []) {
    await app.register(httpProxy, {
      upstream,
      prefix,
      rewritePrefix: prefix,
      replyOptions: {
        // The API takes bearer tokens only: the pages' cookies have no business there.
        rewriteRequestHeaders: (request, headers) => {
          const { cookie: _cookie, ...rest } = headers;
          return { ...rest, 'x-forwarded-for': request.ip };
        },
      },
    });
  }
};

const listenFault = (thrown: unknown, host: string, port: number): unknown => {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return code === 'EADDRINUSE' || code === 'EACCES'
    ? fault('PORT_IN_USE', { host, port, use: 'HTTP', option: '--port' }, thrown)
    : thrown;
};

const prepareApp = async (options: HttpServerOptions, secure: boolean): Promise<FastifyInstance> => {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    exposeHeadRoutes: false,
    trustProxy: options.trustedProxies === undefined ? false : [...options.trustedProxies],
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false },
  });
  app.removeContentTypeParser('text/plain');
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: BODY_LIMIT_BYTES });
  await registerSecurityHeaders(app, secure);
  const { ownNames } = options;
  if (ownNames !== undefined)
    app.addHook('onRequest', async (request, reply) => {
      if (!ownNames.includes(request.hostname)) return answerFault(null, fault('NOT_FOUND'), request, reply, options);
    });
  app.setNotFoundHandler((request, reply) => answerFault(null, fault('NOT_FOUND'), request, reply, options));
  app.setErrorHandler((thrown, request, reply) => void answerFault(null, thrown, request, reply, options));
  return app;
};

/** One HTTP server that mounts routes written as data. */
export const createHttpServer = async (options: HttpServerOptions): Promise<HttpServer> => {
  const secure = options.trustedOrigin?.startsWith('https://') === true;
  const app = await prepareApp(options, secure);
  const streams = createOpenStreams(options.changes);
  const means: ServingMeans = {
    clock: options.clock,
    authenticate: options.authenticate,
    resolvePoint: options.resolvePoint,
    trustedOrigin: options.trustedOrigin ?? null,
    secure,
    limits: await registerRequestLimits(app),
    streams,
  };
  await registerProxies(app, options.proxies);
  const silentConnections = watchSilentConnections(app.server);
  app.addHook('preClose', async () => {
    streams.closeAll();
    silentConnections.closeAll();
  });
  const names = new Set<string>();

  const mount = (routes: readonly MountedRoute[]): void => {
    for (const mounted of routes) {
      if (names.has(mounted.route.name)) throw new TypeError(`Route ${mounted.route.name} is mounted twice`);
      names.add(mounted.route.name);
      mountRoute(app, mounted, means, options);
    }
  };
  mount(options.routes);

  return {
    mount,
    listen: async () => {
      try {
        await app.listen({ host: options.host, port: options.port });
      } catch (thrown) {
        options.logger.error('http-listen-failed', { host: options.host, port: options.port, reason: reasonOf(thrown) });
        throw listenFault(thrown, options.host, options.port);
      }
      const address = app.server.address();
      const port = typeof address === 'object' && address !== null ? address.port : options.port;
      const shown = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host;
      return { host: options.host, port, url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}` };
    },
    apiClient: createInjectApiClient(app),
    openApi: () => buildOpenApi(apiRoutes, options.version),
    close: () => app.close().then(() => undefined),
  };
};
