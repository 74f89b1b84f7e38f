import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { type StartedMosquitto, startMosquitto } from '#test/services/start-mosquitto.ts';

const LENGTHS = 500;
const MB = 1024 * 1024;

let broker: StartedMosquitto;
let bus: MessageBus;

beforeEach(async () => {
  broker = await startMosquitto();
  bus = createMqttBus({ url: broker.url, clientId: 'talker', clock: createSystemClock(), logger: silentLogger });
  await bus.connect();
});
afterEach(async () => {
  await bus.disconnect();
  await broker.stop();
});

/** Bytes held outside the heap, once what is not held is gone. */
const bytesHeld = (): number => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().arrayBuffers;
};

test('messages of as many lengths as there are messages leave no memory behind', async () => {
  const before = bytesHeld();
  for (let length = 0; length < LENGTHS; length += 1) {
    // what else a process does: each message finds another pool of buffers
    for (let used = 0; used < Buffer.poolSize; used += 1024) Buffer.allocUnsafe(1024);
    await bus.publish('axone/v1/talker/telemetry', 'x'.repeat(1000 + length), { qos: 1 });
  }
  // each would hold a pool of 64 KiB, 31 MB together
  expect(bytesHeld() - before).toBeLessThan(8 * MB);
}, 30_000);
