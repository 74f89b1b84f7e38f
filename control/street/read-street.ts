import { fault } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { EdgeEventRecord, EdgeJournal } from '#contract/ports/ingest-registry.ts';
import type { AssetsRegistry, LightingRegistry, OrderedOverride } from '#contract/ports/registry.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { type LightPointAnswer, readStreet, type StreetAnswer } from '#contract/routes/lighting.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import type { Cabinet } from '#domain/assets/cabinet.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import { formatInstant, type Instant, nightOf } from '#domain/civil-time.ts';
import type { GatewayId, LightPointId, PointId, SiteId } from '#domain/identifiers.ts';
import { sunOfNight } from '#domain/lighting/sun.ts';
import type { LightingSite } from '../programs/desired-documents.ts';
import { programSentence } from '../programs/program-sentence.ts';
import type { FieldWatch } from '../reconcile/field-watch.ts';
import { type Names, overrideAnswerOf } from '../telecommand/override-answer.ts';
import type { ReportWatch } from '../telecommand/report-watch.ts';
import { figureOf, type LatestValues, lastInstantOf, stateOf } from './figures.ts';
import { lightPointAnswers } from './light-points.ts';

export interface StreetMeans {
  readonly assets: AssetsRegistry;
  readonly lighting: LightingRegistry;
  readonly journal: EdgeJournal;
  readonly store: Pick<TimeSeriesStore, 'latest'>;
  readonly watch: FieldWatch;
  readonly reports: Pick<ReportWatch, 'reportsOf'>;
  readonly names: Names;
  readonly clock: Clock;
  readonly field: StreetAnswer['field'];
}

const EVENTS_SHOWN = 50;

const loadLighting = async (site: SiteId, { assets, lighting }: StreetMeans): Promise<LightingSite> => {
  const standing = await assets.siteAssets(site);
  const [own] = standing?.sites ?? [];
  if (standing === null || own?.kind !== 'lighting') throw fault('NOT_FOUND');
  return {
    site: own,
    assets: standing,
    programs: await lighting.programsOf(site),
    assignments: await lighting.assignmentsOf(site),
  };
};

const gatewayAnswer = async (id: GatewayId, { watch }: StreetMeans): Promise<StreetAnswer['gateway']> => {
  const state = await watch.stateOf(id);
  return {
    id,
    state: state?.state ?? 'unknown',
    since: state === null ? null : formatInstant(state.since),
    outboxDepth: state?.status.state === 'online' ? state.status.outbox.depth : null,
    programsApplied: await watch.obedienceOf(id, 'programs'),
    overridesApplied: await watch.obedienceOf(id, 'overrides'),
  };
};

const cabinetAnswer = (cabinet: Cabinet, latest: ReadonlyMap<PointId, LatestValues>): StreetAnswer['cabinet'] => {
  const meter = cabinet.meterPoint === null ? undefined : latest.get(cabinet.meterPoint);
  const controller = cabinet.controllerPoint === null ? undefined : latest.get(cabinet.controllerPoint);
  const tripped = stateOf(controller, 'breakerTripped');
  return {
    id: cabinet.id,
    label: cabinet.label,
    fictitious: cabinet.fictitious,
    activePowerW: figureOf(meter, 'activePowerW'),
    energyImportedWh: figureOf(meter, 'energyImportedWh'),
    doorOpen: stateOf(controller, 'doorOpen'),
    breakersTripped: tripped === null ? null : Number(tripped),
  };
};

/** The program of the whole street: that of its last assignment to all, else of its first assignment. */
const programAnswer = ({ programs, assignments }: LightingSite, names: ReadonlyMap<string, string>): StreetAnswer['program'] => {
  const assigned = assignments.findLast(({ target }) => target.kind === 'all') ?? assignments[0];
  const program = programs.find(({ id }) => id === assigned?.program);
  if (program === undefined) {
    const sentence = { fr: 'Aucun programme : pleine lumière.', en: 'No program: full light.' };
    return { id: 'none', name: '—', version: 0, by: '—', sentence };
  }
  const { id, name, version, by } = program;
  return { id, name, version, by: names.get(by) ?? by, sentence: programSentence(program) };
};

const totalPower = (lights: readonly LightPointAnswer[]): StreetAnswer['totalPowerW'] => {
  const known = lights.flatMap(({ activePowerW }) => activePowerW.value ?? []);
  const sum = known.reduce((total, power) => total + power, 0);
  return { value: known.length === 0 ? null : Math.round(sum * 10) / 10, known: known.length, of: lights.length };
};

const eventAnswers = (events: readonly EdgeEventRecord[], { lightPoints }: FieldAssets): StreetAnswer['events'] =>
  events.map(({ event, at, device, gateway, detail }) => {
    const light = lightPoints.find((one) => one.gateway === gateway && one.device === device);
    return { event, at, lightPoint: light?.id ?? null, label: light?.label ?? device ?? null, detail: detail ?? {} };
  });

const overrideAnswers = async (
  inForce: readonly OrderedOverride[],
  labels: ReadonlyMap<LightPointId, string>,
  names: ReadonlyMap<string, string>,
  { reports }: StreetMeans,
): Promise<StreetAnswer['overrides']> => {
  const heard = await reports.reportsOf(inForce.map(({ id }) => id));
  return inForce.map((order) => {
    const { lines: _lines, ...answer } = overrideAnswerOf(order, { reports: heard, names, labels });
    return answer;
  });
};

const latestOf = async ({ assets }: LightingSite, store: StreetMeans['store']): Promise<ReadonlyMap<PointId, LatestValues>> =>
  store.latest(assets.points.map(({ id, privacy }) => ({ point: id, privacy })));

const sensorPoint = ({ sensors }: FieldAssets, measures: 'light' | 'presence'): PointId | null =>
  sensors.find((sensor) => sensor.measures === measures)?.point ?? null;

const sunAnswer = ({ site }: LightingSite, at: Instant): Pick<StreetAnswer, 'sunsetAt' | 'sunriseAt'> => {
  const { sunsetAt, sunriseAt } = sunOfNight(nightOf(at, site.zone), site.position, site.zone);
  return {
    sunsetAt: sunsetAt === null ? null : formatInstant(sunsetAt),
    sunriseAt: sunriseAt === null ? null : formatInstant(sunriseAt),
  };
};

/** The street, at this instant: what is asked, in effect and observed, and what a person may do about it. */
const streetAt = async (id: SiteId, means: StreetMeans): Promise<StreetAnswer> => {
  const lighting = await loadLighting(id, means);
  const { site, assets } = lighting;
  const [cabinet] = assets.cabinets;
  if (cabinet === undefined) throw fault('NOT_FOUND');
  const at = means.clock.civilNow();
  const inForce = await means.lighting.overridesInForce(id, at);
  const latest = await latestOf(lighting, means.store);
  const names = await means.names([...inForce.map(({ by }) => by), ...lighting.programs.map(({ by }) => by)]);
  const labels = new Map(assets.lightPoints.map((light) => [light.id, light.label]));
  const availabilityOf = ({ gateway, device }: { gateway: GatewayId; device: Parameters<FieldWatch['availabilityOf']>[1] }) =>
    means.watch.availabilityOf(gateway, device);
  const lightPoints = lightPointAnswers({ lighting, inForce, latest, names, availabilityOf, at, speed: means.clock.speed });
  const lightSensor = sensorPoint(assets, 'light');
  const presenceSensor = sensorPoint(assets, 'presence');
  const lastReadingAt = lastInstantOf(latest.values());
  return {
    site: site.id,
    name: site.name,
    field: means.field,
    timeZone: site.zone,
    now: formatInstant(at),
    clockSpeed: means.clock.speed,
    ...sunAnswer(lighting, at),
    gateway: await gatewayAnswer(cabinet.gateway, means),
    cabinet: cabinetAnswer(cabinet, latest),
    program: programAnswer(lighting, names),
    groups: assets.groups.map((group) => ({ id: group.id, label: group.label, lightPoints: group.members.length })),
    lightPoints,
    totalPowerW: totalPower(lightPoints),
    illuminanceLx: figureOf(lightSensor === null ? undefined : latest.get(lightSensor), 'illuminanceLx'),
    presence: presenceSensor === null ? null : stateOf(latest.get(presenceSensor), 'presence'),
    overrides: await overrideAnswers(inForce, labels, names, means),
    events: eventAnswers(
      await means.journal.eventsOf(
        assets.gateways.map((gateway) => gateway.id),
        EVENTS_SHOWN,
      ),
      assets,
    ),
    lastReadingAt: lastReadingAt === null ? null : formatInstant(lastReadingAt),
  };
};

export const streetRoutes = (means: StreetMeans): readonly MountedRoute[] => [
  mount(readStreet, ({ params }) => streetAt(params.site, means)),
];
