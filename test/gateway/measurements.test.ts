import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sealDocument } from '#contract/messages/documents.ts';
import type { Reading } from '#contract/messages/telemetry.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { acknowledge, type Bench, LAMPS, openBench, testConfiguration } from './gateway-under-test.ts';
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

const makeSilent = (unitId: number): void => {
  field.silent.add(unitId);
  bench.silent.add(unitId);
};
const makeHeard = (): void => {
  field.silent.clear();
  bench.silent.clear();
};
const configuration = (parts: object = {}) => testConfiguration(field.server.port, parts);
const readings = (point: string): readonly Reading[] =>
  bench.centre.telemetry.flatMap((batch) => batch.readings).filter((reading) => reading.point === point);
const numbers = () => bench.centre.telemetry.map(({ boot, seq }) => `${boot}/${seq}`);

test('a round that lasts longer than its period makes the next one late, which is not missed', async () => {
  await bench.boot(configuration({ poll: { lightsSeconds: 1, metersSeconds: 1, sensorsSeconds: 1 } }));
  await bench.advance(10_000);
  const before = bench.centre.telemetry.length;
  makeSilent(11);
  makeSilent(12);
  makeSilent(31);
  await bench.advance(3000);
  makeHeard();
  await bench.advance(7000);
  const rounds = bench.centre.telemetry.slice(before).filter(({ readings }) => readings.length > 1);
  expect(rounds.length).toBe(10);
});

describe('the grain of a dwelling', () => {
  test('is one value a day, its registers only, also over a restart', async () => {
    await bench.boot(configuration());
    await bench.advanceUntil('a value', () => readings('point-flat-1').length === 1);
    expect(readings('point-flat-1')[0]?.values).toEqual({ energyImportedWh: 1_500_000, energyExportedWh: 0 });
    await bench.advance(30_000);
    await bench.crash();
    const gateway = await bench.boot(configuration());
    await bench.advance(30_000);
    expect(readings('point-flat-1')).toHaveLength(1);
    bench.clock.stepCivil(parseInstant('2026-11-24T23:00:00Z'));
    await gateway.readRound();
    await bench.advanceUntil('the next day', () => readings('point-flat-1').length === 2);
    bench.clock.stepCivil(parseInstant('2026-11-25T10:00:00Z'));
    await gateway.readRound();
    bench.clock.stepCivil(parseInstant('2026-11-24T10:00:00Z'));
    await gateway.readRound();
    await bench.advance(2000);
    expect(readings('point-flat-1')).toHaveLength(2);
    expect(field.reads.filter((read) => read.startsWith('11:')).every((read) => read === '11:4:72+4')).toBe(true);
  });

  test('is half an hour for who consented, and nothing more', async () => {
    const gateway = await bench.boot(configuration());
    const points = [{ point: 'point-flat-2', displayGrain: '30min', control: false, inactivityWatch: false }];
    await bench.centre.document('consents', sealDocument({ revision: 1, timeZone: 'Europe/Paris', points }));
    await bench.advance(2000);
    for (const time of ['12:10', '12:29', '12:30', '12:45', '13:00']) {
      bench.clock.stepCivil(parseInstant(`2026-11-24T${time}:00Z`));
      await gateway.readRound();
    }
    await bench.advance(1000);
    expect(readings('point-flat-2').map(({ at }) => at.slice(11, 16))).toEqual(['12:00', '12:30', '13:00']);
    expect(readings('point-flat-1')).toHaveLength(1);
  });

  test('waits for the first reading that succeeds', async () => {
    makeSilent(11);
    const gateway = await bench.boot(configuration());
    await bench.advance(8000);
    expect(readings('point-flat-1')).toHaveLength(0);
    makeHeard();
    await bench.advance(20_000);
    await gateway.readRound();
    await bench.advanceUntil('it came', () => readings('point-flat-1').length === 1);
  });

  test('survives a cut between the outbox and the memory of what was published', async () => {
    bench.broker.cut('gateway-boot-1');
    await bench.boot(configuration());
    await bench.advanceUntil('it is in the outbox', () => field.reads.some((read) => read.startsWith('12:')));
    await bench.advance(1000);
    await bench.crash();
    await bench.shelf.put('grain', '{}');
    await bench.boot(configuration());
    await bench.advance(15_000);
    expect(readings('point-flat-1')).toHaveLength(1);
  });
});

describe('a dead unit', () => {
  test('is said to be silent, its values are missing, never 0, and the others go on', async () => {
    await bench.boot(configuration());
    await bench.advance(6000);
    makeSilent(2);
    await bench.advanceUntil('silent', () => bench.centre.availabilities.includes('cabinet offline'));
    await bench.advanceUntil('missing', () => readings('point-cabinet').at(-1)?.values.doorOpen === null);
    expect(readings('point-cabinet').at(-1)?.quality).toMatchObject({ doorOpen: 'missing', contactorClosed: 'missing' });
    const before = readings(`point-${LAMPS[0]}`).length;
    await bench.advance(20_000);
    expect(readings(`point-${LAMPS[0]}`).length - before).toBeGreaterThanOrEqual(3);
    expect(readings(`point-${LAMPS[0]}`).at(-1)?.values.effectiveLevelPercent).toBe(100);
    makeHeard();
    await bench.advanceUntil('back', () => bench.centre.availabilities.at(-1) === 'cabinet online', 120_000);
    await bench.advanceUntil('it is said', () => bench.centre.events().some(({ event }) => event === 'device-answered-again'));
    expect(bench.centre.events().filter(({ event }) => event === 'device-became-silent')).toMatchObject([{ device: 'cabinet' }]);
  });
});

describe('rounds', () => {
  test('fall on the clock, one batch each, lights twice as often as the rest', async () => {
    await bench.boot(configuration());
    await bench.advance(1000);
    bench.centre.telemetry.length = 0;
    await bench.advance(20_000);
    const seconds = (point: string) => readings(point).map(({ at }) => at.slice(17, 19));
    expect(seconds(`point-${LAMPS[0]}`)).toEqual(['05', '10', '15', '20']);
    expect(seconds('point-cabinet')).toEqual(['10', '20']);
    expect(bench.centre.telemetry.filter((batch) => batch.readings.length > 0).map((batch) => batch.readings.length)).toEqual([
      4, 5, 4, 5,
    ]);
  });
});

describe('a clock', () => {
  test('that steps is said, and readings go on', async () => {
    bench.clock.setCivilState('synchronised');
    await bench.boot(configuration());
    await bench.advance(6000);
    bench.clock.stepCivil(parseInstant('2026-11-24T11:00:00Z'));
    await bench.advanceUntil('it is said', () => bench.centre.events().some(({ event }) => event === 'clock-stepped'));
    await bench.advanceUntil('a reading', () => readings('point-cabinet').at(-1)?.at.startsWith('2026-11-24T11:00') === true);
  });

  test('that starts in 1970 keeps what is read and gives it its instants once it is set, but nothing of a dwelling', async () => {
    bench.clock.stepCivil(parseInstant('1970-01-01T00:00:07Z'));
    bench.clock.setCivilState('unknown');
    await bench.boot(configuration());
    await bench.advance(62_000);
    expect(bench.centre.telemetry).toEqual([]);
    expect(bench.centre.statuses.at(-1)).toMatchObject({ clock: { state: 'unknown' } });
    const read = field.reads.filter((each) => each.startsWith('2:')).length;
    bench.clock.stepCivil(parseInstant('2026-11-24T12:01:02Z'));
    bench.clock.setCivilState('synchronised');
    await bench.advanceUntil('the readings', () => readings('point-cabinet').length >= 7, 12_000);
    await bench.advance(1000);
    const instants = readings('point-cabinet').map(({ at }) => parseInstant(at));
    expect(instants.length).toBeGreaterThanOrEqual(6);
    expect(read).toBeGreaterThanOrEqual(6);
    expect(Math.min(...instants)).toBeGreaterThanOrEqual(parseInstant('2026-11-24T12:00:00Z') - 100);
    expect(Math.max(...instants)).toBeLessThan(parseInstant('2026-11-24T12:01:20Z'));
    expect(new Set(instants).size).toBe(instants.length);
    const started = bench.centre.events().find(({ event }) => event === 'gateway-started');
    expect(Math.abs(parseInstant(started?.at ?? '') - parseInstant('2026-11-24T12:00:00Z'))).toBeLessThan(200);
    expect(bench.centre.events().some(({ event }) => event === 'clock-stepped')).toBe(true);
    expect(readings('point-flat-1').every(({ at }) => parseInstant(at) > parseInstant('2026-11-24T12:01:02Z'))).toBe(true);
  });

  test.each([-3_600_000, 3_600_000])('that steps by %i ms leaves neither a hole nor a double', async (byMs) => {
    bench.clock.setCivilState('synchronised');
    await bench.boot(configuration());
    await bench.advance(120_000);
    const before = bench.clock.civilNow();
    bench.clock.stepCivil((before + byMs) as typeof before);
    await bench.advance(120_000);
    if (byMs < 0) {
      bench.clock.stepCivil((before + byMs) as typeof before);
      await bench.advance(120_000);
    }
    const instants = readings('point-cabinet').map(({ at }) => at);
    const elapsed = byMs < 0 ? 360 : 240;
    expect(new Set(instants).size).toBe(instants.length);
    expect(instants.length).toBeGreaterThanOrEqual(elapsed / 10 - 1);
    expect(bench.centre.events().filter(({ event }) => event === 'clock-stepped')).toMatchObject([
      { detail: { byMs } },
      ...(byMs < 0 ? [{ event: 'clock-stepped' }] : []),
    ]);
  });
});

describe('the outbox', () => {
  test('sends what a killed run had kept, once, as history', async () => {
    bench.broker.cut('gateway-boot-1');
    await bench.boot(configuration());
    await bench.advance(20_000);
    await bench.crash();
    expect(bench.centre.telemetry).toEqual([]);
    await bench.advance(1000);
    const gateway = await bench.boot(configuration());
    await bench.advanceUntil('history came', () => bench.centre.telemetry.some(({ boot }) => boot === 1));
    await bench.advance(3000);
    await gateway.outboxDrained();
    const instants = readings('point-cabinet').map(({ at }) => at);
    expect(new Set(instants).size).toBe(instants.length);
    expect(new Set(numbers()).size).toBe(numbers().length);
    const old = bench.centre.telemetry.filter(({ boot }) => boot === 1);
    expect(old.length).toBeGreaterThanOrEqual(5);
    expect(old.every(({ historical }) => historical === true)).toBe(true);
  });

  test('sends live first, then what waited while the link was down', async () => {
    await bench.boot(configuration());
    await bench.advance(3000);
    bench.broker.cut('gateway-boot-1');
    bench.centre.telemetry.length = 0;
    await bench.advance(30_000);
    bench.broker.restore('gateway-boot-1');
    await bench.advance(6000);
    const lamp = readings(`point-${LAMPS[0]}`).map(({ at }) => at);
    expect(new Set(lamp).size).toBe(7);
    expect(bench.centre.telemetry.filter(({ historical }) => historical === true).length).toBeGreaterThanOrEqual(6);
    expect(bench.centre.telemetry.at(-1)?.historical).toBeUndefined();
  });

  test('sends again what nobody acknowledged, and forgets it only then', async () => {
    bench.centre.acknowledges = false;
    const gateway = await bench.boot(configuration());
    await bench.advanceUntil('it was sent', () => numbers().includes('1/0'));
    await bench.advance(12_000);
    expect(numbers().filter((number) => number === '1/0')).toHaveLength(2);
    expect(gateway.health().figures?.['outboxDepth']).toBeGreaterThan(0);
    bench.centre.acknowledges = true;
    for (const { boot, seq } of [...bench.centre.telemetry]) await acknowledge(bench.centre.bus, boot, seq);
    await bench.advance(500);
    await gateway.outboxDrained();
    expect(gateway.health().figures?.['outboxDepth']).toBe(0);
  });

  test('gives up the oldest when it is full, and says which', async () => {
    bench.broker.cut('gateway-boot-1');
    await bench.boot(configuration({ outbox: { limitBytes: 65_536 } }));
    await bench.advance(600_000);
    bench.broker.restore('gateway-boot-1');
    await bench.advanceUntil('the gap came', () => bench.centre.telemetry.some(({ gap }) => gap !== undefined), 20_000);
    await bench.advance(6000);
    const gaps = bench.centre.telemetry.flatMap(({ gap }) => gap ?? []);
    const lost = gaps.reduce((sum, { lostReadings }) => sum + lostReadings, 0);
    const kept = bench.centre.telemetry.reduce((sum, batch) => sum + batch.readings.length, 0);
    expect(gaps.some(({ from }) => from === 0)).toBe(true);
    expect(kept).toBeGreaterThan(50);
    expect(lost).toBeGreaterThan(50);
    const covered = new Set(bench.centre.telemetry.map(({ seq }) => seq));
    for (const { from, to } of gaps) for (let seq = from; seq <= to; seq += 1) covered.add(seq);
    const last = Math.max(...covered);
    expect([...Array(last + 1).keys()].filter((seq) => !covered.has(seq))).toEqual([]);
  });
});
