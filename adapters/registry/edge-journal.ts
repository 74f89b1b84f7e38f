import type { Kysely } from 'kysely';
import type { ErrorCode } from '#contract/errors.ts';
import type { Report } from '#contract/messages/report.ts';
import type { EdgeEvent } from '#contract/messages/telemetry.ts';
import type { EdgeJournal, IngestRegistry, PointBinding } from '#contract/ports/ingest-registry.ts';
import { parseInstant } from '#domain/civil-time.ts';
import type { RegistryTables } from './tables.ts';

type Database = Kysely<RegistryTables>;

const QUARANTINE_KEPT = 1000;
const ROWS_AN_INSERT = 1000;

const chunked = function* <T>(rows: readonly T[]): Generator<T[]> {
  for (let start = 0; start < rows.length; start += ROWS_AN_INSERT) yield rows.slice(start, start + ROWS_AN_INSERT);
};

export const edgeJournal = (database: Database): EdgeJournal => ({
  reportsOf: async (orders) => {
    if (orders.length === 0) return [];
    const rows = await database
      .selectFrom('edgeReport')
      .select(['gateway', 'content'])
      .where('orderId', 'in', orders)
      .orderBy('at')
      .execute();
    return rows.map(({ gateway, content }) => ({ ...(JSON.parse(content) as Report), gateway }));
  },
  eventsOf: async (gateways, limit) => {
    if (gateways.length === 0) return [];
    const rows = await database
      .selectFrom('edgeEvent')
      .select(['gateway', 'content'])
      .where('gateway', 'in', gateways)
      .orderBy('at', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ gateway, content }) => ({ ...(JSON.parse(content) as EdgeEvent), gateway }));
  },
});

const bindingsQuery = (database: Database) =>
  database
    .selectFrom('measurementBinding')
    .innerJoin('measurementPoint', 'measurementPoint.id', 'measurementBinding.point')
    .innerJoin('site', 'site.id', 'measurementPoint.site')
    .select([
      'measurementBinding.point',
      'measurementBinding.gateway',
      'measurementPoint.privacy',
      'site.zone',
      'measurementBinding.startsAt as from',
      'measurementBinding.endsAt as to',
    ])
    .orderBy('measurementBinding.startsAt');

const journalWriting = (database: Database): Pick<IngestRegistry, 'saveReports' | 'saveEvents'> => ({
  saveReports: async (gateway, reports) => {
    for (const chunk of chunked(reports))
      await database
        .insertInto('edgeReport')
        .values(
          chunk.map((report) => ({
            gateway,
            orderId: report.id,
            device: report.device ?? '',
            phase: report.phase,
            at: parseInstant(report.at),
            content: JSON.stringify(report),
          })),
        )
        .onConflict((conflict) => conflict.columns(['orderId', 'gateway', 'device', 'phase', 'at']).doNothing())
        .execute();
  },
  saveEvents: async (gateway, events) => {
    for (const chunk of chunked(events))
      await database
        .insertInto('edgeEvent')
        .values(
          chunk.map((event) => ({
            gateway,
            event: event.event,
            device: event.device ?? '',
            at: parseInstant(event.at),
            content: JSON.stringify(event),
          })),
        )
        .onConflict((conflict) => conflict.columns(['gateway', 'event', 'device', 'at']).doNothing())
        .execute();
  },
});

const quarantine = (database: Database): Pick<IngestRegistry, 'quarantine' | 'quarantined'> => ({
  quarantine: async (message) => {
    await database.transaction().execute(async (transaction) => {
      await transaction.insertInto('quarantinedMessage').values(message).execute();
      const oldestKept = transaction
        .selectFrom('quarantinedMessage')
        .select('sequence')
        .orderBy('sequence', 'desc')
        .offset(QUARANTINE_KEPT)
        .limit(1);
      await transaction.deleteFrom('quarantinedMessage').where('sequence', '<=', oldestKept).execute();
    });
  },
  quarantined: async (limit) => {
    const rows = await database
      .selectFrom('quarantinedMessage')
      .select(['receivedAt', 'topic', 'code', 'why', 'excerpt'])
      .orderBy('sequence', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => ({ ...row, code: row.code as ErrorCode }));
  },
});

export const ingestRegistry = (database: Database, grains: Pick<IngestRegistry, 'grainsOf'>): IngestRegistry => ({
  ...journalWriting(database),
  ...quarantine(database),
  grainsOf: (gateway) => grains.grainsOf(gateway),
  bindingsOf: (gateway): Promise<PointBinding[]> =>
    bindingsQuery(database).where('measurementBinding.gateway', '=', gateway).execute(),
  bindingsOfPoint: (point): Promise<PointBinding[]> =>
    bindingsQuery(database).where('measurementBinding.point', '=', point).execute(),
  assetsRevision: async () => (await database.selectFrom('assetStamp').select('revision').executeTakeFirstOrThrow()).revision,
});
