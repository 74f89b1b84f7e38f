import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryShelf } from '#adapters/document-shelf/in-memory.ts';
import type { Telecommand } from '#contract/messages/telecommand.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import { topics } from '#contract/topics.ts';
import { deviceId } from '#domain/identifiers.ts';
import { type Bench, GATEWAY, LAMPS, openBench, programsDocument, testConfiguration } from './gateway-under-test.ts';
import { type ScriptedField, startScriptedField } from './scripted-field.ts';

/** A disk that takes its time: what is put waits until it is let go. */
const createSlowShelf = () => {
  const kept = createMemoryShelf();
  let freed = Promise.withResolvers<void>();
  freed.resolve();
  const shelf: DocumentShelf = {
    get: (name) => kept.get(name),
    put: async (name, text) => {
      await freed.promise;
      await kept.put(name, text);
    },
  };
  const hold = (): void => {
    freed = Promise.withResolvers<void>();
  };
  return { shelf, hold, free: (): void => freed.resolve() };
};

let disk: ReturnType<typeof createSlowShelf>;
let bench: Bench;
let field: ScriptedField;
beforeEach(async () => {
  disk = createSlowShelf();
  bench = await openBench(undefined, disk.shelf);
  field = await startScriptedField();
  await bench.centre.document('programs', programsDocument(1, 50));
  await bench.boot(testConfiguration(field.server.port));
  await bench.advanceUntil('lamps follow', () => field.lamps.every(({ levelPercent }) => levelPercent === 50));
  await bench.advance(2000);
  field.writes.length = 0;
  disk.hold();
});
afterEach(async () => {
  disk.free();
  await bench.close();
  await field.server.close();
});

const send = (device: string, id: string, set: Telecommand['set']) => {
  const order = { id, set, expiresAt: '2026-11-24T12:05:00Z', by: 'account-technician', reason: 'works' };
  return bench.centre.bus.publish(topics.deviceTelecommand(GATEWAY, deviceId(device)), JSON.stringify(order), { qos: 1 });
};

test('a level is written, read back and said while the disk still keeps the order', async () => {
  await send(LAMPS[0], 'override-1', { levelPercent: 100, endsAt: '2026-11-24T13:00:00Z' });
  await bench.advanceUntil('it is proved', () => bench.centre.phases('override-1').includes('proved'), 10_000);
  expect(field.writes).toEqual(['3:15=100']);
});

test('what is done once is done only when the disk has it', async () => {
  await send('cabinet', 'order-1', { contactorClosed: false });
  await bench.advance(5000);
  expect(field.writes).toEqual([]);
  disk.free();
  await bench.advanceUntil('it is done', () => bench.centre.phases('order-1').includes('applied'), 10_000);
  expect(field.writes).toEqual(['2:0=0', '2:1=0', '2:2=0', '2:3=0']);
});
