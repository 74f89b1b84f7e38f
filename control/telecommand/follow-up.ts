import type { ReportPhase } from '#contract/messages/report.ts';
import type { GatewayReport, OrderedOverride } from '#contract/ports/registry.ts';
import { type Instant, parseInstant } from '#domain/civil-time.ts';
import type { LightPointId } from '#domain/identifiers.ts';

/** `sent`: nothing was heard of it yet. */
export type OrderPhase = ReportPhase | 'sent';

export interface FollowUpLine {
  readonly lightPoint: LightPointId;
  readonly phase: OrderPhase;
  readonly at: Instant | null;
  readonly observedW: number | null;
  readonly expectedW: number | null;
  readonly why: string | null;
}

export type PhaseCounts = Record<OrderPhase, number>;

/** How far an order went; the other phases are its ends without success. */
const PROGRESS: Readonly<Record<ReportPhase, number | null>> = {
  accepted: 1,
  applied: 2,
  'not-provable': 3,
  proved: 4,
  rejected: null,
  expired: null,
  failed: null,
};

const later = (a: GatewayReport, b: GatewayReport): GatewayReport => (parseInstant(b.at) > parseInstant(a.at) ? b : a);

/** The furthest step reached, at the first instant it was. */
const furthest = (reports: readonly GatewayReport[]): GatewayReport | null =>
  reports.reduce<GatewayReport | null>((best, report) => {
    const progress = PROGRESS[report.phase];
    if (progress === null) return best;
    const reached = best === null ? 0 : (PROGRESS[best.phase] ?? 0);
    if (progress > reached) return report;
    return progress === reached && best !== null && parseInstant(report.at) < parseInstant(best.at) ? report : best;
  }, null);

/** The rule by its code, then what happened. */
const reasonIn = ({ code, why }: GatewayReport): string | null =>
  code === undefined || why === undefined ? (why ?? code ?? null) : `${code}: ${why}`;

const lastEnd = (reports: readonly GatewayReport[]): GatewayReport | null => {
  const ends = reports.filter(({ phase }) => PROGRESS[phase] === null);
  return ends.length === 0 ? null : ends.reduce(later);
};

/**
 * The report that says where an order stands: an end without success stands unless the order was proved, or found not
 * provable, at that instant or after it. What was proved is undone only by a later failure: the fast path of an order may
 * be refused after its document was obeyed.
 */
const decisive = (reports: readonly GatewayReport[]): GatewayReport | null => {
  const best = furthest(reports);
  const end = lastEnd(reports);
  if (end === null) return best;
  const concluded = best !== null && (best.phase === 'proved' || best.phase === 'not-provable');
  if (!concluded) return end;
  return end.phase === 'failed' && parseInstant(end.at) > parseInstant(best.at) ? end : best;
};

/** Where an order stands for each of its light points. The reports may come twice and in any order. */
export const followUp = (order: OrderedOverride, reports: readonly GatewayReport[]): readonly FollowUpLine[] => {
  // An order received a second time is obeyed once: that says nothing of where it stands.
  const own = reports.filter(({ id, code }) => id === order.id && code !== 'TELECOMMAND_REPEATED');
  return order.members.map(({ lightPoint, gateway, device }) => {
    const about = own.filter((report) => report.gateway === gateway && (report.device ?? device) === device);
    const report = decisive(about);
    return {
      lightPoint,
      phase: report?.phase ?? 'sent',
      at: report === null ? null : parseInstant(report.at),
      observedW: report?.proof?.observedW ?? null,
      expectedW: report?.proof?.expectedW ?? null,
      why: report === null ? null : reasonIn(report),
    };
  });
};

export const countPhases = (lines: readonly FollowUpLine[]): PhaseCounts => {
  const counts: PhaseCounts = {
    sent: 0,
    accepted: 0,
    applied: 0,
    proved: 0,
    'not-provable': 0,
    rejected: 0,
    expired: 0,
    failed: 0,
  };
  for (const { phase } of lines) counts[phase] += 1;
  return counts;
};
