import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sealDocument } from '#contract/messages/documents.ts';
import { topics } from '#contract/topics.ts';
import { deviceId, groupId } from '#domain/identifiers.ts';
import type { GatewayConfiguration } from '#gateway/index.ts';
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

const LEVEL = { levelPercent: 10, endsAt: '2026-11-24T13:00:00Z' };
const order = (id: string, set: object) =>
  JSON.stringify({ id, set, expiresAt: '2026-11-24T12:05:00Z', by: 'account-technician', reason: 'works' });
const toDevice = (device: string, id: string, set: object) =>
  bench.centre.bus.publish(topics.deviceTelecommand(GATEWAY, deviceId(device)), order(id, set), { qos: 1 });

/** A program, an override and every kind of order, for half a minute. */
const liveThroughIt = async (configuration: GatewayConfiguration): Promise<void> => {
  const override = {
    id: 'override-1',
    target: { kind: 'device', device: LAMPS[3] },
    levelPercent: 20,
    startsAt: '2026-11-24T12:00:00Z',
    endsAt: LEVEL.endsAt,
    by: 'account-technician',
    reason: 'works',
  };
  await bench.centre.document('programs', programsDocument(1, 50));
  await bench.centre.document('overrides', sealDocument({ revision: 1, overrides: [override] }));
  await bench.boot(configuration);
  await bench.advance(3000);
  await toDevice(LAMPS[0], 'order-level', LEVEL);
  await toDevice(LAMPS[1], 'order-blink', { identify: true });
  await toDevice('cabinet', 'order-contactor', { contactorClosed: false });
  const group = topics.groupTelecommand(GATEWAY, groupId('group-north'));
  await bench.centre.bus.publish(group, order('order-group', LEVEL), { qos: 1 });
  await bench.advance(27_000);
};

const levelsPublished = () =>
  bench.centre.telemetry.flatMap(({ readings }) => readings).filter(({ point }) => point === `point-${LAMPS[0]}`);

describe('two gateways that live through the same half minute', () => {
  test('the one that only reads writes nothing and refuses every order, naming the rule; it goes on reading', async () => {
    await liveThroughIt(testConfiguration(field.server.port, { readOnly: true }));
    expect(field.writes).toEqual([]);
    expect(field.lamps.map(({ levelPercent }) => levelPercent)).toEqual([100, 100, 100, 100]);
    const refused = bench.centre.reports.filter(({ phase }) => phase === 'rejected');
    expect(refused.map(({ id, code }) => `${id} ${code}`).sort()).toEqual([
      'order-blink WRITE_NOT_ALLOWED',
      'order-contactor WRITE_NOT_ALLOWED',
      'order-group WRITE_NOT_ALLOWED',
      'order-level WRITE_NOT_ALLOWED',
      'override-1 WRITE_NOT_ALLOWED',
    ]);
    for (const { why } of refused) expect(why).toContain('this gateway only reads (readOnly in its file, or --read-only)');
    expect(levelsPublished().length).toBeGreaterThan(3);
    expect(levelsPublished().at(-1)?.values).toMatchObject({ effectiveLevelPercent: 100 });
  });

  test('a light that is only read refuses the override that covers it, once, also after a restart', async () => {
    const configuration = testConfiguration(field.server.port);
    const [bus] = configuration.buses;
    if (bus === undefined) throw new Error('no bus');
    const devices = bus.devices.map((entry) => (entry.device === LAMPS[3] ? { ...entry, readOnly: true } : entry));
    const guarded = { ...configuration, buses: [{ ...bus, devices }] };
    await liveThroughIt(guarded);
    await bench.crash();
    await bench.boot(guarded);
    await bench.advance(5000);
    const refused = bench.centre.reports.filter(({ id }) => id === 'override-1');
    expect(refused).toMatchObject([{ device: LAMPS[3], phase: 'rejected', code: 'WRITE_NOT_ALLOWED' }]);
    expect(refused[0]?.why).toContain('it is only read (readOnly)');
    expect(field.lamps[3]?.levelPercent).toBe(100);
  });

  test('its twin writes', async () => {
    await liveThroughIt(testConfiguration(field.server.port));
    expect(field.writes.length).toBeGreaterThan(4);
    expect(field.writes).toContain('2:0=0');
    expect(field.lamps[3]?.levelPercent).toBe(20);
    expect(bench.centre.reports.filter(({ phase }) => phase === 'rejected')).toEqual([]);
  });
});
