import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { topics } from '#contract/topics.ts';
import { formatInstant, instant } from '#domain/civil-time.ts';
import { gatewayId } from '#domain/identifiers.ts';
import { until } from '#test/services/until.ts';
import { CONSENT_FROM, MOVED_AT, republique, tilleuls } from './demo-field.ts';
import { batchOf, type IngestHouse, NOW, readingOf, startIngestHouse } from './ingest-house.ts';

let house: IngestHouse;
beforeEach(async () => {
  house = await startIngestHouse();
});
afterEach(() => house.stop());

const quarantined = async () => {
  await house.whileTimePasses(
    'something is in quarantine',
    async () => (await house.registry.as('ingest').ingest.quarantined(10)).length > 0,
  );
  return await house.registry.as('ingest').ingest.quarantined(10);
};
const power = (at: string, activePowerW: number) => readingOf('point-republique-meter', at, { activePowerW });

describe('a good batch', () => {
  test('is stored with its own instants and acknowledged', async () => {
    const batch = batchOf([power('2026-11-24T20:59:50Z', 800), power('2026-11-24T21:00:00.250Z', 810)]);
    const ack = await house.send(republique, batch);
    expect(ack).toEqual({
      gateway: republique,
      boot: 1,
      ranges: [[batch.seq, batch.seq]],
      refused: [],
      at: expect.stringMatching(/^2026-11-24T21:/),
    });
    expect(await house.values('point-republique-meter', 'activePowerW')).toEqual([800, 810]);
    expect(house.ingest.health().state).toBe('ready');
  });

  test('is acknowledged with the others of its moment, as ranges', async () => {
    const batches = [0, 1, 2, 4].map((offset) =>
      batchOf([power(`2026-11-24T20:00:0${offset}Z`, offset)], { boot: 7, seq: 100 + offset }),
    );
    for (const batch of batches) await house.publish(republique, JSON.stringify(batch));
    await until('all wait for one commit', () => house.figure('pending') === 4);
    await house.whileTimePasses('all are acknowledged', () => house.acks.length > 0);
    expect(house.acks).toMatchObject([
      {
        gateway: republique,
        boot: 7,
        ranges: [
          [100, 102],
          [104, 104],
        ],
        refused: [],
      },
    ]);
  });

  test('brings its events and reports to the journal', async () => {
    const order = 'override-7f3a';
    await house.send(
      republique,
      batchOf([], {
        events: [{ event: 'gateway-started', at: '2026-11-24T20:59:00Z' }],
        reports: [{ id: order, phase: 'applied', at: '2026-11-24T20:59:30Z' }],
      }),
    );
    const { journal } = house.registry.as('control');
    expect((await journal.reportsOf([order])).map(({ phase }) => phase)).toEqual(['applied']);
    expect((await journal.eventsOf([republique], 10)).map(({ event }) => event)).toEqual(['gateway-started']);
  });

  test('keeps missing values as missing, without a quality having been said', async () => {
    await house.send(
      republique,
      batchOf([readingOf('point-republique-meter', '2026-11-24T20:59:50Z', { activePowerW: null, voltageV: 231 })]),
    );
    expect(await house.values('point-republique-meter', 'activePowerW')).toEqual([null]);
    expect(await house.values('point-republique-meter', 'voltageV')).toEqual([231]);
  });

  test('declares a gap, which is counted and said', async () => {
    await house.send(republique, batchOf([], { gap: { from: 1, to: 40, lostReadings: 900, code: 'DURABLE_LOG_FULL' } }));
    expect(house.figure('lostReadings')).toBe(900);
    expect(house.logger.lines.map(({ event }) => event)).toContain('gap-was-declared');
  });
});

describe('a message that is sent again', () => {
  test('is stored once and acknowledged again, also after a restart', async () => {
    const batch = batchOf([power('2026-11-24T20:59:50Z', 800)]);
    await house.send(republique, batch);
    await house.send(republique, batch);
    await house.restart();
    await house.send(republique, { ...batch, historical: true });
    expect(await house.values('point-republique-meter', 'activePowerW')).toEqual([800]);
    expect(house.figure('conflicts')).toBe(0);
  });

  test('with another value replaces it and is counted as a conflict', async () => {
    await house.send(republique, batchOf([power('2026-11-24T20:59:50Z', 800)]));
    await house.send(republique, batchOf([power('2026-11-24T20:59:50Z', 801)]));
    expect(await house.values('point-republique-meter', 'activePowerW')).toEqual([801]);
    expect(house.figure('conflicts')).toBe(1);
  });
});

describe('a message that is wrong', () => {
  test.each([
    ['not JSON', '{"boot":1,', 'MESSAGE_MALFORMED'],
    ['not UTF-8', '\ud800', 'MESSAGE_MALFORMED'],
    ['not an object', '42', 'MESSAGE_INVALID'],
    ['empty', '', 'MESSAGE_MALFORMED'],
    ['too large', `"${'x'.repeat(2 * 1024 * 1024)}"`, 'MESSAGE_TOO_LARGE'],
  ])('because it is %s goes to quarantine and the next one is stored', async (_what, payload, code) => {
    await house.publish(republique, payload);
    expect((await quarantined()).map((message) => message.code)).toEqual([code]);
    await house.send(republique, batchOf([power('2026-11-24T20:59:50Z', 800)]));
    expect(await house.values('point-republique-meter', 'activePowerW')).toEqual([800]);
  });

  test('in its envelope is refused whole, with the path of the mistake, and is not asked again', async () => {
    const batch = { ...batchOf([power('2026-11-24T20:59:50Z', 800)]), gap: { from: 'one', to: 2 } };
    const ack = await house.send(republique, batch as never);
    expect(ack).toMatchObject({ ranges: [], refused: [{ seq: batch.seq, code: 'MESSAGE_INVALID' }] });
    expect((await quarantined())[0]?.why).toContain('gap.from');
    expect(await house.values('point-republique-meter', 'activePowerW')).toEqual([]);
  });

  test('on a topic that is no gateway’s name is quarantined', async () => {
    await house.gateways.republique.publish('axone/v1/Not A Gateway/telemetry', '{}', { qos: 1 });
    expect((await quarantined())[0]?.code).toBe('TOPIC_UNKNOWN');
  });

  test('from a gateway that nobody declared is refused point by point', async () => {
    const stranger = gatewayId('gateway-stranger');
    const batch = batchOf([power('2026-11-24T20:59:50Z', 800)]);
    await house.gateways.republique.publish(topics.telemetry(stranger), JSON.stringify(batch), { qos: 1 });
    await house.whileTimePasses('it is answered', () => house.acks.length === 1);
    expect(house.acks[0]?.refused).toEqual([
      { seq: batch.seq, point: 'point-republique-meter', code: 'POINT_OF_ANOTHER_GATEWAY' },
    ]);
  });

  test('a thousand times is counted a thousand times, said once, and stops nothing', async () => {
    for (let index = 0; index < 1_000; index += 1) await house.publish(republique, 'not JSON');
    await house.send(republique, batchOf([power('2026-11-24T20:59:50Z', 800)]));
    expect(house.figure('quarantined')).toBe(1_000);
    expect(house.logger.lines.filter(({ event }) => event === 'message-was-refused')).toHaveLength(1);
  });
});

describe('a reading that is wrong does not cost the others of its batch', () => {
  const good = power('2026-11-24T20:59:50Z', 800);
  const at = '2026-11-24T20:59:50Z';

  test.each([
    ['a point that nobody declared', readingOf('point-nowhere', at, { activePowerW: 1 }), 'POINT_UNKNOWN'],
    ['a point of another gateway', readingOf('point-tilleuls-commons', at, { activePowerW: 1 }), 'POINT_OF_ANOTHER_GATEWAY'],
    ['a value that cannot be', readingOf('point-republique-meter', at, { frequencyHz: 5_000 }), 'VALUE_IMPOSSIBLE'],
    ['a counter below zero', readingOf('point-republique-meter', at, { energyImportedWh: -1 }), 'VALUE_IMPOSSIBLE'],
    ['an unknown quantity', readingOf('point-republique-meter', at, { radiation: 1 } as never), 'QUANTITY_UNKNOWN'],
    ['a value that is text', readingOf('point-republique-meter', at, { voltageV: '230' } as never), 'MESSAGE_INVALID'],
    [
      'an instant without a zone',
      readingOf('point-republique-meter', '2026-11-24T20:59:50', { voltageV: 230 }),
      'MESSAGE_INVALID',
    ],
    [
      'an instant an hour ahead',
      readingOf('point-republique-meter', '2026-11-24T22:00:00Z', { voltageV: 230 }),
      'INSTANT_IN_FUTURE',
    ],
    [
      'a missing value that is there',
      { ...readingOf('point-republique-meter', at, { voltageV: 230 }), quality: { voltageV: 'missing' } },
      'MESSAGE_INVALID',
    ],
  ])('%s', async (_what, bad, code) => {
    const batch = batchOf([bad as never, good]);
    const ack = await house.send(republique, batch);
    expect(ack.ranges).toEqual([[batch.seq, batch.seq]]);
    expect(ack.refused).toEqual([{ seq: batch.seq, point: bad.point, code }]);
    expect(await house.values('point-republique-meter', 'activePowerW')).toEqual([800]);
    expect((await quarantined())[0]).toMatchObject({ code, topic: topics.telemetry(republique) });
    expect(house.figure('refusedReadings')).toBe(1);
  });

  test('a reading without a legible point is quarantined with its path', async () => {
    const ack = await house.send(republique, batchOf([good, { at, values: {} } as never]));
    expect(ack.refused).toEqual([]);
    expect((await quarantined())[0]?.why).toContain('readings.1.point');
  });

  test('an instant a few minutes ahead is accepted, and any instant while our own clock is unknown', async () => {
    await house.send(republique, batchOf([power('2026-11-24T21:04:00Z', 1)]));
    house.clock.setCivilState('unknown');
    await house.send(republique, batchOf([power('2027-01-01T00:00:00Z', 2)]));
    expect(await house.values('point-republique-meter', 'activePowerW')).toEqual([1, 2]);
  });
});

test('a point that changed its gateway is refused from the wrong one at each date, and accepted from the right one', async () => {
  const before = formatInstant(instant(MOVED_AT - 1_000));
  const after = formatInstant(MOVED_AT);
  const square = (at: string, activePowerW: number) => readingOf('point-republique-square', at, { activePowerW });
  const fromStreet = await house.send(republique, batchOf([square(before, 1), square(after, 66)]));
  const fromBuilding = await house.send(tilleuls, batchOf([square(before, 77), square(after, 2)]));
  expect([...fromStreet.refused, ...fromBuilding.refused].map(({ code }) => code)).toEqual([
    'POINT_OF_ANOTHER_GATEWAY',
    'POINT_OF_ANOTHER_GATEWAY',
  ]);
  expect(await house.values('point-republique-square', 'activePowerW')).toEqual([1, 2]);
});

test('a change of the registry is obeyed at the next message', async () => {
  const at = '2026-11-24T20:59:50Z';
  const refused = await house.send(republique, batchOf([readingOf('point-republique-new', at, { activePowerW: 1 })]));
  expect(refused.refused.map(({ code }) => code)).toEqual(['POINT_UNKNOWN']);
  const { demoField } = await import('./demo-field.ts');
  const [point, ...points] = demoField.points;
  const [binding, ...bindings] = demoField.bindings;
  if (point === undefined || binding === undefined) throw new Error('the demo field is empty');
  const id = 'point-republique-new' as never;
  await house.registry
    .as('control')
    .assets.replaceAssets(
      { ...demoField, points: [point, { ...point, id }, ...points], bindings: [binding, { ...binding, point: id }, ...bindings] },
      'b',
    );
  const accepted = await house.send(republique, batchOf([readingOf('point-republique-new', at, { activePowerW: 1 })]));
  expect(accepted.refused).toEqual([]);
});

describe('a dwelling', () => {
  const register = (flat: '06' | '07', at: string, energyImportedWh: number | null) =>
    readingOf(`point-tilleuls-d${flat}`, at, { energyImportedWh });
  const stored = (flat: '06' | '07') => house.values(`point-tilleuls-d${flat}`, 'energyImportedWh', 'dwelling');

  test('that agreed to nothing keeps one register a civil day, of Paris', async () => {
    const ack = await house.send(
      tilleuls,
      batchOf([
        register('06', '2026-11-22T23:00:05Z', 1_000),
        register('06', '2026-11-23T22:59:59Z', 1_999),
        register('06', '2026-11-23T23:00:05Z', 2_000),
      ]),
    );
    expect(ack.refused.map(({ code }) => code)).toEqual(['GRAIN_FINER_THAN_CONSENT']);
    expect(await stored('06')).toEqual([1_000, 2_000]);
  });

  test('that agreed to half-hours keeps one each half-hour since then, and one a day before', async () => {
    const before = instant(CONSENT_FROM - 86_400_000 * 2);
    const ack = await house.send(
      tilleuls,
      batchOf([
        register('07', formatInstant(before), 1),
        register('07', formatInstant(instant(before + 1_800_000)), 66),
        register('07', '2026-11-24T18:00:02Z', 2),
        register('07', '2026-11-24T18:29:59Z', 77),
        register('07', '2026-11-24T18:30:00Z', 3),
      ]),
    );
    expect(ack.refused).toHaveLength(1);
    expect(await stored('07')).toEqual([1, 2, 3]);
  });

  test('is as protected after a restart as before', async () => {
    await house.send(tilleuls, batchOf([register('06', '2026-11-23T23:00:05Z', 2_000)]));
    await house.restart();
    const finer = await house.send(tilleuls, batchOf([register('06', '2026-11-24T12:00:00Z', 2_500)]));
    const again = await house.send(tilleuls, batchOf([register('06', '2026-11-23T23:00:05Z', 2_000)], { historical: true }));
    expect(finer.refused.map(({ code }) => code)).toEqual(['GRAIN_FINER_THAN_CONSENT']);
    expect(again.refused).toEqual([]);
    expect(await stored('06')).toEqual([2_000]);
  });

  test('whose meter was silent at midnight is still read later that day', async () => {
    await house.send(tilleuls, batchOf([register('06', '2026-11-23T23:00:05Z', null)]));
    await house.send(tilleuls, batchOf([register('06', '2026-11-24T08:00:00Z', 2_100)]));
    expect(await stored('06')).toEqual([null, 2_100]);
  });

  test('has its registers kept and nothing else', async () => {
    const ack = await house.send(
      tilleuls,
      batchOf([readingOf('point-tilleuls-d06', '2026-11-23T23:00:05Z', { energyImportedWh: 1, activePowerW: 2_300 })]),
    );
    expect(ack.refused.map(({ code }) => code)).toEqual(['QUANTITY_NOT_KEPT']);
    expect(await house.values('point-tilleuls-d06', 'activePowerW', 'dwelling')).toEqual([]);
  });

  test('leaves no value in the quarantine, whatever is wrong', async () => {
    const secret = 987_654;
    const finer = [register('06', '2026-11-23T23:00:05Z', 1), register('06', '2026-11-24T12:00:00Z', secret)];
    await house.send(tilleuls, batchOf(finer));
    await house.publish(tilleuls, `{"boot":1,"seq":9,"readings":[{"values":{"energyImportedWh":${secret}}}]`);
    await house.publish(tilleuls, `${secret} is no JSON`);
    await house.publish(tilleuls, JSON.stringify({ boot: 1, readings: [register('06', '2026-11-24T12:00:00Z', secret)] }));
    await house.whileTimePasses(
      'all are in quarantine',
      async () => (await house.registry.as('ingest').ingest.quarantined(10)).length === 4,
    );
    const kept = JSON.stringify(await house.registry.as('ingest').ingest.quarantined(10));
    expect(kept).not.toContain(String(secret));
    expect(kept).not.toContain('987');
    expect(JSON.stringify(house.logger.lines)).not.toContain('987');
  });

  test('of a lighting gateway there is none: its refused messages are shown as they came', async () => {
    await house.publish(republique, '{"boot":1,"level":70');
    expect((await quarantined())[0]?.excerpt).toBe('{"boot":1,"level":70');
  });
});

test('the health says how late the readings are', async () => {
  await house.send(republique, batchOf([power(formatInstant(instant(NOW - 2_000)), 1)]));
  expect(house.figure('lagMs')).toBeGreaterThanOrEqual(2_000);
  expect(house.figure('lagMs')).toBeLessThan(30_000);
});

test('stopping writes and acknowledges what was received, and stopping twice is safe', async () => {
  const batch = batchOf([power('2026-11-24T20:59:50Z', 800)]);
  await house.publish(republique, JSON.stringify(batch));
  await until('it waits for its commit', () => house.figure('pending') === 1);
  await house.ingest.stop();
  await house.ingest.stop();
  expect(house.acks).toHaveLength(1);
  expect(house.ingest.health().state).toBe('stopped');
});
