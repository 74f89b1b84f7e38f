import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createFileShelf } from '#adapters/document-shelf/files.ts';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import { createJsonLinesLogger } from '#adapters/logger/json-lines.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { ackMessage } from '#contract/messages/ack.ts';
import { topics } from '#contract/topics.ts';
import { gatewayLastWill, readBoot } from '#gateway/index.ts';
import { Outbox } from '#gateway/outbox/outbox.ts';
import { keepBoot } from '#gateway/status.ts';
import { GATEWAY, type Replay, replayedBatch } from './replay.ts';
import { openWitness } from './witness.ts';

/**
 * A gateway without a field, as a process of its own to be killed: its boot, its segment log, its outbox and its MQTT link are
 * the real ones; its readings are a past that is lived again, resumed behind the last one that it swore to be durable.
 */

/** Appended together, as the rounds of so many buses: they share one sync. */
const TOGETHER = 4;
const LIMIT_BYTES = 512 * 1024 * 1024;
const PROGRESS_MS = 1000;

const { values: given } = parseArgs({
  options: {
    folder: { type: 'string', default: '' },
    url: { type: 'string', default: '' },
    password: { type: 'string', default: '' },
    /** JSON of a `Replay`. */
    replay: { type: 'string', default: '' },
    'batches-per-second': { type: 'string', default: '' },
  },
});
const replay = JSON.parse(given.replay) as Replay;
const everyMs = (1000 * TOGETHER) / Number(given['batches-per-second']);
const clock = createSystemClock();
const logger = createJsonLinesLogger({ clock, service: GATEWAY });
const tell = (event: string, fields: object = {}): void => void process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);

const openOutbox = async (boot: number): Promise<Outbox> => {
  const bus = createMqttBus({
    url: given.url,
    username: GATEWAY,
    password: given.password,
    clientId: GATEWAY,
    will: gatewayLastWill(GATEWAY, boot, 'soak'),
    clock,
    logger,
  });
  const log = await createSegmentLog({ folder: join(given.folder, 'outbox'), logger });
  const outbox = new Outbox({ gateway: GATEWAY, boot, log, bus, clock, logger, limitBytes: LIMIT_BYTES });
  await bus.subscribe(topics.ack(GATEWAY), (_topic, payload) =>
    outbox.acknowledge(ackMessage.parse(JSON.parse(new TextDecoder().decode(payload)))),
  );
  await outbox.start(() => undefined);
  void bus.connect();
  return outbox;
};

const run = async (): Promise<void> => {
  const shelf = await createFileShelf(join(given.folder, 'documents'));
  const boot = await readBoot(shelf);
  await keepBoot(shelf, boot);
  const outbox = await openOutbox(boot);
  const witness = await openWitness(join(given.folder, 'witness.log'), boot);
  let next = witness.next;
  tell('ready', { boot, from: next, depth: outbox.depth });
  setInterval(() => tell('progress', { fed: next, depth: outbox.depth, rss: process.memoryUsage.rss() }), PROGRESS_MS);
  for (let due = performance.now(); next < replay.batches; due += everyMs) {
    await pause(Math.max(0, due - performance.now()));
    const together = Array.from({ length: Math.min(TOGETHER, replay.batches - next) }, (_, index) => next + index);
    const appended = together.map((batch) => outbox.append({ readings: replayedBatch(replay, batch) }));
    for (const [index, append] of appended.entries()) {
      await append;
      if (outbox.storage !== 'kept') throw new Error(`The disk does not keep: ${outbox.storage}`);
      await witness.durable(next);
      next = (together[index] ?? next) + 1;
    }
  }
  tell('fed');
  await outbox.drained();
  tell('drained');
};

await run();
