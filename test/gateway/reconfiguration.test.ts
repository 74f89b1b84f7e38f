import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { topics } from '#contract/topics.ts';
import { type CommissionedGateway, lamp, meter, openCommissioned } from './commissioned-gateway.ts';
import { GATEWAY, programsDocument } from './gateway-under-test.ts';

let given: CommissionedGateway;
beforeEach(async () => {
  given = await openCommissioned();
});
afterEach(() => given.close());

describe('devices that the centre says', () => {
  test('are read from their next turn on; the gateway says the revision, what hangs where and what it can read', async () => {
    await given.bench.boot(given.configuration());
    await given.bench.advanceUntil('the file is read', () => given.readingsOf('point-cabinet').length > 0);
    expect(given.births()).toEqual(['cabinet']);
    await given.send(1, [lamp(1), meter('meter-a', 11)]);
    await given.applied(1);
    await given.bench.advanceUntil(
      'they are read',
      () => given.readingsOf('point-lamp-1').length > 0 && given.readingsOf('point-11').length > 0,
    );
    expect(given.births()).toEqual(['cabinet', 'lamp-1', 'meter-a']);
    const { buses, profiles } = given.bench.centre.fields.at(-1) ?? { buses: [], profiles: [] };
    expect(buses).toEqual([
      {
        bus: 'bus-centre',
        kind: 'tcp',
        devicesFrom: 'centre',
        devices: [
          { device: 'lamp-1', profile: 'intesis-in703-d4i', unitId: 3, channel: 0 },
          { device: 'meter-a', profile: 'eastron-sdm120', unitId: 11 },
        ],
      },
      {
        bus: 'bus-file',
        kind: 'tcp',
        devicesFrom: 'file',
        devices: [{ device: 'cabinet', profile: 'axone-demo-cabinet', unitId: 2 }],
      },
    ]);
    expect(profiles.find(({ profile }) => profile === 'intesis-in703-d4i')).toMatchObject({
      origin: 'gateway',
      writes: ['commandedLevelPercent'],
    });
  });

  test('are obeyed by the same programs and groups as those of a file', async () => {
    await given.bench.boot(given.configuration());
    await given.bench.centre.document('programs', programsDocument(1, 40));
    const group = { group: 'group-all', bus: 'bus-centre', unitId: 3, busGroup: 'broadcast', members: ['lamp-1', 'lamp-2'] };
    await given.send(1, [lamp(1), lamp(2)], { groups: [group] });
    await given.bench.advanceUntil('both follow', () =>
      given.field.lamps.slice(0, 2).every(({ levelPercent }) => levelPercent === 40),
    );
    expect(given.field.writes.filter((write) => write.startsWith('3:'))).toEqual(['3:6800=40']);
  });

  test('may have a model that the gateway never saw, and it goes before the gateway’s own on the centre’s buses only', async () => {
    await given.bench.boot(given.configuration());
    const page = (name: string, address: number): string =>
      `profile: ${name}
vendor: Test
models: [Test]
kind: electricity-meter
origin: fictitious
document: none
source: none
confidence: fictitious
functions: [ElectricalMeterFunction]
addressBase: 0
maxRegistersPerRead: 80
maxGapRegisters: 0
points:
  energyImportedWh: { table: input, address: ${address}, type: float32, wordOrder: high-first, scale: 1000, unit: Wh }
`;
    const profiles = { 'meter-of-tomorrow': page('meter-of-tomorrow', 72), 'axone-demo-cabinet': page('axone-demo-cabinet', 72) };
    const cabinet = meter('cabinet-2', 12, { profile: 'axone-demo-cabinet' });
    await given.send(1, [meter('meter-new', 11, { profile: 'meter-of-tomorrow' }), cabinet], { profiles });
    await given.bench.advanceUntil(
      'both are read',
      () => given.registersOf('point-11').length > 0 && given.registersOf('point-12').length > 0,
    );
    expect(given.registersOf('point-11')[0]).toEqual([1_500_000, 'measured']);
    expect(given.registersOf('point-12')[0]).toEqual([2_500_000, 'measured']);
    expect(Object.keys(given.readingsOf('point-cabinet').at(-1)?.values ?? {})).toContain('doorOpen');
    const origins = given.bench.centre.fields.at(-1)?.profiles.filter(({ profile }) => profile in profiles);
    expect(origins?.map(({ profile, origin }) => `${profile} ${origin}`).sort()).toEqual([
      'axone-demo-cabinet document',
      'meter-of-tomorrow document',
    ]);
  });

  test('are kept over a restart without the centre', async () => {
    await given.bench.boot(given.configuration());
    await given.send(1, [lamp(1)]);
    await given.applied(1);
    await given.bench.crash();
    await given.bench.centre.bus.publish(topics.document(GATEWAY, 'devices'), '', { qos: 1, retain: true });
    const before = given.readingsOf('point-lamp-1').length;
    await given.bench.boot(given.configuration());
    await given.bench.advanceUntil('it is read', () => given.readingsOf('point-lamp-1').length > before);
    expect(given.online().applied.devices).toBe(1);
  });
});

interface Wrong {
  readonly what: string;
  readonly devices?: readonly object[];
  readonly parts?: object;
  readonly path: string;
  readonly why: RegExp;
}

describe('a document that is wrong', () => {
  const wrong: readonly Wrong[] = [
    {
      what: 'names a profile that the gateway does not have',
      devices: [lamp(1), meter('m', 11, { profile: 'acme' })],
      path: 'buses.0.devices.1.profile',
      why: /no profile acme/,
    },
    {
      what: 'names a channel that the model does not have',
      devices: [meter('m', 11, { channel: 1 })],
      path: 'buses.0.devices.0.channel',
      why: /this profile has none/,
    },
    {
      what: 'has a device twice',
      devices: [lamp(1), { ...lamp(2), device: 'lamp-1' }],
      path: 'buses.0.devices.1.device',
      why: /lamp-1 is there twice/,
    },
    {
      what: 'has two devices in one place',
      devices: [meter('a', 11), meter('b', 11)],
      path: 'buses.0.devices.1.unitId',
      why: /b is where a is/,
    },
    {
      what: 'names a device as the file does',
      devices: [meter('cabinet', 11)],
      path: 'buses.0.devices.0.device',
      why: /cabinet is there twice/,
    },
    {
      what: 'lets a dwelling’s device be written',
      devices: [{ ...lamp(4), privacy: 'dwelling' }],
      path: 'buses.0.devices.0.privacy',
      why: /readOnly: true/,
    },
    {
      what: 'has a group of strangers',
      devices: [lamp(1)],
      parts: { groups: [{ group: 'group-a', bus: 'bus-centre', unitId: 3, busGroup: 0, members: ['lamp-9'] }] },
      path: 'groups.0.members',
      why: /lamp-9 is not on unit 3/,
    },
    {
      what: 'takes a bus that the file owns',
      parts: { buses: [{ bus: 'bus-file', devices: [] }] },
      path: 'buses.0.bus',
      why: /the gateway’s file owns/,
    },
    {
      what: 'names a bus that is not there',
      parts: { buses: [{ bus: 'bus-9', devices: [] }] },
      path: 'buses.0.bus',
      why: /no bus bus-9.*bus-centre/,
    },
    {
      what: 'has a unit that Modbus does not have',
      devices: [meter('m', 248)],
      path: 'buses.0.devices.0.unitId',
      why: /247/,
    },
    {
      what: 'carries a page that no profile may be',
      parts: { profiles: { acme: 'profile: acme\nvendor: 3' } },
      path: 'profiles.acme',
      why: /line 2, at vendor/,
    },
  ];

  test.each(wrong)('$what: the former stays, and status says where', async ({ devices = [], parts, path, why }) => {
    await given.bench.boot(given.configuration());
    await given.send(1, [lamp(1)]);
    await given.applied(1);
    await given.send(2, devices, parts);
    await given.bench.advanceUntil('it is refused', () => given.refusal() !== undefined);
    expect(given.refusal()).toMatchObject({ revision: 2, code: 'DOCUMENT_INVALID' });
    expect(given.refusal()?.why).toContain(path);
    expect(given.refusal()?.why).toMatch(why);
    const before = given.readingsOf('point-lamp-1').length;
    await given.bench.advanceUntil('it is still read', () => given.readingsOf('point-lamp-1').length > before + 1);
    expect(given.online().applied.devices).toBe(1);
    expect(given.births()).toEqual(['cabinet', 'lamp-1']);
    await given.send(3, [lamp(2)]);
    await given.applied(3);
    expect(given.refusal()).toBeUndefined();
  });

  test.each(['document-devices', 'metered-points'])(
    'for the disk, at %s, is refused too, and nothing has changed',
    async (refused) => {
      await given.bench.boot(given.configuration());
      await given.send(1, [lamp(1)]);
      await given.applied(1);
      const former = given.intercept((name, put) => (name === refused ? Promise.reject(new Error('ENOSPC')) : put()));
      await given.send(2, [lamp(2)]);
      await given.bench.advanceUntil('it is refused', () => given.refusal() !== undefined);
      expect(given.online().applied.devices).toBe(1);
      const before = given.readingsOf('point-lamp-1').length;
      await given.bench.advanceUntil('it is still read', () => given.readingsOf('point-lamp-1').length > before);
      expect(given.readingsOf('point-lamp-2')).toEqual([]);
      former();
      await given.send(3, [lamp(2)]);
      await given.applied(3);
      await given.bench.advanceUntil('the other is read', () => given.readingsOf('point-lamp-2').length > 0);
    },
  );
});

describe('a power cut in the middle of an exchange', () => {
  test.each([
    ['before the document is on the disk leaves the former', false, 'point-lamp-1', 'point-lamp-2'],
    ['after it is leaves the new one', true, 'point-lamp-2', 'point-lamp-1'],
  ])('%s, whole', async (_when, isKept, read, notRead) => {
    await given.bench.boot(given.configuration());
    await given.send(1, [lamp(1), meter('meter-a', 11)]);
    await given.applied(1);
    let isReached = false;
    const restore = given.intercept(async (name, put) => {
      if (name !== 'document-devices') return put();
      if (isKept) await put();
      isReached = true;
      return new Promise(() => undefined);
    });
    await given.send(2, [lamp(2), meter('meter-b', 11)]);
    await given.bench.advanceUntil('the disk is reached', () => isReached);
    await given.bench.crash();
    restore();
    await given.bench.centre.bus.publish(topics.document(GATEWAY, 'devices'), '', { qos: 1, retain: true });
    const before = given.readingsOf(notRead).length;
    const start = given.readingsOf(read).length;
    await given.bench.boot(given.configuration());
    await given.bench.advanceUntil('it reads', () => given.readingsOf(read).length > start + 1);
    expect(given.online().applied.devices).toBe(isKept ? 2 : 1);
    expect(given.readingsOf(notRead).length).toBe(before);
    const replaced = given.bench.centre.events().filter(({ event }) => event === 'meter-replaced');
    expect(replaced.map(({ device }) => device)).toEqual(isKept ? ['meter-b'] : []);
  });
});
