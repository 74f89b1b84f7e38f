import { describe, expect, test } from 'vitest';
import { ackMessage } from '#contract/messages/ack.ts';
import { gatewayId, pointId } from '#domain/identifiers.ts';
import { acknowledge } from '#ingest/write/acknowledge.ts';
import type { CheckedBatch } from '#ingest/write/batch.ts';
import { createRedeliveryMemory } from '#ingest/write/redelivery-memory.ts';

const gateway = gatewayId('gateway-republique');
const batch = (seq: number, more: Partial<CheckedBatch> = {}): CheckedBatch => ({
  gateway,
  boot: 12,
  seq,
  from: seq,
  redelivered: false,
  readings: [],
  claims: [],
  events: [],
  reports: [],
  refusedPoints: [],
  refused: null,
  ...more,
});

describe('an acknowledgement', () => {
  test('joins neighbours, in whatever order they came, and counts a repeated one once', () => {
    expect(acknowledge([5, 3, 4, 9, 3].map((seq) => batch(seq)))).toEqual([
      {
        gateway,
        ack: {
          boot: 12,
          ranges: [
            [3, 5],
            [9, 9],
          ],
          refused: [],
        },
      },
    ]);
  });

  test('is one for each gateway and each boot', () => {
    const other = gatewayId('gateway-tilleuls');
    const acks = acknowledge([batch(1), batch(1, { boot: 13 }), batch(1, { gateway: other })]);
    expect(acks.map(({ gateway: to, ack }) => `${to} ${ack.boot}`)).toEqual([
      'gateway-republique 12',
      'gateway-republique 13',
      'gateway-tilleuls 12',
    ]);
  });

  test('covers the numbers that a gap replaces, so that both sides agree', () => {
    const [addressed] = acknowledge([batch(9, { from: 4 }), batch(10), batch(2)]);
    expect(addressed?.ack.ranges).toEqual([
      [2, 2],
      [4, 10],
    ]);
  });

  test('names a whole batch refused without a range, and a refused point with one', () => {
    const point = pointId('point-x');
    const [addressed] = acknowledge([
      batch(1, { refused: 'MESSAGE_INVALID' }),
      batch(2, {
        refusedPoints: [
          { point, code: 'POINT_UNKNOWN' },
          { point, code: 'POINT_UNKNOWN' },
        ],
      }),
    ]);
    expect(addressed?.ack).toEqual({
      boot: 12,
      ranges: [[2, 2]],
      refused: [
        { seq: 1, code: 'MESSAGE_INVALID' },
        { seq: 2, point, code: 'POINT_UNKNOWN' },
      ],
    });
  });

  test('of thousands of scattered batches is cut into messages of the contract, and nothing is left out', () => {
    const acks = acknowledge(Array.from({ length: 2_500 }, (_, index) => batch(index * 2)));
    for (const { ack } of acks) expect(ackMessage.safeParse(ack).success).toBe(true);
    expect(acks.flatMap(({ ack }) => ack.ranges)).toHaveLength(2_500);
  });
});

test('a batch is seen again by its gateway, boot and number', () => {
  const memory = createRedeliveryMemory();
  expect([memory.isSeenAgain(gateway, 1, 7), memory.isSeenAgain(gateway, 2, 7), memory.isSeenAgain(gateway, 1, 7)]).toEqual([
    false,
    false,
    true,
  ]);
});
