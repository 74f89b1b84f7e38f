import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { topics } from '#contract/topics.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { type CommissionedGateway, lamp, meter, openCommissioned, said } from './commissioned-gateway.ts';
import { GATEWAY, programsDocument } from './gateway-under-test.ts';

let given: CommissionedGateway;
beforeEach(async () => {
  given = await openCommissioned();
});
afterEach(() => given.close());

describe('while devices come and go', () => {
  test('those that stay miss no turn, keep their socket, their level and what is known of them', async () => {
    given.field.silent.add(12);
    given.bench.silent.add(12);
    await given.bench.boot(given.configuration());
    await given.bench.centre.document('programs', programsDocument(1, 70));
    const staying = [lamp(1), lamp(2), meter('meter-dead', 12)];
    await given.send(1, [...staying, lamp(3)]);
    await given.bench.advanceUntil('lamps follow', () =>
      given.field.lamps.slice(0, 3).every(({ levelPercent }) => levelPercent === 70),
    );
    await given.bench.advance(60_000);
    const writes = given.field.writes.length;
    const silences = given.asked(12);
    const from = given.readingsOf('point-lamp-1').length;
    for (let revision = 2; revision <= 13; revision += 1) {
      await given.send(revision, revision % 2 === 0 ? [meter('meter-a', 11), ...staying] : [...staying, lamp(3)]);
      await given.bench.advance(1700);
      expect(given.online().applied.devices).toBe(revision);
    }
    const instants = given
      .readingsOf('point-lamp-1')
      .slice(from)
      .map(({ at }) => parseInstant(at));
    const periods = instants.slice(1).map((at, index) => at - (instants[index] ?? 0));
    expect(periods.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...periods)).toBeLessThan(5500);
    expect(given.field.server.connections()).toBe(1);
    // Lamp 3 comes back each time, and is brought to its level.
    expect(given.field.writes.slice(writes).filter((write) => !write.startsWith('3:215='))).toEqual([]);
    // Left alone for up to five minutes after a minute of silence: what came and went does not wake it.
    expect(given.asked(12) - silences).toBeLessThanOrEqual(2);
    expect(given.births()).toEqual(['cabinet', 'lamp-1', 'lamp-2', 'lamp-3', 'meter-dead']);
  });

  test('one that is taken out is not read again, and the broker keeps nothing of it', async () => {
    await given.bench.boot(given.configuration());
    await given.send(1, [lamp(1), meter('meter-a', 11)]);
    await given.bench.advanceUntil('it is read', () => given.bench.centre.availabilities.includes('meter-a online'));
    await given.send(2, [lamp(1)]);
    await given.applied(2);
    const requests = given.asked(11);
    await given.bench.advance(60_000);
    expect(given.asked(11)).toBe(requests);
    expect([...given.bench.centre.kept.keys()].filter((topic) => topic.includes('meter-a'))).toEqual([]);
    await given.send(3, [lamp(1), meter('meter-a', 11)]);
    await given.bench.advanceUntil('it is back', () => given.births().includes('meter-a'));
  });

  test('one that is taken out while the broker is away is taken back at its return, over a restart too', async () => {
    const gateway = await given.bench.boot(given.configuration());
    await given.send(1, [meter('meter-a', 11)]);
    await given.bench.advanceUntil('it is read', () => given.bench.centre.availabilities.includes('meter-a online'));
    await given.bench.crash();
    expect(given.births()).toContain('meter-a');
    await given.bench.shelf.put('document-devices', JSON.stringify(said(2, [meter('meter-b', 12)])));
    await given.bench.centre.bus.publish(topics.document(GATEWAY, 'devices'), '', { qos: 1, retain: true });
    await given.bench.boot(given.configuration());
    await given.bench.advanceUntil('it says so', () => given.births().includes('meter-b'));
    await given.bench.advance(1000);
    expect([...given.bench.centre.kept.keys()].filter((topic) => topic.includes('meter-a'))).toEqual([]);
    expect(gateway.health().state).toBe('stopped');
  });

  test('one that takes the place of a unit that was left alone is asked at its next turn', async () => {
    given.field.silent.add(11);
    given.bench.silent.add(11);
    await given.bench.boot(given.configuration());
    await given.send(1, [meter('meter-dead', 11)]);
    await given.bench.advance(120_000);
    given.field.silent.delete(11);
    given.bench.silent.delete(11);
    await given.send(2, [meter('meter-new', 11)]);
    await given.bench.advanceUntil(
      'it is read',
      () => given.registersOf('point-11').some(([value]) => value === 1_500_000),
      11_000,
    );
  });
});

describe('a meter that is replaced', () => {
  const replacedEvents = () => given.bench.centre.events().filter(({ event }) => event === 'meter-replaced');

  test('keeps its point: the new register is believed at once, and the event says both', async () => {
    await given.bench.boot(given.configuration());
    await given.send(1, [meter('meter-old', 11)]);
    await given.bench.advanceUntil('it is read', () => given.registersOf('point-11').length > 1);
    given.field.flatsKWh[0] = 3;
    await given.send(2, [meter('meter-new', 11)]);
    await given.bench.advanceUntil('the new one is read', () => given.registersOf('point-11').at(-1)?.[0] === 3000);
    expect(given.registersOf('point-11').slice(-2)).toEqual([
      [1_500_000, 'measured'],
      [3000, 'measured'],
    ]);
    expect(replacedEvents()).toMatchObject([
      {
        device: 'meter-new',
        detail: {
          point: 'point-11',
          formerDevice: 'meter-old',
          formerReadAt: given.readingsOf('point-11').at(-2)?.at,
          energyImportedWhBefore: 1_500_000,
          energyImportedWhAfter: 3000,
        },
      },
    ]);
    await given.bench.crash();
    await given.bench.boot(given.configuration());
    await given.bench.advance(20_000);
    expect(replacedEvents()).toHaveLength(1);
  });

  test('is said at the first reading of the new one, though it was taken out first and the gateway restarted between', async () => {
    await given.bench.boot(given.configuration());
    await given.send(1, [meter('meter-old', 11), lamp(1)]);
    await given.bench.advanceUntil('it is read', () => given.registersOf('point-11').length > 1);
    await given.send(2, [lamp(1)]);
    await given.applied(2);
    await given.bench.crash();
    await given.bench.boot(given.configuration());
    await given.bench.advance(20_000);
    await given.send(3, [lamp(1), meter('meter-new', 12, { point: 'point-11' })]);
    await given.bench.advanceUntil('it is said', () => replacedEvents().length > 0);
    expect(replacedEvents()[0]?.detail).toMatchObject({ energyImportedWhBefore: 1_500_000, energyImportedWhAfter: 2_500_000 });
  });

  test('in a dwelling is said without a register', async () => {
    await given.bench.boot(given.configuration());
    await given.send(1, [meter('meter-old', 11, { privacy: 'dwelling' })]);
    await given.bench.advanceUntil('it is read', () => given.registersOf('point-11').length > 0);
    await given.send(2, [meter('meter-new', 12, { point: 'point-11', privacy: 'dwelling' })]);
    await given.bench.advanceUntil('it is said', () => replacedEvents().length > 0);
    expect(Object.keys(replacedEvents()[0]?.detail ?? {}).sort()).toEqual(['formerDevice', 'formerReadAt', 'point']);
    expect(given.registersOf('point-11')).toHaveLength(1);
  });

  test('under the same name but in another place is believed at its first reading too', async () => {
    await given.bench.boot(given.configuration());
    await given.send(1, [meter('meter-a', 12)]);
    await given.bench.advanceUntil('it is read', () => given.registersOf('point-12').length > 1);
    await given.send(2, [meter('meter-a', 11, { point: 'point-12' })]);
    await given.bench.advanceUntil('it is read there', () => given.registersOf('point-12').at(-1)?.[0] === 1_500_000);
    expect(given.registersOf('point-12').at(-1)).toEqual([1_500_000, 'measured']);
  });
});

describe('the rating of a device', () => {
  test('goes before its profile’s', async () => {
    const [first] = given.field.lamps;
    if (first !== undefined) first.stuckPowerW = 90;
    await given.bench.boot(given.configuration());
    await given.send(1, [
      { ...lamp(1), ratedPowerW: 60 },
      { ...lamp(2), ratedPowerW: 60 },
    ]);
    await given.bench.advanceUntil('both are read', () => given.readingsOf('point-lamp-2').length > 0);
    expect(given.readingsOf('point-lamp-1')[0]?.quality?.activePowerW).toBe('doubtful');
    expect(given.readingsOf('point-lamp-2')[0]?.quality?.activePowerW).toBeUndefined();
  });
});

describe('a stored document and a file that no longer go together', () => {
  test('at a start: the document is refused as a whole and said, until the file is put right', async () => {
    await given.bench.boot(given.configuration());
    await given.send(1, [lamp(1)]);
    await given.applied(1);
    await given.bench.crash();
    await given.bench.centre.bus.publish(topics.document(GATEWAY, 'devices'), '', { qos: 1, retain: true });
    const withoutBus = { ...given.configuration(), buses: given.configuration().buses.slice(1) };
    const gateway = await given.bench.boot(withoutBus);
    await given.bench.advance(10_000);
    expect(given.online().applied.devices).toBeNull();
    expect(given.refusal()).toMatchObject({ revision: 1, code: 'DOCUMENT_INVALID' });
    expect(given.births()).toEqual(['cabinet']);
    const refusalOfFile = () => new Error('not asked');
    await gateway.reconfigure(() => Promise.resolve({ configuration: given.configuration(), refusal: refusalOfFile as never }));
    await given.applied(1);
    await given.bench.advanceUntil('it is read', () => given.births().includes('lamp-1'));
    expect(given.refusal()).toBeUndefined();
  });
});
