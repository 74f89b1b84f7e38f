import type { Dwelling } from '#domain/housing/dwelling.ts';
import type { FieldSections, SiteSection } from './site-section.ts';

export interface WrongReference {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

interface Named {
  readonly id: string;
  readonly path: readonly (string | number)[];
}

/** Everything of one kind must have its own name, over the whole field. */
const repeated = (what: string, named: readonly Named[]): WrongReference[] => {
  const seen = new Set<string>();
  return named.flatMap(({ id, path }) => {
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [{ path, message: `${what} "${id}" is written twice` }];
  });
};

const missing = (
  what: string,
  known: ReadonlySet<string>,
  id: string | null,
  path: readonly (string | number)[],
): WrongReference[] => (id === null || known.has(id) ? [] : [{ path, message: `there is no ${what} "${id}"` }]);

const idsOf = (list: readonly { readonly id: string }[]): ReadonlySet<string> => new Set(list.map(({ id }) => id));

/** Each list of a site, with the path of each identifier in it. */
const namedIn = (
  sites: readonly SiteSection[],
  list: 'cabinets' | 'lightPoints' | 'plannedLightPoints' | 'groups' | 'meters' | 'sensors',
): Named[] => sites.flatMap((site, s) => site[list].map(({ id }, index) => ({ id, path: ['sites', s, list, index, 'id'] })));

const pointsOf = (sites: readonly SiteSection[]): Named[] =>
  sites.flatMap((site, s) => [
    ...site.measurementPoints.map(({ id }, index) => ({ id, path: ['sites', s, 'measurementPoints', index, 'id'] })),
    ...site.lightPoints.map(({ point }, index) => ({ id: point, path: ['sites', s, 'lightPoints', index, 'point'] })),
    ...site.plannedLightPoints.map(({ point }, index) => ({
      id: point,
      path: ['sites', s, 'plannedLightPoints', index, 'point'],
    })),
    ...site.sensors.map(({ point }, index) => ({ id: point, path: ['sites', s, 'sensors', index, 'point'] })),
  ]);

const pointReferences = (site: SiteSection, at: readonly (string | number)[]): WrongReference[] => {
  const gateways = new Set<string>(site.gateways);
  const meters = idsOf(site.meters);
  return site.measurementPoints.flatMap((point, index) => {
    const path = [...at, 'measurementPoints', index];
    return [
      ...((point.use === 'dwelling') === (point.dwelling !== null)
        ? []
        : [{ path: [...path, 'use'], message: 'a dwelling is named when, and only when, the use is "dwelling"' }]),
      ...point.bindings.flatMap((binding, b) => [
        ...missing('gateway', gateways, binding.gateway, [...path, 'bindings', b, 'gateway']),
        ...missing('meter', meters, binding.meter, [...path, 'bindings', b, 'meter']),
        ...(b > 0 && (point.bindings[b - 1]?.to ?? Number.POSITIVE_INFINITY) > binding.from
          ? [{ path: [...path, 'bindings', b, 'from'], message: 'this binding begins before the one above has ended' }]
          : []),
      ]),
    ];
  });
};

const lightReferences = (site: SiteSection, models: ReadonlySet<string>, at: readonly (string | number)[]): WrongReference[] => {
  const gateways = new Set<string>(site.gateways);
  const circuits = idsOf(site.cabinets.flatMap((cabinet) => cabinet.circuits));
  const lightPoints = idsOf(site.lightPoints);
  return [
    ...site.lightPoints.flatMap((light, index) => [
      ...missing('circuit', circuits, light.circuit, [...at, 'lightPoints', index, 'circuit']),
      ...missing('luminaire model', models, light.model, [...at, 'lightPoints', index, 'model']),
      ...missing('gateway', gateways, light.gateway, [...at, 'lightPoints', index, 'gateway']),
    ]),
    ...site.plannedLightPoints.flatMap((light, index) => [
      ...missing('circuit', circuits, light.circuit, [...at, 'plannedLightPoints', index, 'circuit']),
      ...missing('luminaire model', models, light.model, [...at, 'plannedLightPoints', index, 'model']),
    ]),
    ...site.fieldDevices.flatMap((device, index) =>
      missing('gateway', gateways, device.gateway, [...at, 'fieldDevices', index, 'gateway']),
    ),
    ...site.groups.flatMap((group, index) =>
      group.lightPoints.flatMap((id, member) =>
        missing('light point', lightPoints, id, [...at, 'groups', index, 'lightPoints', member]),
      ),
    ),
  ];
};

const programReferences = (site: SiteSection, at: readonly (string | number)[]): WrongReference[] => {
  const programs = idsOf(site.programs);
  const groups = idsOf(site.groups);
  const lightPoints = idsOf(site.lightPoints);
  return site.assignments.flatMap(({ target, program }, index) => [
    ...missing('program', programs, program, [...at, 'assignments', index, 'program']),
    ...(target.kind === 'group' ? missing('group', groups, target.group, [...at, 'assignments', index, 'target', 'group']) : []),
    ...(target.kind === 'light-point'
      ? missing('light point', lightPoints, target.lightPoint, [...at, 'assignments', index, 'target', 'lightPoint'])
      : []),
  ]);
};

const deviceReferences = (site: SiteSection, points: ReadonlySet<string>, at: readonly (string | number)[]): WrongReference[] => {
  const gateways = new Set<string>(site.gateways);
  return [
    ...site.cabinets.flatMap((cabinet, index) => [
      ...missing('gateway', gateways, cabinet.gateway, [...at, 'cabinets', index, 'gateway']),
      ...missing('measurement point', points, cabinet.meterPoint, [...at, 'cabinets', index, 'meterPoint']),
      ...missing('measurement point', points, cabinet.controllerPoint, [...at, 'cabinets', index, 'controllerPoint']),
    ]),
    ...site.sensors.flatMap((sensor, index) =>
      missing('gateway', gateways, sensor.gateway, [...at, 'sensors', index, 'gateway']),
    ),
  ];
};

/** Names written twice, and names of nothing: with the place of each in the file, in its order. */
export const checkReferences = ({ sites, luminaireModels }: FieldSections): readonly WrongReference[] => {
  const points = pointsOf(sites);
  const known = idsOf(points);
  const models = idsOf(luminaireModels);
  return [
    ...repeated(
      'site',
      sites.map(({ id }, index) => ({ id, path: ['sites', index, 'id'] })),
    ),
    ...repeated(
      'gateway',
      sites.flatMap((site, s) => site.gateways.map((id, index) => ({ id, path: ['sites', s, 'gateways', index] }))),
    ),
    ...repeated(
      'luminaire model',
      luminaireModels.map(({ id }, index) => ({ id, path: ['luminaireModels', index, 'id'] })),
    ),
    ...repeated('cabinet', namedIn(sites, 'cabinets')),
    ...repeated('light point', [...namedIn(sites, 'lightPoints'), ...namedIn(sites, 'plannedLightPoints')]),
    ...repeated('group', namedIn(sites, 'groups')),
    ...repeated('meter', namedIn(sites, 'meters')),
    ...repeated('sensor', namedIn(sites, 'sensors')),
    ...repeated('measurement point', points),
    ...sites.flatMap((site, index) => {
      const at = ['sites', index] as const;
      return [
        ...deviceReferences(site, known, at),
        ...lightReferences(site, models, at),
        ...pointReferences(site, at),
        ...programReferences(site, at),
      ];
    }),
  ];
};

/** A dwelling is measured at a point of its own, which names it: told by both, and by both alike. */
export const checkDwellings = (sites: readonly SiteSection[], dwellings: readonly Dwelling[]): readonly WrongReference[] => {
  const measured = new Map<string, string>(
    sites.flatMap((site) => site.measurementPoints.flatMap(({ id, dwelling }) => (dwelling === null ? [] : [[dwelling, id]]))),
  );
  return dwellings.flatMap(({ id, point }, index) =>
    measured.get(id) === point
      ? []
      : [
          {
            path: ['housing', 'dwellings', index, 'point'],
            message: `"${point}" is not the measurement point of dwelling "${id}"`,
          },
        ],
  );
};
