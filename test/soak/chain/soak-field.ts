import { openRegistryFile } from '#adapters/registry/sqlite/open.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import { parseInstant, timeZone } from '#domain/civil-time.ts';
import { deviceId, pointId, siteId } from '#domain/identifiers.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { GATEWAY, pointName, type Replay } from './replay.ts';

const SITE = siteId('site-soak');

const assetsOf = ({ points }: Replay): FieldAssets => {
  const names = Array.from({ length: points }, (_, point) => pointName(point));
  return {
    sites: [
      {
        id: SITE,
        kind: 'building',
        name: 'Soak',
        position: { latitude: 49.56, longitude: 3.62 },
        zone: timeZone('Europe/Paris'),
      },
    ],
    gateways: [{ id: GATEWAY, site: SITE }],
    cabinets: [],
    circuits: [],
    luminaireModels: [],
    lightPoints: [],
    plannedLightPoints: [],
    groups: [],
    meters: [],
    sensors: [],
    points: names.map((name) => ({
      id: pointId(name),
      site: SITE,
      use: 'common-parts',
      privacy: 'operational',
      dwelling: null,
    })),
    bindings: names.map((name) => ({
      point: pointId(name),
      meter: null,
      gateway: GATEWAY,
      device: deviceId(name.replace('point', 'meter')),
      from: parseInstant('2020-01-01T00:00:00Z'),
      to: null,
    })),
  };
};

/** What control does before ingest can start: the registry, with the points of the replay and their gateway. */
export const registerField = async (file: string, replay: Replay): Promise<void> => {
  const registry = await openRegistryFile({ file, migrate: true, logger: silentLogger });
  await registry.as('control').assets.replaceAssets(assetsOf(replay), 'soak');
  await registry.close();
};
