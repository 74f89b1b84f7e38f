import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createHttpServer } from '#adapters/http/fastify/create-http-server.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createStatusRoutes, type Gateway } from '#gateway/index.ts';
import { type Bench, openBench, programsDocument, testConfiguration } from '#test/gateway/gateway-under-test.ts';
import { type ScriptedField, startScriptedField } from '#test/gateway/scripted-field.ts';

export interface WatchedGateway {
  readonly bench: Bench;
  readonly field: ScriptedField;
  readonly gateway: Gateway;
  readonly url: string;
  close(): Promise<void>;
}

/** A gateway on a scripted field, one of whose meters is dead, after a minute; with its pages on loopback. */
export const startWatchedGateway = async (parts: object = {}): Promise<WatchedGateway> => {
  const bench = await openBench();
  const field = await startScriptedField();
  await bench.centre.document('programs', programsDocument(1, 50));
  field.silent.add(12);
  bench.silent.add(12);
  const gateway = await bench.boot(testConfiguration(field.server.port, parts));
  await bench.advance(60_000);
  const server = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    routes: await createStatusRoutes(gateway, new AbortController().signal),
    authenticate: () => Promise.resolve(null),
    resolvePoint: () => Promise.resolve(null),
    clock: createSystemClock(),
    logger: silentLogger,
    version: '0.0.0',
  });
  const { url } = await server.listen();
  return {
    bench,
    field,
    gateway,
    url,
    close: async () => {
      await server.close();
      await bench.close();
      await field.server.close();
    },
  };
};
