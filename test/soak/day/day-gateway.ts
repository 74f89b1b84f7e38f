import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createFileShelf } from '#adapters/document-shelf/files.ts';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import { createJsonLinesLogger } from '#adapters/logger/json-lines.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { createGateway, gatewayLastWill, loadGatewayConfiguration, loadProfiles, readBoot } from '#gateway/index.ts';
import { createDayClock, type SharedDay } from './day-clock.ts';
import { swornLog } from './sworn-log.ts';

/** A whole gateway as a process of its own, as gateway/main.ts puts it together, on the clock of a shared day and with a log that swears. */

const { values: given } = parseArgs({
  options: {
    config: { type: 'string', default: '' },
    folder: { type: 'string', default: '' },
    url: { type: 'string', default: '' },
    password: { type: 'string', default: '' },
    /** JSON of a `SharedDay`. */
    day: { type: 'string', default: '' },
    'unknown-ms': { type: 'string', default: '0' },
  },
});
const clock = createDayClock(JSON.parse(given.day) as SharedDay, Number(given['unknown-ms']));
const profiles = await loadProfiles();
const configuration = await loadGatewayConfiguration(given.config, profiles);
const logger = createJsonLinesLogger({ clock, service: configuration.id });
const shelf = await createFileShelf(join(given.folder, 'documents'));
const log = await createSegmentLog({ folder: join(given.folder, 'outbox'), segmentBytes: 256 * 1024, logger });
const boot = await readBoot(shelf);
const bus = createMqttBus({
  url: given.url,
  username: configuration.id,
  password: given.password,
  clientId: configuration.id,
  will: gatewayLastWill(configuration.id, boot, 'soak'),
  clock,
  logger,
});
const gateway = createGateway({
  configuration,
  profiles,
  bus,
  log: await swornLog(log, join(given.folder, 'sworn.log')),
  shelf,
  clock,
  logger,
  version: 'soak',
});
await gateway.start();
process.stdout.write(`${JSON.stringify({ event: 'ready', boot })}\n`);
process.once('SIGUSR2', () => void gateway.outboxDrained().then(() => process.stdout.write('{"event":"drained"}\n')));
