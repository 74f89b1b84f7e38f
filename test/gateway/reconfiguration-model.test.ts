import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CommissionedGateway, lamp, meter, openCommissioned } from './commissioned-gateway.ts';

/** All that the centre may say here, by name. */
const DEVICES: ReadonlyMap<string, { readonly unitId: number }> = new Map(
  [lamp(1), lamp(2), lamp(3), meter('meter-a', 11), meter('meter-b', 12)].map((each) => [each.device, each]),
);
const UNIT_OF_THE_FILE = 2;

const someDevices = fc.subarray([...DEVICES.keys()]);
const wrongness = fc.constantFrom<(devices: readonly object[]) => readonly object[]>(
  (devices) => [...devices, meter('meter-x', 12, { profile: 'acme' })],
  (devices) => [...devices, lamp(4), lamp(4)],
  (devices) => [...devices, meter('cabinet', 12)],
  (devices) => [...devices, { ...lamp(4), channel: 99 }],
  (devices) => [...devices, { ...lamp(4), privacy: 'dwelling' }],
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('said' as const), names: someDevices }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('said wrongly' as const), names: someDevices, wrong: wrongness }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('said to a full disk' as const), names: someDevices }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut off' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut off while said' as const), names: someDevices }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What must be in force: one of the sets that were said, whole. */
interface Model {
  revision: number;
  inForce: { readonly revision: number | null; readonly names: readonly string[] };
  /** The last that the broker keeps, when nothing is wrong with it: a restart brings it. */
  kept: Model['inForce'] | null;
}

const entriesOf = (names: readonly string[]) => names.flatMap((name) => DEVICES.get(name) ?? []);

const take = async (given: CommissionedGateway, model: Model, done: Step): Promise<void> => {
  const { bench } = given;
  const restart = async (): Promise<void> => {
    await bench.crash();
    await bench.boot(given.configuration());
    model.inForce = model.kept ?? model.inForce;
  };
  if (done.kind === 'cut off') return restart();
  model.revision += 1;
  const { revision } = model;
  const next = { revision, names: done.names };
  const send = (): Promise<void> => given.send(revision, entriesOf(done.names));
  model.kept = next;
  switch (done.kind) {
    case 'said':
      model.inForce = next;
      return send();
    case 'said wrongly':
      model.kept = null;
      return given.send(revision, done.wrong(entriesOf(done.names)));
    case 'said to a full disk': {
      const restore = given.intercept((name, put) => (name === 'document-devices' ? Promise.reject(new Error('ENOSPC')) : put()));
      await send();
      await bench.advance(500);
      return restore();
    }
    case 'cut off while said': {
      let isReached = false;
      const restore = given.intercept((name, put) => {
        if (name !== 'document-devices') return put();
        isReached = true;
        return new Promise(() => undefined);
      });
      await send();
      await bench.advanceUntil('the disk is reached', () => isReached);
      restore();
      return restart();
    }
  }
};

/** The revision, the births and the units that are asked are those of the model. */
const check = async (given: CommissionedGateway, { inForce }: Model): Promise<void> => {
  await given.bench.advance(1000);
  expect(given.online().applied.devices).toBe(inForce.revision);
  expect(given.births()).toEqual(['cabinet', ...inForce.names].sort());
  const before = given.field.server.requests.length;
  await given.bench.advance(11_000);
  const asked = new Set(given.field.server.requests.slice(before).map(({ unitId }) => unitId));
  const units = entriesOf(inForce.names).map(({ unitId }) => unitId);
  expect([...asked].sort()).toEqual([...new Set([UNIT_OF_THE_FILE, ...units])].sort());
};

test('whatever is said, refused or cut off, what is in force is one set that was said, whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 6 }), async (steps) => {
      const given = await openCommissioned();
      try {
        await given.bench.boot(given.configuration());
        const model: Model = { revision: 0, inForce: { revision: null, names: [] }, kept: null };
        for (const each of steps) {
          await take(given, model, each);
          await check(given, model);
        }
        const boots = 1 + steps.filter(({ kind }) => kind.startsWith('cut off')).length;
        expect(given.field.server.connections()).toBe(boots);
      } finally {
        await given.close();
      }
    }),
    { numRuns: 12 },
  );
}, 60_000);
