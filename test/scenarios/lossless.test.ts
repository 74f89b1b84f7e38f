import { describe, expect, test } from 'vitest';
import { runTrial, type TrialOptions } from '#test/soak/chain/trial.ts';
import { VICTIMS } from '#test/soak/chain/victims.ts';

/** Short forms of the soaks `lossless` and `chain`, whose full lengths and reports are in test/soak. */

const BATCH_MS = 100;

const trial = (batches: number, batchesPerSecond: number): Pick<TrialOptions, 'replay' | 'batchesPerSecond' | 'say'> => ({
  batchesPerSecond,
  replay: { startsAt: Date.now() - batches * BATCH_MS, batches, batchMs: BATCH_MS, points: 25 },
  say: () => undefined,
});

const whole = (values: number) => ({
  comparison: { expected: values, found: values, lost: 0, doubled: 0, wrong: 0, invented: 0 },
  broken: [],
  gapsDeclared: 0,
  holds: true,
});

describe('what a gateway made durable is in the store once, as it was read', () => {
  test('while gateway and broker are killed at any moment', async () => {
    const verdict = await runTrial({
      ...trial(1000, 100),
      seed: 7,
      store: 'sqlite',
      victims: {
        gateway: { life: [1000, 4000], absence: [100, 800] },
        broker: { life: [1500, 4000], absence: [100, 1500] },
        store: { life: [500, 2000], absence: [300, 1000] },
      },
    });
    expect(verdict).toMatchObject(whole(100_000));
    expect(verdict.killsChecked).toBeGreaterThan(1);
    expect(verdict.acksChecked).toBeGreaterThan(5);
  }, 120_000);

  test.each(['sqlite', 'influxdb'] as const)(
    'while every part of the chain is killed and its cables are cut, with %s',
    async (store) => {
      const verdict = await runTrial({
        ...trial(900, 50),
        seed: 11,
        store,
        victims: {
          gateway: { life: [2000, 8000], absence: [100, 1500] },
          broker: { life: [2500, 8000], absence: [100, 1500] },
          ingest: { life: [2000, 8000], absence: [100, 1500] },
          'gateway-cable': { life: [2500, 8000], absence: [100, 1500] },
          'ingest-cable': { life: [2500, 8000], absence: [100, 1500] },
          store: { life: [2000, 8000], absence: [100, 1500] },
        },
      });
      expect(verdict).toMatchObject(whole(90_000));
      const victims = new Set(verdict.executions.map(({ victim }) => victim));
      expect([...victims].sort()).toEqual([...VICTIMS].sort());
    },
    180_000,
  );
});
