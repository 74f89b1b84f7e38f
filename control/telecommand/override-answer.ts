import type { GatewayReport, OrderedOverride, PeopleRegistry } from '#contract/ports/registry.ts';
import type { OverrideAnswer } from '#contract/routes/lighting.ts';
import { formatInstant } from '#domain/civil-time.ts';
import { type AccountId, isIdentifier, type LightPointId } from '#domain/identifiers.ts';
import { countPhases, followUp } from './follow-up.ts';

/** Names people as pages show them; an account that is gone, or a service, keeps its identifier. */
export const createNames =
  (people: Pick<PeopleRegistry, 'account'>) =>
  async (ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const names = new Map<string, string>();
    for (const id of new Set(ids)) {
      const account = isIdentifier(id) ? await people.account(id as AccountId) : null;
      names.set(id, account?.displayName ?? id);
    }
    return names;
  };
export type Names = ReturnType<typeof createNames>;

export interface OverrideContext {
  readonly reports: readonly GatewayReport[];
  readonly names: ReadonlyMap<string, string>;
  /** What is painted on each column. */
  readonly labels: ReadonlyMap<LightPointId, string>;
}

export const overrideAnswerOf = (order: OrderedOverride, { reports, names, labels }: OverrideContext): OverrideAnswer => {
  const lines = followUp(order, reports);
  const endedEarly = order.endedAt !== null && order.endedAt < order.endsAt;
  return {
    id: order.id,
    target: order.target,
    levelPercent: order.levelPercent,
    startsAt: formatInstant(order.startsAt),
    endsAt: formatInstant(order.endsAt),
    endedAt: endedEarly && order.endedAt !== null ? formatInstant(order.endedAt) : null,
    by: names.get(order.by) ?? order.by,
    reason: order.reason,
    phases: countPhases(lines),
    lines: lines.map(({ at, ...line }) => ({
      ...line,
      label: labels.get(line.lightPoint) ?? line.lightPoint,
      at: at === null ? null : formatInstant(at),
    })),
  };
};
