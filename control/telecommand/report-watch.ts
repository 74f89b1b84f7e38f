import { reportMessage } from '#contract/messages/report.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { EdgeJournal } from '#contract/ports/ingest-registry.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus, Subscription } from '#contract/ports/message-bus.ts';
import type { GatewayReport, LightingRegistry } from '#contract/ports/registry.ts';
import { filters, parseTopic } from '#contract/topics.ts';
import { createTellings } from '../changes/tellings.ts';
import { readMessage } from '../reconcile/read-message.ts';

export interface ReportWatchMeans {
  readonly bus: MessageBus;
  readonly journal: EdgeJournal;
  readonly logger: Logger;
  readonly lighting: Pick<LightingRegistry, 'override'>;
  readonly changes: Pick<ChangeFeed, 'tell'>;
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

export const createReportWatch = ({ bus, journal, logger, lighting, changes }: ReportWatchMeans): ReportWatch => {
  const live = new Map<string, Map<string, GatewayReport>>();
  let subscription: Subscription | null = null;
  const tellings = createTellings(logger);

  const keep = (report: GatewayReport): void => {
    const kept = live.get(report.id) ?? new Map<string, GatewayReport>();
    if (kept.size < REPORTS_KEPT) kept.set(keyOf(report), report);
    live.delete(report.id);
    live.set(report.id, kept);
    if (live.size <= ORDERS_KEPT) return;
    const [oldest] = live.keys();
    if (oldest !== undefined) live.delete(oldest);
  };

  const tellStreet = async (order: string): Promise<void> => {
    const site = (await lighting.override(order))?.site;
    if (site !== undefined) changes.tell({ changed: 'street', id: site });
  };

  const hear = (topic: string, payload: Uint8Array): void => {
    const parsed = parseTopic(topic);
    if (parsed?.kind !== 'reports') return;
    const report = readMessage(payload, reportMessage, (reason) => logger.warn('message-refused', { topic, reason }));
    if (report === null) return;
    keep({ ...report, gateway: parsed.gateway });
    tellings.soon({ order: report.id }, () => tellStreet(report.id));
  };

  return {
    start: async () => {
      subscription = await bus.subscribe(filters.reports, hear);
    },
    stop: async () => {
      await subscription?.cancel();
      await tellings.told();
    },
    reportsOf: async (orders) => {
      const durable = await journal.reportsOf(orders);
      const heard = orders.flatMap((order) => [...(live.get(order)?.values() ?? [])]);
      return [...new Map([...durable, ...heard].map((report) => [keyOf(report), report])).values()];
    },
  };
};
