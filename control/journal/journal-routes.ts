import type { IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { AuditRegistry } from '#contract/ports/registry.ts';
import { readJournal, readQuarantine } from '#contract/routes/platform.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import { formatInstant } from '#domain/civil-time.ts';
import type { Names } from '../telecommand/override-answer.ts';

export interface JournalRoutesMeans {
  readonly audit: AuditRegistry;
  readonly quarantine: Pick<IngestRegistry, 'quarantined'>;
  readonly names: Names;
}

const ENTRIES_SHOWN = 200;

export const journalRoutes = ({ audit, quarantine, names }: JournalRoutesMeans): readonly MountedRoute[] => [
  mount(readJournal, async ({ params }) => {
    const entries = await audit.entriesOf(params.site, ENTRIES_SHOWN);
    const known = await names(entries.map(({ by }) => by));
    return {
      entries: entries.map(({ at, by, action, object, detail }) => ({
        at: formatInstant(at),
        by: known.get(by) ?? by,
        action,
        object,
        detail,
      })),
    };
  }),
  mount(readQuarantine, async () => {
    const messages = await quarantine.quarantined(ENTRIES_SHOWN);
    return { messages: messages.map((message) => ({ ...message, receivedAt: formatInstant(message.receivedAt) })) };
  }),
];
