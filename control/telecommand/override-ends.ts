import { reasonOf } from '#contract/errors.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { Clock, Monotonic, Timer } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { AssetsRegistry, LightingRegistry, OrderedOverride } from '#contract/ports/registry.ts';
import { instant } from '#domain/civil-time.ts';
import type { DesiredState } from '../reconcile/desired-state.ts';

export interface OverrideEndsMeans {
  readonly assets: Pick<AssetsRegistry, 'revision'>;
  readonly lighting: LightingRegistry;
  readonly desired: DesiredState;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface OverrideEnds {
  /** Looks at once, then at each end, and every few seconds in case the clock was set. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The longest between two looks, elapsed milliseconds: an end that a clock step brought near is seen within it. */
const LOOK_EVERY_MS = 5_000;
/** A consent begins or ends at its own date, which changes no asset: documents are built again at least this often. */
const BUILD_EVERY_MS = 300_000;
const BEGINNING = instant(0);

/** Takes overrides out of the documents at their end, and builds documents again when assets or consents changed. */
export const createOverrideEnds = (means: OverrideEndsMeans): OverrideEnds => {
  const { assets, lighting, desired, changes, clock, logger } = means;
  let timer: Timer | null = null;
  let working: Promise<void> = Promise.resolve();
  let stopped = false;
  let built: { readonly revision: number; readonly at: Monotonic } | null = null;

  const close = async (order: OrderedOverride): Promise<void> => {
    await lighting.endOverride(order.id, order.endsAt);
    logger.info('override-ended', { override: order.id, site: order.site });
    for (const gateway of new Set(order.members.map((member) => member.gateway))) await desired.refresh(gateway);
    changes.tell({ changed: 'street', id: order.site });
  };

  const followAssets = async (): Promise<void> => {
    const revision = await assets.revision();
    const now = clock.monotonicNow();
    if (built?.revision === revision && now - built.at < BUILD_EVERY_MS) return;
    await desired.refreshAll();
    built = { revision, at: now };
  };

  /** Answers after how many elapsed milliseconds to look again. */
  const look = async (): Promise<number> => {
    await followAssets();
    const open = await lighting.overridesInForce(null, BEGINNING);
    const now = clock.civilNow();
    for (const order of open) if (order.endsAt <= now) await close(order);
    const next = open.find(({ endsAt }) => endsAt > now);
    return next === undefined ? LOOK_EVERY_MS : Math.min(LOOK_EVERY_MS, (next.endsAt - now) / clock.speed);
  };

  const lookAndPlan = async (): Promise<void> => {
    const again = await look().catch((thrown: unknown) => {
      logger.error('overrides-not-looked-at', { reason: reasonOf(thrown) });
      return LOOK_EVERY_MS;
    });
    if (stopped) return;
    timer = clock.after(Math.max(1, Math.ceil(again)), () => {
      working = lookAndPlan();
    });
  };

  return {
    start: () => {
      stopped = false;
      working = lookAndPlan();
      return working;
    },
    stop: async () => {
      stopped = true;
      timer?.cancel();
      await working;
    },
  };
};
