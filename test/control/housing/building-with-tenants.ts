import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInProcessChangeFeed } from '#adapters/changes/in-process.ts';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { parseYamlDocument } from '#adapters/configuration/yaml-document.ts';
import { createHttpServer } from '#adapters/http/fastify/create-http-server.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createNodeCronScheduler } from '#adapters/scheduler/node-cron.ts';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import type { ChangeEvent } from '#contract/routes/platform.ts';
import { assetsFileWith } from '#control/assets/assets-file.ts';
import { fieldAssetsFrom } from '#control/assets/import-assets.ts';
import { createHousing } from '#control/housing/create-housing.ts';
import { housingSection } from '#control/housing/housing-section.ts';
import {
  addDays,
  type CivilDate,
  civilDate,
  type Instant,
  instant,
  parseInstant,
  startOfDay,
  timeZone,
} from '#domain/civil-time.ts';
import { accountId, dwellingId, pointId, siteId } from '#domain/identifiers.ts';
import type { Hat, Principal } from '#domain/people/permission.ts';
import { openTestRegistry } from '../registry-of-control.ts';

export const PARIS = timeZone('Europe/Paris');
export const TILLEULS = siteId('site-tilleuls');
export const dwelling = (number: number) => dwellingId(`dwelling-tilleuls-${String(number).padStart(2, '0')}`);
export const midnight = (date: string): Instant => startOfDay(civilDate(date), PARIS);

const demo = await readFile(new URL('../../../deploy/demo/assets.yaml', import.meta.url), 'utf8');
const section = assetsFileWith(housingSection);
export const demoFile = (change: (text: string) => string = (text) => text) =>
  parseYamlDocument('assets.yaml', change(demo), section);

/** Flat 7 changes hands on 20 November 2026: one leaves at 10:00 in Paris, the other comes at 16:00. */
export const moveIn = (text: string): string =>
  text.replace(
    "tenant: Louise Caron, from: '2025-09-01T00:00:00Z' }",
    "tenant: Louise Caron, from: '2025-09-01T00:00:00Z', to: '2026-11-20T09:00:00Z' }\n    - { id: tenancy-tilleuls-07b, dwelling: dwelling-tilleuls-07, tenant: Yann Petit, from: '2026-11-20T15:00:00Z' }",
  );

const pointOf = (number: number) => pointId(`point-tilleuls-d${String(number).padStart(2, '0')}`);

/** What the meter of flat n shows at the beginning of a day: it draws n × 1000 Wh a day. */
export const registerOf = (number: number, date: CivilDate): number =>
  500_000 + Math.round((midnight(date) - midnight('2026-01-01')) / 86_400_000) * number * 1000;

const hatsOf = (token: string): readonly Hat[] => {
  const [role, number] = token.split('-');
  if (role === 'landlord') return [{ role, organisation: 'bailleur', sites: [TILLEULS] }];
  if (role === 'technician') return [{ role, organisation: 'useda', sites: [siteId('site-republique')] }];
  return [{ role: 'tenant', dwelling: dwelling(Number(number)), from: parseInstant('2025-09-01T00:00:00Z'), to: null }];
};

const principalOf = (token: string): Principal => ({
  account: accountId(`account-${token}`),
  displayName: token,
  session: `session-${token}`,
  hats: hatsOf(token),
});

/** The demonstration's building on a real registry and a real store, read through the real server. Tokens: `landlord`, `technician`, `tenant-7`. */
export const openBuilding = async (now: string, change?: (text: string) => string) => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-housing-'));
  const registry = await openTestRegistry();
  const store = await createSqliteStore({ file: join(folder, 'series.sqlite'), logger: silentLogger });
  const clock = createSimulatedClock({ civil: parseInstant(now) });
  const scheduler = createNodeCronScheduler({ clock, logger: silentLogger });
  const changes = createInProcessChangeFeed();
  const told: ChangeEvent[] = [];
  changes.listen((event) => told.push(event));
  const { assets, housing, lighting } = registry.control();
  const file = demoFile(change);
  await assets.replaceAssets(fieldAssetsFrom(file), 'hash');
  const means = {
    store,
    housing,
    assets,
    lighting,
    scheduler,
    changes,
    clock,
    logger: silentLogger,
    field: 'simulated' as const,
  };
  const rooms = createHousing(means);
  await rooms.importHousing(file.housing);
  await rooms.start();
  const server = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    routes: rooms.routes,
    authenticate: async (token) => principalOf(token),
    resolvePoint: async () => null,
    clock,
    logger: silentLogger,
    version: '0.1.0',
  });

  const writeRegister = (
    point: ReturnType<typeof pointId>,
    privacy: 'operational' | 'dwelling',
    at: Instant,
    registerWh: number,
  ) =>
    store.write([{ point, privacy, at, values: [{ quantity: 'energyImportedWh', value: registerWh, quality: 'measured' }] }], {
      redelivered: false,
    });

  return {
    ...registry,
    rooms,
    clock,
    scheduler,
    store,
    told,
    housing,
    api: server.apiClient,
    file,
    writeFlat: (number: number, at: Instant, registerWh: number) => writeRegister(pointOf(number), 'dwelling', at, registerWh),
    writeCommons: (at: Instant, registerWh: number, activePowerW: number) =>
      store.write(
        [
          {
            point: pointId('point-tilleuls-commons'),
            privacy: 'operational',
            at,
            values: [
              { quantity: 'energyImportedWh', value: registerWh, quality: 'measured' },
              { quantity: 'activePowerW', value: activePowerW, quality: 'measured' },
            ],
          },
        ],
        { redelivered: false },
      ),
    /** One reading at each midnight, from one date to another, of the flats given. */
    writeDays: async (flats: readonly number[], from: CivilDate, to: CivilDate) => {
      for (let date = from; date <= to; date = addDays(date, 1))
        for (const number of flats)
          await writeRegister(pointOf(number), 'dwelling', instant(midnight(date) + 4000), registerOf(number, date));
    },
    close: async (): Promise<void> => {
      await server.close();
      await scheduler.stop();
      await store.close();
      await registry.close();
      await rm(folder, { recursive: true });
    },
  };
};
export type Building = Awaited<ReturnType<typeof openBuilding>>;

export const ALL_FLATS: readonly number[] = Array.from({ length: 16 }, (_, index) => index + 1);
