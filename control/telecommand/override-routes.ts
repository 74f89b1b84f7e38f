import type { AssetsRegistry, OrderedOverride } from '#contract/ports/registry.ts';
import { beginOverride, endOverride, type OverrideAnswer, readOverride } from '#contract/routes/lighting.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { type Names, overrideAnswerOf } from './override-answer.ts';
import type { OverrideOrders } from './override-orders.ts';
import type { ReportWatch } from './report-watch.ts';

export interface OverrideRoutesMeans {
  readonly orders: OverrideOrders;
  readonly reports: Pick<ReportWatch, 'reportsOf'>;
  readonly assets: Pick<AssetsRegistry, 'siteAssets'>;
  readonly names: Names;
}

export const overrideRoutes = ({ orders, reports, assets, names }: OverrideRoutesMeans): readonly MountedRoute[] => {
  const answer = async (order: OrderedOverride): Promise<OverrideAnswer> => {
    const standing = await assets.siteAssets(order.site);
    return overrideAnswerOf(order, {
      reports: await reports.reportsOf([order.id]),
      names: await names([order.by]),
      labels: new Map(standing?.lightPoints.map(({ id, label }) => [id, label])),
    });
  };
  return [
    mount(beginOverride, async ({ params, body, principal }) => {
      const endsAt = parseInstant(body.endsAt);
      return answer(await orders.begin({ ...body, endsAt, site: params.site, by: principal.account }));
    }),
    mount(readOverride, async ({ params }) => answer(await orders.find(params.site, params.override))),
    mount(endOverride, async ({ params, principal }) =>
      answer(await orders.end(params.site, params.override, principal.account)),
    ),
  ];
};
