import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistryAuthenticator } from '#adapters/authenticator/registry-sessions.ts';
import { createInProcessChangeFeed } from '#adapters/changes/in-process.ts';
import type { SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createArgon2Hasher } from '#adapters/password-hasher/argon2.ts';
import { createNodeCronScheduler } from '#adapters/scheduler/node-cron.ts';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import type { Report } from '#contract/messages/report.ts';
import type { Status } from '#contract/messages/status.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import type { ChangeEvent } from '#contract/routes/platform.ts';
import type { Route, RouteHandler } from '#contract/routes/route.ts';
import { DOCUMENT_NAMES, type DocumentName, topics } from '#contract/topics.ts';
import { type Control, createControl } from '#control/index.ts';
import { formatInstant } from '#domain/civil-time.ts';
import { accountId, deviceId, type GatewayId, gatewayId, siteId } from '#domain/identifiers.ts';
import type { Principal } from '#domain/people/permission.ts';
import { demoAssetsFile, openTestRegistry } from './registry-of-control.ts';

export const STREET = siteId('site-republique');
export const GATEWAY = gatewayId('gateway-republique');

export const TECHNICIAN: Principal = {
  account: accountId('account-technician'),
  displayName: 'Technician',
  session: 'session-technician',
  hats: [{ role: 'technician', organisation: 'USEDA', sites: [STREET] }],
};

/** What one gateway hears from control, and what it says. */
export const listenAsGateway = async (bus: MessageBus, gateway: GatewayId) => {
  const documents: { readonly name: DocumentName; readonly text: string }[] = [];
  const telecommands: { readonly topic: string; readonly text: string }[] = [];
  const decode = (payload: Uint8Array): string => new TextDecoder().decode(payload);
  for (const name of DOCUMENT_NAMES)
    await bus.subscribe(topics.document(gateway, name), (_topic, payload) => documents.push({ name, text: decode(payload) }));
  for (const filter of [`axone/v1/${gateway}/devices/+/telecommand`, `axone/v1/${gateway}/groups/+/telecommand`])
    await bus.subscribe(filter, (topic, payload) => telecommands.push({ topic, text: decode(payload) }));
  await bus.connect();
  return {
    documents,
    telecommands,
    latest: (name: DocumentName): Record<string, unknown> & { revision: number } =>
      JSON.parse(documents.findLast((document) => document.name === name)?.text ?? 'null') as never,
    count: (name: DocumentName): number => documents.filter((document) => document.name === name).length,
    say: (status: Status) => bus.publish(topics.status(gateway), JSON.stringify(status), { qos: 1, retain: true }),
    report: (report: Report) => bus.publish(topics.reports(gateway), JSON.stringify(report), { qos: 1 }),
    lamp: (number: number) => deviceId(`luminaire-${String(number).padStart(2, '0')}`),
    close: () => bus.disconnect(),
  };
};

export const onlineStatus = (
  clock: Clock,
  applied: Partial<Record<DocumentName, number | null>>,
): Status & { state: 'online' } => ({
  state: 'online',
  at: formatInstant(clock.civilNow()),
  boot: 1,
  version: '0.1.0',
  clock: { state: 'synchronised' },
  outbox: { depth: 3 },
  applied: { programs: null, overrides: null, envelope: null, consents: null, devices: null, ...applied },
});

/** Control on a registry and a store of its own, over a bus that the test chooses, restartable. */
export const openControlHouse = async (clock: SimulatedClock | Clock, newBus: () => MessageBus) => {
  const registry = await openTestRegistry();
  const folder = await mkdtemp(join(tmpdir(), 'axone-control-store-'));
  const store = await createSqliteStore({ file: join(folder, 'series.sqlite'), logger: silentLogger });
  const told: ChangeEvent[] = [];
  const changes = createInProcessChangeFeed();
  changes.listen((change) => told.push(change));

  const compose = (): Control => {
    const tables = registry.control();
    return createControl({
      ...tables,
      quarantine: tables.ingest,
      store,
      scheduler: createNodeCronScheduler({ clock, logger: silentLogger }),
      bus: newBus(),
      changes,
      hasher: createArgon2Hasher(),
      authority: null,
      authenticator: createRegistryAuthenticator({ ...tables, clock }),
      clock,
      logger: silentLogger,
      field: 'simulated',
    });
  };

  let control = compose();
  const start = async (): Promise<void> => {
    await control.importAssets(demoAssetsFile());
    await control.start();
  };
  await start();

  const ask = async <R extends Route>(
    route: R,
    request: { readonly params?: object; readonly body?: unknown; readonly principal?: Principal; readonly signal?: AbortSignal },
  ): Promise<Awaited<ReturnType<RouteHandler<R>>>> => {
    const mounted = control.routes.find((one) => one.route.name === route.name);
    if (mounted === undefined) throw new Error(`${route.name} is not mounted`);
    const full = {
      params: {},
      query: undefined,
      body: undefined,
      principal: TECHNICIAN,
      signal: AbortSignal.any([]),
      clientAddress: '192.0.2.1',
      cookies: {},
      path: route.path,
      ...request,
    };
    return (await mounted.handler(full as never)) as Awaited<ReturnType<RouteHandler<R>>>;
  };

  return {
    registry,
    store,
    told,
    changes,
    ask,
    control: () => control,
    /** Stops control, and starts another one on the same files. */
    restart: async (whileStopped?: () => Promise<void>): Promise<void> => {
      await control.stop();
      await registry.restart();
      await whileStopped?.();
      control = compose();
      await start();
    },
    close: async (): Promise<void> => {
      await control.stop();
      await store.close();
      await registry.close();
      await rm(folder, { recursive: true });
    },
  };
};
export type ControlHouse = Awaited<ReturnType<typeof openControlHouse>>;
