import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import type { DurableLog, LogPosition } from '#contract/ports/durable-log.ts';
import type { Logger } from '#contract/ports/logger.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'axone-log-'));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const openLog = (segmentBytes?: number, logger: Logger = silentLogger) =>
  createSegmentLog({ folder, logger, ...(segmentBytes === undefined ? {} : { segmentBytes }) });
const texts = async (log: DurableLog, from = 0, limit = 1000) =>
  (await log.read(from as LogPosition, limit)).map(({ position, payload }) => `${position} ${new TextDecoder().decode(payload)}`);

describe('the log of the outbox', () => {
  test('gives back what was appended, in order, also after a restart', async () => {
    const log = await openLog();
    expect(await log.append([bytes('a'), bytes('b')])).toEqual([0, 1]);
    expect(await log.append([bytes('c')])).toEqual([2]);
    expect(await texts(log, 1)).toEqual(['1 b', '2 c']);
    await log.close();
    const again = await openLog();
    expect(await texts(again)).toEqual(['0 a', '1 b', '2 c']);
    expect(await again.append([bytes('d')])).toEqual([3]);
    await again.close();
  });

  test('gives concurrent appends consecutive places', async () => {
    const log = await openLog();
    const places = await Promise.all(Array.from({ length: 50 }, (_, index) => log.append([bytes(`r${index}`)])));
    expect(places.flat()).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(await texts(log)).toHaveLength(50);
    await log.close();
  });

  test('spreads over segments and reads across them', async () => {
    const log = await openLog(64);
    for (let index = 0; index < 20; index += 1) await log.append([bytes(`record ${index} of some length`)]);
    expect((await readdir(folder)).filter((name) => name.startsWith('segment-')).length).toBeGreaterThan(5);
    expect((await texts(log, 7, 6)).map((text) => text.split(' ')[0])).toEqual(['7', '8', '9', '10', '11', '12']);
    await log.close();
  });

  test('gives space back when it is trimmed, and remembers it after a restart', async () => {
    const log = await openLog(64);
    for (let index = 0; index < 20; index += 1) await log.append([bytes(`record ${index} of some length`)]);
    const before = log.sizeBytes;
    await log.trim(15 as LogPosition);
    expect(log.sizeBytes).toBeLessThan(before / 2);
    expect(log.bounds()).toEqual({ first: 15, next: 20 });
    await log.close();
    const again = await openLog(64);
    expect(again.bounds()).toEqual({ first: 15, next: 20 });
    expect((await texts(again)).at(0)).toContain('15 record 15');
    await again.trim(20 as LogPosition);
    await again.close();
    const emptied = await openLog(64);
    expect(await texts(emptied)).toEqual([]);
    expect(await emptied.append([bytes('next')])).toEqual([20]);
    await emptied.close();
  });

  test('cuts a torn tail, says it, and goes on in its place', async () => {
    const log = await openLog();
    await log.append([bytes('whole'), bytes('torn by the power cut')]);
    await log.close();
    const [segment = ''] = (await readdir(folder)).filter((name) => name.startsWith('segment-'));
    await truncate(join(folder, segment), 8 + 5 + 8 + 3);
    const said: unknown[] = [];
    const again = await openLog(undefined, { ...silentLogger, warn: (_event, fields) => said.push(fields?.['code']) });
    expect(said).toEqual(['DURABLE_LOG_DAMAGED']);
    expect(await texts(again)).toEqual(['0 whole']);
    expect(await again.append([bytes('after')])).toEqual([1]);
    await again.close();
    const third = await openLog();
    expect(await texts(third)).toEqual(['0 whole', '1 after']);
    await third.close();
  });

  test('refuses rubbish at its end by its CRC', async () => {
    const log = await openLog();
    await log.append([bytes('whole')]);
    await log.close();
    const [segment = ''] = (await readdir(folder)).filter((name) => name.startsWith('segment-'));
    await appendFile(join(folder, segment), Buffer.from([0, 0, 0, 2, 1, 2, 3, 4, 65, 66]));
    const again = await openLog();
    expect(await texts(again)).toEqual(['0 whole']);
    await again.close();
  });

  const spoil = async (text: string, before: number, bytes: number): Promise<void> => {
    for (const name of (await readdir(folder)).filter((file) => file.startsWith('segment-'))) {
      const content = await readFile(join(folder, name));
      const at = content.indexOf(text) - before;
      if (at >= 0) await writeFile(join(folder, name), content.fill(0x55, at, at + bytes));
    }
  };
  const damagesOf = (log: DurableLog) =>
    log.damages.map(({ from, to, remains }) => `${from} to ${to}: ${new TextDecoder().decode(remains.subarray(8))}`);

  test('tells which places are damaged, and gives the records around them', async () => {
    const log = await openLog();
    await log.append([bytes('first'), bytes('second'), bytes('third')]);
    await log.close();
    await spoil('second', 0, 1);
    const said: unknown[] = [];
    const again = await openLog(undefined, { ...silentLogger, warn: (_event, fields) => said.push(fields?.['code']) });
    expect(said).toEqual(['DURABLE_LOG_DAMAGED']);
    expect(damagesOf(again)).toEqual(['1 to 2: Uecond']);
    expect(await texts(again)).toEqual(['0 first', '2 third']);
    expect(await again.append([bytes('fourth')])).toEqual([3]);
    await again.close();
    const third = await openLog();
    expect(await texts(third)).toEqual(['0 first', '2 third', '3 fourth']);
    await third.trim(2 as LogPosition);
    await third.close();
    const trimmed = await openLog();
    expect(damagesOf(trimmed)).toEqual([]);
    await trimmed.close();
  });

  test('counts what a lost header hid by the segment behind it', async () => {
    const log = await openLog(64);
    await log.append([bytes('first'), bytes('second'), bytes('third'), bytes('fourth '.repeat(10))]);
    await log.append([bytes('fifth')]);
    await log.close();
    await spoil('second', 8, 8 + 6 + 8);
    const again = await openLog(64);
    expect(again.damages.map(({ from, to }) => [from, to])).toEqual([[1, 3]]);
    expect((await texts(again)).map((text) => text.slice(0, 7))).toEqual(['0 first', '3 fourt', '4 fifth']);
    await again.close();
  });

  test('sends again rather than forget, where damage has lost count of the places', async () => {
    const log = await openLog();
    await log.append([bytes('first'), bytes('second'), bytes('third'), bytes('fourth'), bytes('fifth')]);
    await log.trim(4 as LogPosition);
    await log.close();
    await spoil('second', 8, 8 + 6 + 8);
    const again = await openLog();
    expect((await texts(again)).map((text) => text.slice(2))).toEqual(['fourth', 'fifth']);
    await again.close();
  });

  test('takes the zeros of a file that grew before its content came for a write that was cut off', async () => {
    const log = await openLog();
    await log.append([bytes('whole')]);
    await log.close();
    const [segment = ''] = (await readdir(folder)).filter((name) => name.startsWith('segment-'));
    await appendFile(join(folder, segment), Buffer.alloc(100));
    const again = await openLog();
    expect(damagesOf(again)).toEqual([]);
    expect(await texts(again)).toEqual(['0 whole']);
    expect(await again.append([bytes('after')])).toEqual([1]);
    await again.close();
  });

  test('survives a torn trim mark by keeping what it would have forgotten', async () => {
    const log = await openLog();
    await log.append([bytes('a'), bytes('b')]);
    await log.trim(1 as LogPosition);
    await log.close();
    await writeFile(join(folder, 'trimmed.json'), '{"bef');
    const again = await openLog();
    expect(await texts(again)).toEqual(['0 a', '1 b']);
    await again.close();
  });

  test('says that its folder cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(createSegmentLog({ folder: join(folder, 'file'), logger: silentLogger })).rejects.toMatchObject({
      code: 'DATA_FOLDER_UNWRITABLE',
    });
  });
});
