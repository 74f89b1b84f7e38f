import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Reading } from '#contract/messages/telemetry.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { type Bench, openBench, testConfiguration } from './gateway-under-test.ts';
import { type ScriptedField, startScriptedField } from './scripted-field.ts';

let bench: Bench;
let field: ScriptedField;
beforeEach(async () => {
  bench = await openBench();
  field = await startScriptedField();
});
afterEach(async () => {
  await bench.close();
  await field.server.close();
});

const configuration = (privacy: 'operational' | 'dwelling') => {
  const { port } = field.server;
  const devices = [{ device: 'meter', profile: 'eastron-sdm120', unitId: 11, point: 'point-meter', privacy }];
  return testConfiguration(port, { buses: [{ id: 'bus-test', host: '127.0.0.1', port, devices }], groups: [] });
};
const readings = (): readonly Reading[] => bench.centre.telemetry.flatMap((batch) => batch.readings);

/** What is published of the register when it shows these kilowatt-hours, one reading each. */
const published = async (shown: readonly number[]) => {
  field.flatsKWh[0] = shown[0] ?? 0;
  const gateway = await bench.boot(configuration('operational'));
  await bench.advance(2000);
  for (const kWh of shown.slice(1)) {
    field.flatsKWh[0] = kWh;
    await gateway.readRound();
  }
  await bench.advance(2000);
  const told = readings().map(({ values, quality }) => [values.energyImportedWh, quality?.energyImportedWh ?? 'measured']);
  return [...new Map(told.map((each) => [JSON.stringify(each), each])).values()];
};

describe('a register that could not be true', () => {
  test('is published as it was read, and said to be doubtful', async () => {
    expect(await published([1500, 98_304_000, 1500.25])).toEqual([
      [1_500_000, 'measured'],
      [98_304_000_000, 'doubtful'],
      [1_500_250, 'measured'],
    ]);
  });

  test('is believed at the third reading that agrees: the meter was replaced', async () => {
    expect(await published([1500, 3, 3.25, 3.5])).toEqual([
      [1_500_000, 'measured'],
      [3000, 'doubtful'],
      [3250, 'doubtful'],
      [3500, 'measured'],
    ]);
  });
});

describe('a dwelling', () => {
  test('waits for a reading that is believed before it publishes its value of the day', async () => {
    const gateway = await bench.boot(configuration('dwelling'));
    await bench.advanceUntil('the first day', () => readings().length === 1);
    bench.clock.stepCivil(parseInstant('2026-11-24T23:00:00Z'));
    for (const kWh of [98_304_000, 1501]) {
      field.flatsKWh[0] = kWh;
      await gateway.readRound();
    }
    await bench.advanceUntil('the next day', () => readings().length === 2);
    expect(readings().map(({ values, quality }) => [values.energyImportedWh, quality])).toEqual([
      [1_500_000, undefined],
      [1_501_000, undefined],
    ]);
  });
});
