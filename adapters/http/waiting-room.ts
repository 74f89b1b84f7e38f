import { Fault } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { createHttpServer } from './fastify/create-http-server.ts';
import { createPlatformRoutes } from './fastify/platform-routes.ts';

export interface WaitingOptions {
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const RETRY_MS = 1000;

/**
 * Tries `open` until it no longer meets a fault of those codes; meanwhile `/health` says alive and `/ready` says 503 and
 * why, on the address that the service will have.
 */
export const waitUntilOpen = async <T>(options: WaitingOptions, codes: readonly string[], open: () => Promise<T>): Promise<T> => {
  const { clock, logger, service, version, host, port } = options;
  let why = 'it starts';
  const server = await createHttpServer({
    host,
    port,
    routes: createPlatformRoutes({ services: [{ name: service, health: () => ({ state: 'starting', why }) }], version }),
    authenticate: () => Promise.resolve(null),
    resolvePoint: () => Promise.resolve(null),
    clock,
    logger,
    version,
  });
  await server.listen();
  const keepAlive = new AbortController();
  try {
    for (;;) {
      try {
        return await open();
      } catch (thrown) {
        if (!(thrown instanceof Fault) || !codes.includes(thrown.code)) throw thrown;
        if (thrown.message !== why) logger.warn('start-waits', { service, why: thrown.message });
        why = thrown.message;
        await clock.sleep(RETRY_MS, keepAlive.signal);
      }
    }
  } finally {
    await server.close();
  }
};
