import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import type { DurableLog } from '#contract/ports/durable-log.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { pointId } from '#domain/identifiers.ts';
import { latestInLog } from '#gateway/index.ts';
import { encodeBatch } from '#gateway/outbox/batch-record.ts';
import { silentLogger } from '#test/services/loggers.ts';

let folder: string;
let log: DurableLog;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'axone-latest-'));
  log = await createSegmentLog({ folder, logger: silentLogger });
});
afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

const batch = (seq: number, ...instants: string[]): Uint8Array =>
  encodeBatch(
    { boot: 1, seq },
    { readings: instants.map((at) => ({ point: pointId('point-republique-meter'), at, values: { activePowerW: 12 } })) },
  );

test('an outbox without a reading knows no instant', async () => {
  expect(await latestInLog(log)).toBeNull();
  await log.append([batch(1)]);
  expect(await latestInLog(log)).toBeNull();
});

test('the latest reading of an outbox is found wherever it waits, past what is no batch of ours', async () => {
  await log.append([batch(1, '2026-11-23T21:30:00Z', '2026-11-23T22:00:00.007Z'), new TextEncoder().encode('torn')]);
  await log.append(Array.from({ length: 450 }, (_, index) => batch(index + 2, '2026-11-23T20:00:00Z')));
  expect(await latestInLog(log)).toBe(parseInstant('2026-11-23T22:00:00.007Z'));
});
