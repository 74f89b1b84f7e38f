import type { GrainPeriod, IngestRegistry, PointBinding } from '#contract/ports/ingest-registry.ts';
import type { Instant } from '#domain/civil-time.ts';
import type { DisplayGrain } from '#domain/housing/consent.ts';
import type { GatewayId, PointId } from '#domain/identifiers.ts';

/** What the registry says of a gateway's points, kept in memory until it changes. */
export interface Ownership {
  /** Looks whether the registry has changed. Rejects with `REGISTRY_UNAVAILABLE`. */
  refresh(): Promise<void>;
  /** Bindings of a point to this gateway, past and present. */
  bindingsOf(gateway: GatewayId, point: PointId): Promise<readonly PointBinding[]>;
  /** What a dwelling point could publish at an instant: `day` unless a consent says more. */
  grainAt(gateway: GatewayId, point: PointId, at: Instant): Promise<DisplayGrain>;
  /** Whether the registry knows the point, whoever owns it. */
  isKnown(point: PointId): Promise<boolean>;
  /** Whether nothing that this gateway sends can be of a dwelling. False of a gateway that owns nothing. */
  isOperationalOnly(gateway: GatewayId): Promise<boolean>;
}

interface GatewayAssets {
  readonly bindings: ReadonlyMap<PointId, readonly PointBinding[]>;
  readonly grains: ReadonlyMap<PointId, readonly GrainPeriod[]>;
}

/** Names that nobody owns are remembered too, up to this many, so that a mistaken gateway does not question the registry at each reading. */
const FOREIGN_LIMIT = 10_000;

const byPoint = <T extends { readonly point: PointId }>(list: readonly T[]): ReadonlyMap<PointId, readonly T[]> =>
  Map.groupBy(list, ({ point }) => point);

export const covers = (period: { readonly from: Instant; readonly to: Instant | null }, at: Instant): boolean =>
  period.from <= at && (period.to === null || at < period.to);

export const createOwnership = (registry: IngestRegistry): Ownership => {
  const gateways = new Map<GatewayId, GatewayAssets>();
  const known = new Map<PointId, boolean>();
  let revision: number | null = null;

  const assetsOf = async (gateway: GatewayId): Promise<GatewayAssets> => {
    const kept = gateways.get(gateway);
    if (kept !== undefined) return kept;
    const [bindings, grains] = [await registry.bindingsOf(gateway), await registry.grainsOf(gateway)];
    const assets = { bindings: byPoint(bindings), grains: byPoint(grains) };
    if (bindings.length > 0) gateways.set(gateway, assets);
    return assets;
  };

  return {
    async refresh() {
      const current = await registry.assetsRevision();
      if (current === revision) return;
      gateways.clear();
      known.clear();
      revision = current;
    },
    bindingsOf: async (gateway, point) => (await assetsOf(gateway)).bindings.get(point) ?? [],
    async grainAt(gateway, point, at) {
      const periods = (await assetsOf(gateway)).grains.get(point) ?? [];
      return periods.find((period) => covers(period, at))?.grain ?? 'day';
    },
    async isKnown(point) {
      const kept = known.get(point);
      if (kept !== undefined) return kept;
      const found = (await registry.bindingsOfPoint(point)).length > 0;
      if (known.size >= FOREIGN_LIMIT) known.clear();
      known.set(point, found);
      return found;
    },
    async isOperationalOnly(gateway) {
      const bindings = [...(await assetsOf(gateway)).bindings.values()].flat();
      return bindings.length > 0 && bindings.every(({ privacy }) => privacy === 'operational');
    },
  };
};
