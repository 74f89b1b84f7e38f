import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sealDocument } from '#contract/messages/documents.ts';
import { topics } from '#contract/topics.ts';
import { type Bench, GATEWAY, LAMPS, openBench, programsDocument, testConfiguration } from './gateway-under-test.ts';
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

const configuration = () => testConfiguration(field.server.port);
const levels = () => field.lamps.map(({ levelPercent }) => levelPercent);
const followProgram = async (levelPercent = 50) => {
  await bench.centre.document('programs', programsDocument(1, levelPercent));
  const gateway = await bench.boot(configuration());
  await bench.advanceUntil('lamps follow', () => levels().every((level) => level === levelPercent));
  return gateway;
};
const override = (id: string, device: string, levelPercent: number, endsAt = '2026-11-24T18:00:00Z') => ({
  id,
  target: device === 'all' ? { kind: 'all' as const } : { kind: 'device' as const, device },
  levelPercent,
  startsAt: '2026-11-24T11:59:00Z',
  endsAt,
  by: 'account-technician',
  reason: 'works',
});
const overrides = (revision: number, ...list: object[]) => sealDocument({ revision, overrides: list });
const lampReadings = (lamp: string) =>
  bench.centre.telemetry.flatMap(({ readings }) => readings).filter(({ point }) => point === `point-${lamp}`);

describe('lights follow their program', () => {
  test('with one broadcast frame when all change to the same level', async () => {
    await followProgram(50);
    expect(field.writes).toEqual(['3:6800=50']);
    expect(bench.centre.statuses.at(-1)).toMatchObject({ state: 'online', boot: 1, applied: { programs: 1, overrides: null } });
  });

  test('with one frame for a group, and one for a lamp alone', async () => {
    await followProgram(50);
    field.writes.length = 0;
    const north = { ...override('override-1', 'all', 20), target: { kind: 'group', group: 'group-north' } };
    await bench.centre.document('overrides', overrides(1, north, override('override-2', LAMPS[3], 80)));
    await bench.advanceUntil('both took', () => levels().join() === '20,20,50,80');
    expect(field.writes.toSorted()).toEqual(['3:315=80', '3:6400=20']);
  });

  test('asked and in effect are both in their readings', async () => {
    await followProgram(50);
    await bench.advanceUntil('a reading after it', () => lampReadings(LAMPS[0]).at(-1)?.values.commandedLevelPercent === 50);
    expect(lampReadings(LAMPS[0]).at(-1)?.values).toMatchObject({
      commandedLevelPercent: 50,
      effectiveLevelPercent: 50,
      activePowerW: 20,
      lampFailure: 0,
      gearTemperatureC: 31,
    });
  });

  test('alone after a restart, without the centre', async () => {
    await followProgram(50);
    await bench.crash();
    field.writes.length = 0;
    for (const lamp of field.lamps) lamp.levelPercent = 100;
    bench.broker.cut('centre');
    bench.broker.cut('gateway-boot-2');
    await bench.boot(configuration());
    await bench.advanceUntil('lamps follow', () => levels().every((level) => level === 50));
    expect(field.writes).toEqual(['3:6800=50']);
  });

  test('an override ends on time without anybody', async () => {
    await followProgram(50);
    await bench.centre.document('overrides', overrides(1, override('override-1', LAMPS[0], 100, '2026-11-24T12:02:00Z')));
    await bench.advanceUntil('it took', () => levels()[0] === 100);
    bench.broker.cut('centre');
    await bench.advanceUntil('it ended', () => levels()[0] === 50, 130_000);
    bench.broker.restore('centre');
    await bench.advanceUntil('it is said', () =>
      bench.centre.events().some(({ event, detail }) => event === 'override-ended' && detail?.['override'] === 'override-1'),
    );
  });
});

describe('an order is followed', () => {
  test('to its proof by the lamp’s own power', async () => {
    await followProgram(50);
    await bench.centre.document('overrides', overrides(1, override('override-1', LAMPS[0], 100)));
    await bench.advanceUntil('proved', () => bench.centre.phases('override-1').includes('proved'));
    expect(bench.centre.phases('override-1')).toEqual(['accepted', 'applied', 'proved']);
    expect(bench.centre.reports.at(-1)).toMatchObject({
      device: LAMPS[0],
      readBack: { levelPercent: 100 },
      proof: { observedW: 40, expectedW: 40 },
    });
    await bench.advanceUntil('the durable copy', () =>
      bench.centre.telemetry.some(({ reports }) => reports?.some(({ phase }) => phase === 'proved')),
    );
  });

  test('to not provable when the two levels draw alike', async () => {
    await followProgram(50);
    await bench.centre.document('overrides', overrides(1, override('override-1', LAMPS[0], 55)));
    await bench.advanceUntil('closed', () => bench.centre.phases('override-1').length === 3);
    expect(bench.centre.phases('override-1')).toEqual(['accepted', 'applied', 'not-provable']);
  });

  test('to its failure when the power never comes, the write being tried twice', async () => {
    await followProgram(50);
    const [lamp] = field.lamps;
    if (lamp !== undefined) lamp.stuckPowerW = 3;
    field.writes.length = 0;
    await bench.centre.document('overrides', overrides(1, override('override-1', LAMPS[0], 100)));
    await bench.advanceUntil('failed', () => bench.centre.phases('override-1').includes('failed'), 130_000);
    expect(bench.centre.phases('override-1')).toEqual(['accepted', 'applied', 'failed']);
    expect(bench.centre.reports.at(-1)).toMatchObject({ code: 'PROOF_MISSING', proof: { observedW: 3, expectedW: 40 } });
    expect(field.writes).toEqual(['3:15=100', '3:15=100']);
  });

  test('to its failure when the control gear does not follow', async () => {
    await followProgram(50);
    const [lamp] = field.lamps;
    if (lamp !== undefined) lamp.isStuck = true;
    await bench.centre.document('overrides', overrides(1, override('override-1', LAMPS[0], 100)));
    await bench.advanceUntil('failed', () => bench.centre.phases('override-1').includes('failed'), 140_000);
    expect(bench.centre.phases('override-1')).toEqual(['accepted', 'failed']);
    expect(bench.centre.reports.at(-1)).toMatchObject({ code: 'READ_BACK_DIFFERS' });
  });

  test('once, also over a restart', async () => {
    await followProgram(50);
    await bench.centre.document('overrides', overrides(1, override('override-1', 'all', 100)));
    await bench.advanceUntil('proved', () => bench.centre.phases('override-1', LAMPS[3]).includes('proved'));
    const said = bench.centre.phases('override-1').length;
    await bench.crash();
    await bench.boot(configuration());
    await bench.advance(5000);
    expect(bench.centre.phases('override-1')).toHaveLength(said);
    expect(said).toBe(12);
  });

  test('one that is withdrawn ends at once', async () => {
    await followProgram(50);
    await bench.centre.document('overrides', overrides(1, override('override-1', LAMPS[0], 100)));
    await bench.advanceUntil('it took', () => levels()[0] === 100);
    await bench.centre.document('overrides', overrides(2));
    await bench.advanceUntil('back', () => levels()[0] === 50, 20_000);
  });
});

describe('a level that somebody else wrote', () => {
  test('is published as it was read, then restored, and both are said', async () => {
    await followProgram(50);
    await bench.advance(6000);
    const [lamp] = field.lamps;
    if (lamp !== undefined) lamp.levelPercent = 80;
    await bench.advanceUntil('restored', () => bench.centre.events().some(({ event }) => event === 'level-restored'), 12_000);
    expect(lamp?.levelPercent).toBe(50);
    const told = bench.centre.events().filter(({ event }) => event.startsWith('level-'));
    expect(told).toMatchObject([
      { event: 'level-departed', device: LAMPS[0], detail: { fromPercent: 50, toPercent: 80 } },
      { event: 'level-restored', device: LAMPS[0], detail: { fromPercent: 80, toPercent: 50 } },
    ]);
    const seen = lampReadings(LAMPS[0]).filter(
      ({ values }) => values.commandedLevelPercent === 50 && values.effectiveLevelPercent !== 50,
    );
    expect(seen).toHaveLength(1);
    expect(seen[0]?.values).toMatchObject({ commandedLevelPercent: 50, effectiveLevelPercent: 80 });
  });

  test('by a lamp that will not come back is said once and tried less and less', async () => {
    await followProgram(50);
    await bench.advance(6000);
    const [lamp] = field.lamps;
    if (lamp !== undefined) Object.assign(lamp, { levelPercent: 0, isStuck: true, hasFailed: true });
    field.writes.length = 0;
    await bench.advance(60_000);
    expect(bench.centre.events().filter(({ event }) => event === 'level-departed')).toHaveLength(1);
    expect(bench.centre.events().filter(({ event }) => event === 'lamp-failed')).toHaveLength(1);
    expect(field.writes.length).toBeLessThan(8);
    if (lamp !== undefined) Object.assign(lamp, { isStuck: false, hasFailed: false });
    await bench.advanceUntil('restored', () => bench.centre.events().some(({ event }) => event === 'level-restored'), 120_000);
    expect(bench.centre.events().some(({ event }) => event === 'lamp-recovered')).toBe(true);
  });
});

describe('a document', () => {
  test('with a wrong hash is refused, the former stays in force, and the status says both', async () => {
    await followProgram(50);
    await bench.centre.document('programs', { ...programsDocument(2, 10), hash: '0'.repeat(64) });
    await bench.advanceUntil('refused', () => {
      const last = bench.centre.statuses.at(-1);
      return last?.state === 'online' && last.refused?.[0]?.code === 'DOCUMENT_HASH_DIFFERS';
    });
    expect(bench.centre.statuses.at(-1)).toMatchObject({
      applied: { programs: 1 },
      refused: [{ document: 'programs', revision: 2 }],
    });
    await bench.advance(3000);
    expect(levels()).toEqual([50, 50, 50, 50]);
    await bench.centre.document('programs', programsDocument(3, 10));
    await bench.advanceUntil('the next one is obeyed', () => levels().every((level) => level === 10));
  });

  test.each([
    ['not JSON', '{'],
    ['too large', JSON.stringify({ padding: 'x'.repeat(130 * 1024) })],
    ['an older revision', JSON.stringify(programsDocument(0, 10))],
    ['of another shape', JSON.stringify(sealDocument({ revision: 9, anything: true }))],
    ['with an unknown program', JSON.stringify(sealDocument({ ...programsDocument(9, 10), programs: [] }))],
  ])('%s changes nothing', async (_name, text) => {
    await followProgram(50);
    await bench.centre.bus.publish(topics.document(GATEWAY, 'programs'), text, { qos: 1, retain: true });
    await bench.advanceUntil('it is said', () => bench.centre.events().some(({ event }) => event === 'document-refused'));
    expect(levels()).toEqual([50, 50, 50, 50]);
  });
});
