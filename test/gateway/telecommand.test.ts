import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sealDocument } from '#contract/messages/documents.ts';
import type { Telecommand } from '#contract/messages/telecommand.ts';
import { topics } from '#contract/topics.ts';
import { deviceId, gatewayId, groupId } from '#domain/identifiers.ts';
import { type Bench, GATEWAY, LAMPS, openBench, programsDocument, testConfiguration } from './gateway-under-test.ts';
import type { ScriptedRequest } from './modbus/scripted-server.ts';
import { powerAt, type ScriptedField, startScriptedField } from './scripted-field.ts';

let bench: Bench;
let field: ScriptedField;
beforeEach(async () => {
  bench = await openBench();
  field = await startScriptedField();
  await bench.centre.document('programs', programsDocument(1, 50));
  await bench.boot(testConfiguration(field.server.port));
  await bench.advanceUntil('lamps follow', () => field.lamps.every(({ levelPercent }) => levelPercent === 50));
  await bench.advance(2000);
  field.writes.length = 0;
});
afterEach(async () => {
  await bench.close();
  await field.server.close();
});

const order = (id: string, set: Telecommand['set'], expiresAt = '2026-11-24T12:05:00Z'): Telecommand => ({
  id,
  set,
  expiresAt,
  by: 'account-technician',
  reason: 'works',
});
const send = (device: string, message: object, gateway = GATEWAY) =>
  bench.centre.bus.publish(topics.deviceTelecommand(gateway, deviceId(device)), JSON.stringify(message), { qos: 1 });
const answered = (id: string, phase: string) =>
  bench.advanceUntil(`${id} ${phase}`, () => bench.centre.phases(id).includes(phase));
const LEVEL = { levelPercent: 100, endsAt: '2026-11-24T13:00:00Z' };

describe('a telecommand', () => {
  test('of a level is the fast path of the override of the same name, until the document holds it', async () => {
    await send(LAMPS[0], order('override-1', LEVEL));
    await answered('override-1', 'proved');
    expect(field.writes).toEqual(['3:15=100']);
    const override = {
      id: 'override-1',
      target: { kind: 'device', device: LAMPS[0] },
      levelPercent: 100,
      startsAt: '2026-11-24T12:00:00Z',
      endsAt: LEVEL.endsAt,
      by: 'account-technician',
      reason: 'works',
    };
    await bench.centre.document('overrides', sealDocument({ revision: 1, overrides: [override] }));
    await bench.advance(2000);
    expect(bench.centre.phases('override-1')).toEqual(['accepted', 'applied', 'proved']);
    await bench.centre.document('overrides', sealDocument({ revision: 2, overrides: [] }));
    await bench.advanceUntil('withdrawn', () => field.lamps[0]?.levelPercent === 50, 20_000);
  });

  test('waits for no proof of former ones: one request at most goes before its frame', async () => {
    await bench.crash();
    await bench.boot(
      testConfiguration(field.server.port, { poll: { lightsSeconds: 3600, metersSeconds: 3600, sensorsSeconds: 3600 } }),
    );
    await bench.advance(2000);
    for (const [index, lamp] of field.lamps.slice(0, 3).entries()) {
      lamp.stuckPowerW = powerAt(50);
      await send(LAMPS[index] ?? '', order(`override-${index}`, LEVEL));
      await answered(`override-${index}`, 'applied');
    }
    const { script } = field.server;
    const held: ScriptedRequest[] = [];
    bench.silent.add(3);
    field.server.script = (request) => void held.push(request);
    await bench.advanceUntil('a proof is read', () => held.length > 0);
    await send(LAMPS[3], order('override-3', LEVEL));
    for (let turns = 0; turns < 50; turns += 1) await turn();
    field.reads.length = 0;
    field.writes.length = 0;
    let readsBefore: number | null = null;
    field.server.script = (request) => {
      if (request.functionCode > 4) readsBefore ??= field.reads.length;
      script(request);
    };
    bench.silent.delete(3);
    for (const request of held) script(request);
    await answered('override-3', 'proved');
    expect(readsBefore).toBeLessThanOrEqual(2);
  });

  test('to a group is one frame', async () => {
    const topic = topics.groupTelecommand(GATEWAY, groupId('group-north'));
    await bench.centre.bus.publish(topic, JSON.stringify(order('override-1', LEVEL)), { qos: 1 });
    await bench.advanceUntil(
      'both proved',
      () => bench.centre.phases('override-1').filter((phase) => phase === 'proved').length === 2,
    );
    expect(field.writes).toEqual(['3:6400=100']);
  });

  test('that expired, or comes again, also after a restart, is refused', async () => {
    await send(LAMPS[0], order('override-late', LEVEL, '2026-11-24T12:00:00Z'));
    await answered('override-late', 'expired');
    await send(LAMPS[0], order('override-1', LEVEL));
    await answered('override-1', 'proved');
    await send(LAMPS[0], order('override-1', LEVEL));
    await answered('override-1', 'rejected');
    await bench.crash();
    await bench.boot(testConfiguration(field.server.port));
    await send(LAMPS[0], order('override-1', LEVEL));
    await bench.advanceUntil(
      'again',
      () => bench.centre.phases('override-1').filter((phase) => phase === 'rejected').length === 2,
    );
    expect(bench.centre.reports.filter(({ code }) => code === 'TELECOMMAND_REPEATED')).toHaveLength(2);
    expect(field.lamps[0]?.levelPercent).toBe(100);
  });

  test.each([
    ['to a stranger', 'lamp-99', { levelPercent: 10, endsAt: LEVEL.endsAt }, 'TELECOMMAND_TARGET_UNKNOWN'],
    ['not allow-listed', 'meter-flat-1', { contactorClosed: false }, 'WRITE_NOT_ALLOWED'],
    ['of a level to a cabinet', 'cabinet', { levelPercent: 10, endsAt: LEVEL.endsAt }, 'WRITE_NOT_ALLOWED'],
    ['already ended', LAMPS[0], { levelPercent: 10, endsAt: '2026-11-24T11:00:00Z' }, 'OVERRIDE_END_INVALID'],
  ] as const)('%s never reaches the bus', async (_what, device, set, code) => {
    await send(device, order('order-1', set));
    await answered('order-1', 'rejected');
    expect(bench.centre.reports.at(-1)).toMatchObject({ code });
    expect(field.writes).toEqual([]);
  });

  test('out of range, malformed, too large or of another gateway is not obeyed, and answered when it has a name', async () => {
    await send(LAMPS[0], order('order-1', { levelPercent: 101, endsAt: LEVEL.endsAt }));
    await send(LAMPS[0], { ...order('order-2', LEVEL), padding: 'x'.repeat(9000) });
    await send(LAMPS[0], order('order-3', LEVEL), gatewayId('gateway-other'));
    await bench.centre.bus.publish(topics.deviceTelecommand(GATEWAY, deviceId(LAMPS[0])), 'off', { qos: 1 });
    await bench.advance(3000);
    expect(field.writes).toEqual([]);
    expect(bench.centre.reports).toMatchObject([{ id: 'order-1', phase: 'rejected', code: 'MESSAGE_INVALID' }]);
    expect(bench.centre.reports[0]?.why).toMatch(/at set\.levelPercent: .*100/);
  });

  test('is refused while the clock is unknown', async () => {
    bench.clock.setCivilState('unknown');
    await send(LAMPS[0], order('order-1', LEVEL));
    await answered('order-1', 'rejected');
    expect(bench.centre.reports.at(-1)).toMatchObject({ code: 'CLOCK_UNTRUSTED' });
  });

  test('opens the contactors of a cabinet and reads them back', async () => {
    await send('cabinet', order('order-1', { contactorClosed: false }));
    await answered('order-1', 'applied');
    expect(field.writes).toEqual(['2:0=0', '2:1=0', '2:2=0', '2:3=0']);
    expect(bench.centre.reports.at(-2)).toMatchObject({ phase: 'applied', readBack: { contactorClosed: false } });
  });

  test('makes a lamp blink, and its program takes it back', async () => {
    await send(LAMPS[1], order('order-1', { identify: true }));
    await answered('order-1', 'applied');
    expect(field.writes.slice(0, 6)).toEqual(['3:115=100', '3:115=10', '3:115=100', '3:115=10', '3:115=100', '3:115=10']);
    await bench.advanceUntil('back', () => field.lamps[1]?.levelPercent === 50);
    expect(bench.centre.events().filter(({ event }) => event === 'level-departed')).toEqual([]);
  });
});
