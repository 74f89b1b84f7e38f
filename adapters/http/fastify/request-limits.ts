import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fault } from '#contract/errors.ts';
import type { Route } from '#contract/routes/route.ts';
import type { Principal } from '#domain/people/permission.ts';

/** Requests a minute where a route says nothing: a page that reads again at each change stays far below. */
const DEFAULT_PER_MINUTE = 600;
const REFUSED_SESSIONS_PER_MINUTE = 60;

/** What in-process calls show as their address: no socket can have it. */
export const IN_PROCESS_ADDRESS = 'in-process';

export interface RequestLimits {
  /** Counts a request against its route, by session or, without one, by client address. Throws `RATE_LIMITED`. */
  count(route: Route, request: FastifyRequest, principal: Principal | null): Promise<void>;
  /** Counts a token that is no session, by client address. Throws `RATE_LIMITED`. */
  countRefusedSession(request: FastifyRequest): Promise<void>;
}

type Limit = ReturnType<FastifyInstance['createRateLimit']>;

export const registerRequestLimits = async (app: FastifyInstance): Promise<RequestLimits> => {
  await app.register(rateLimit, { global: false });
  const keys = new WeakMap<FastifyRequest, string>();
  const limits = new Map<string, Limit>();

  const limitOf = (name: string, max: number): Limit => {
    const known = limits.get(name);
    if (known !== undefined) return known;
    const keyGenerator = (request: FastifyRequest): string => keys.get(request) ?? request.ip;
    const made = app.createRateLimit({ max, timeWindow: 60_000, keyGenerator });
    limits.set(name, made);
    return made;
  };

  const count = async (name: string, max: number, request: FastifyRequest, who: string): Promise<void> => {
    keys.set(request, `${name} ${who}`);
    const outcome = await limitOf(name, max)(request);
    if (!outcome.isAllowed && outcome.isExceeded) throw fault('RATE_LIMITED', { seconds: outcome.ttlInSeconds });
  };

  return {
    count: async (route, request, principal) => {
      // The portal's own calls: each is counted as the page request that made it.
      if (request.ip === IN_PROCESS_ADDRESS) return;
      await count(route.name, route.requestsPerMinute ?? DEFAULT_PER_MINUTE, request, principal?.session ?? request.ip);
    },
    countRefusedSession: async (request) => {
      if (request.ip === IN_PROCESS_ADDRESS) return;
      await count('refused-session', REFUSED_SESSIONS_PER_MINUTE, request, request.ip);
    },
  };
};
