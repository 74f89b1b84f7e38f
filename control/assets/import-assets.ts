import { documentHash } from '#contract/messages/documents.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { CommissioningRegistry } from '#contract/ports/commissioning-registry.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { AssetsRegistry, AuditRegistry, LightingRegistry } from '#contract/ports/registry.ts';
import { withActs } from '#domain/assets/commissioning.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import type { MeasurementBinding, MeasurementPoint } from '#domain/assets/measurement-point.ts';
import type { SiteId } from '#domain/identifiers.ts';
import { type ControlProgram, IMPORTED_BY } from '#domain/lighting/control-program.ts';
import type { FieldSections, SiteSection } from './site-section.ts';

export interface ImportMeans {
  readonly assets: AssetsRegistry;
  readonly lighting: LightingRegistry;
  readonly commissioning: CommissioningRegistry;
  readonly audit: AuditRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}

const pointsIn = (site: SiteSection): readonly MeasurementPoint[] => [
  ...site.measurementPoints.map(({ id, use, dwelling }) => ({
    id,
    site: site.id,
    use,
    privacy: use === 'dwelling' ? ('dwelling' as const) : ('operational' as const),
    dwelling,
  })),
  ...[...site.lightPoints, ...site.plannedLightPoints].map(({ point }) => ({
    id: point,
    site: site.id,
    use: 'light-point' as const,
    privacy: 'operational' as const,
    dwelling: null,
  })),
  ...site.sensors.map(({ point, measures }) => ({
    id: point,
    site: site.id,
    use: `${measures}-sensor` as const,
    privacy: 'operational' as const,
    dwelling: null,
  })),
];

const bindingsIn = (site: SiteSection): readonly MeasurementBinding[] => [
  ...site.measurementPoints.flatMap(({ id, bindings }) => bindings.map((binding) => ({ point: id, ...binding }))),
  ...site.lightPoints.map(({ point, gateway, device, since }) => ({
    point,
    meter: null,
    gateway,
    device,
    from: since,
    to: null,
  })),
  ...site.sensors.map(({ id, point, gateway, since }) => ({ point, meter: null, gateway, device: id, from: since, to: null })),
];

/** The file's sections as the nouns of the domain. */
export const fieldAssetsFrom = ({ sites, luminaireModels }: FieldSections): FieldAssets => ({
  sites: sites.map(({ id, kind, name, position, timeZone }) => ({ id, kind, name, position, zone: timeZone })),
  gateways: sites.flatMap((site) => site.gateways.map((id) => ({ id, site: site.id }))),
  cabinets: sites.flatMap((site) => site.cabinets.map(({ circuits: _circuits, ...cabinet }) => ({ ...cabinet, site: site.id }))),
  circuits: sites.flatMap((site) =>
    site.cabinets.flatMap((cabinet) => cabinet.circuits.map((circuit) => ({ ...circuit, cabinet: cabinet.id }))),
  ),
  luminaireModels,
  lightPoints: sites.flatMap((site) =>
    site.lightPoints.map(({ model, since: _since, ...light }) => ({ ...light, site: site.id, luminaireModel: model })),
  ),
  plannedLightPoints: sites.flatMap((site) =>
    site.plannedLightPoints.map(({ model, ...light }) => ({ ...light, site: site.id, luminaireModel: model })),
  ),
  groups: sites.flatMap((site) =>
    site.groups.map(({ id, label, lightPoints }) => ({ id, label, site: site.id, members: lightPoints })),
  ),
  meters: sites.flatMap((site) => site.meters.map((meter) => ({ ...meter, site: site.id }))),
  sensors: sites.flatMap((site) =>
    site.sensors.map(({ gateway: _gateway, since: _since, ...sensor }) => ({ ...sensor, site: site.id })),
  ),
  points: sites.flatMap(pointsIn),
  bindings: sites.flatMap(bindingsIn),
});

const programFrom = (section: SiteSection['programs'][number], version: number): ControlProgram => ({
  id: section.id,
  version,
  name: section.name,
  by: IMPORTED_BY,
  activePeriods: section.activePeriods.map((period) => ({ name: 'AstroClockActivePeriod', ...period })),
  fixedTimeControls: section.fixedTimeControls.map(({ startTime, levelPercent }) => ({
    startTime,
    levelPercent,
  })),
});

const isSameProgram = (a: ControlProgram, b: ControlProgram): boolean =>
  documentHash({ ...a, version: 0, by: '' }) === documentHash({ ...b, version: 0, by: '' });

const importPrograms = async (site: SiteId, section: SiteSection, { lighting, clock }: ImportMeans): Promise<void> => {
  const known = await lighting.programsOf(site);
  for (const written of section.programs) {
    const latest = known.find(({ id }) => id === written.id);
    const next = programFrom(written, (latest?.version ?? 0) + 1);
    if (latest === undefined || !isSameProgram(latest, next)) await lighting.saveProgram(site, next, clock.civilNow());
  }
  await lighting.replaceAssignments(site, section.assignments);
};

const declareDevices = async ({ sites }: FieldSections, commissioning: CommissioningRegistry): Promise<void> => {
  for (const [gateway, devices] of Map.groupBy(
    sites.flatMap(({ fieldDevices }) => fieldDevices),
    (device) => device.gateway,
  )) {
    const known = new Set((await commissioning.devicesOf(gateway)).map(({ device }) => device));
    await commissioning.declare(devices.filter(({ device }) => !known.has(device)));
  }
};

/**
 * Brings the registry to what the file says; nothing is touched when the file is the one imported last, so that what
 * people changed since then stays. Answers whether something was imported.
 */
export const importAssets = async (file: FieldSections, means: ImportMeans): Promise<boolean> => {
  const hash = documentHash({ luminaireModels: file.luminaireModels, sites: file.sites });
  if ((await means.assets.importedHash()) === hash) return false;
  for (const section of file.sites) await importPrograms(section.id, section, means);
  const commissioned = withActs(fieldAssetsFrom(file), await means.commissioning.acts());
  await means.assets.replaceAssets(commissioned, hash);
  await declareDevices(file, means.commissioning);
  const detail = `${file.sites.length} sites, ${file.sites.reduce((sum, site) => sum + site.lightPoints.length, 0)} light points`;
  await means.audit.record({
    at: means.clock.civilNow(),
    by: IMPORTED_BY,
    action: 'assets-imported',
    object: hash.slice(0, 12),
    site: null,
    detail,
  });
  means.logger.info('assets-imported', { sites: file.sites.length, hash: hash.slice(0, 12) });
  return true;
};
