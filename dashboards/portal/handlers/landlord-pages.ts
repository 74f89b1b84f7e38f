import { readBuilding } from '#contract/routes/housing.ts';
import { listSites } from '#contract/routes/lighting.ts';
import { showBuilding, showEstate } from '#contract/routes/pages.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import type { SiteId } from '#domain/identifiers.ts';
import { bodyOf, type PageRequest, type PortalContext, pageAnswer, staffToken } from './portal-context.ts';

const buildingOf = async (context: PortalContext, request: PageRequest, site: SiteId) =>
  bodyOf(await context.api.call(readBuilding, staffToken(request), { params: { site } }));

/** The buildings of a landlord's session: common parts, and dwellings only as one cell. */
export const landlordPages = (context: PortalContext): MountedRoute[] => [
  mount(showEstate, async (request) => {
    const { sites } = bodyOf(await context.api.call(listSites, staffToken(request), {}));
    const residences = sites.filter(({ kind }) => kind === 'building');
    const buildings = await Promise.all(residences.map(({ id }) => buildingOf(context, request, id)));
    return pageAnswer(context, request, { page: 'estate', buildings });
  }),
  mount(showBuilding, async (request) => {
    const building = await buildingOf(context, request, request.params.site);
    return pageAnswer(context, request, { page: 'building', building });
  }),
];
