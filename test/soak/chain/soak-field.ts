import { openRegistryFile } from '#adapters/registry/sqlite/open.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { deviceId, type GatewayId, pointId, siteId } from '#domain/identifiers.ts';
import { demoField } from '#test/ingest/demo-field.ts';
import { silentLogger } from '#test/services/loggers.ts';

const SITE = siteId('site-soak');

const assetsOf = (gateway: GatewayId, points: readonly string[]): FieldAssets => ({
  ...demoField,
  sites: demoField.sites.slice(0, 1).map((site) => ({ ...site, id: SITE })),
  gateways: [{ id: gateway, site: SITE }],
  points: points.map((name) => ({ id: pointId(name), site: SITE, use: 'common-parts', privacy: 'operational', dwelling: null })),
  bindings: points.map((name) => ({
    point: pointId(name),
    meter: null,
    gateway,
    device: deviceId(name.replace('point', 'meter')),
    from: parseInstant('2020-01-01T00:00:00Z'),
    to: null,
  })),
});

/** What control does before ingest can start: the registry, with a gateway and its points. */
export const registerField = async (file: string, gateway: GatewayId, points: readonly string[]): Promise<void> => {
  const registry = await openRegistryFile({ file, migrate: true, logger: silentLogger });
  await registry.as('control').assets.replaceAssets(assetsOf(gateway, points), 'soak');
  await registry.close();
};
