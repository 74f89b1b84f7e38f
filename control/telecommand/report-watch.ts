import { reportMessage } from '#contract/messages/report.ts';
import type { EdgeJournal } from '#contract/ports/ingest-registry.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus, Subscription } from '#contract/ports/message-bus.ts';
import type { GatewayReport } from '#contract/ports/registry.ts';
import { filters, parseTopic } from '#contract/topics.ts';
import { readMessage } from '../reconcile/field-watch.ts';

export interface ReportWatchMeans {
  readonly bus: MessageBus;
  readonly journal: EdgeJournal;
  readonly logger: Logger;
  /** Called with the order of each report heard. */
  readonly onReport: (order: string) => void;
}

export interface ReportWatch {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Reports of orders: those heard live, and those that ingest made durable, each once. */
  reportsOf(orders: readonly string[]): Promise<readonly GatewayReport[]>;
}

/** Orders whose live reports are remembered; older ones are read in the journal. */
const ORDERS_KEPT = 500;
/** Of one order over a whole gateway: four phases of 2,000 light points, and some trouble. */
const REPORTS_KEPT = 10_000;

const keyOf = ({ gateway, id, device, phase, at }: GatewayReport): string => [gateway, id, device ?? '', phase, at].join('/');

export const createReportWatch = ({ bus, journal, logger, onReport }: ReportWatchMeans): ReportWatch => {
  const live = new Map<string, Map<string, GatewayReport>>();
  let subscription: Subscription | null = null;

  const keep = (report: GatewayReport): void => {
    const kept = live.get(report.id) ?? new Map<string, GatewayReport>();
    if (kept.size < REPORTS_KEPT) kept.set(keyOf(report), report);
    live.delete(report.id);
    live.set(report.id, kept);
    if (live.size <= ORDERS_KEPT) return;
    const [oldest] = live.keys();
    if (oldest !== undefined) live.delete(oldest);
  };

  const hear = (topic: string, payload: Uint8Array): void => {
    const parsed = parseTopic(topic);
    if (parsed?.kind !== 'reports') return;
    const report = readMessage(payload, reportMessage, (reason) => logger.warn('message-refused', { topic, reason }));
    if (report === null) return;
    keep({ ...report, gateway: parsed.gateway });
    onReport(report.id);
  };

  return {
    start: async () => {
      subscription = await bus.subscribe(filters.reports, hear);
    },
    stop: async () => {
      await subscription?.cancel();
    },
    reportsOf: async (orders) => {
      const durable = await journal.reportsOf(orders);
      const heard = orders.flatMap((order) => [...(live.get(order)?.values() ?? [])]);
      return [...new Map([...durable, ...heard].map((report) => [keyOf(report), report])).values()];
    },
  };
};
