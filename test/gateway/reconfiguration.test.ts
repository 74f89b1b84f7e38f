import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sealDocument } from '#contract/messages/documents.ts';
import type { Status } from '#contract/messages/status.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import { topics } from '#contract/topics.ts';
import { parseInstant } from '#domain/civil-time.ts';
import type { Gateway } from '#gateway/index.ts';
import { type Bench, GATEWAY, openBench, programsDocument, testConfiguration } from './gateway-under-test.ts';
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

const lamp = (number: number) => ({
  device: `lamp-${number}`,
  profile: 'intesis-in703-d4i',
  unitId: 3,
  channel: number - 1,
  point: `point-lamp-${number}`,
  privacy: 'operational',
  readOnly: false,
});
const meter = (device: string, unitId: number, parts: object = {}) => ({
  ...{ device, profile: 'eastron-sdm120', unitId, point: `point-${unitId}`, privacy: 'operational', readOnly: false },
  ...parts,
});

/** A line whose lamps and meters are the centre's, and whose cabinet is the file's. */
const configuration = () => {
  const { port } = field.server;
  const line = { host: '127.0.0.1', port };
  return testConfiguration(port, {
    buses: [
      { id: 'bus-centre', ...line, devicesFrom: 'centre' },
      {
        id: 'bus-file',
        ...line,
        devices: [{ device: 'cabinet', profile: 'axone-demo-cabinet', unitId: 2, point: 'point-cabinet' }],
      },
    ],
    groups: [],
  });
};

const said = (revision: number, devices: readonly object[], parts: object = {}) =>
  sealDocument({ revision, buses: [{ bus: 'bus-centre', devices }], groups: [], profiles: {}, ...parts });
const send = (revision: number, devices: readonly object[], parts: object = {}): Promise<void> =>
  bench.centre.document('devices', said(revision, devices, parts));

const online = (): Status & { readonly state: 'online' } => {
  const status = bench.centre.statuses.at(-1);
  if (status?.state !== 'online') throw new Error('no status');
  return status;
};
const applied = (revision: number) => bench.advanceUntil(`revision ${revision}`, () => online().applied.devices === revision);
const refusal = () => online().refused?.find(({ document }) => document === 'devices');
const readingsOf = (point: string) =>
  bench.centre.telemetry.flatMap(({ readings }) => readings).filter((reading) => reading.point === point);
const registersOf = (point: string) =>
  readingsOf(point).map(({ values, quality }) => [values.energyImportedWh, quality?.energyImportedWh ?? 'measured']);
const births = (): readonly string[] =>
  [...bench.centre.kept.keys()].flatMap((topic) => /devices\/(.+)\/birth$/.exec(topic)?.[1] ?? []).sort();
/** Requests that reached a unit. */
const asked = (unitId: number): number => field.server.requests.filter((request) => request.unitId === unitId).length;

describe('devices that the centre says', () => {
  test('are read from their next turn on; the gateway says the revision, what hangs where and what it can read', async () => {
    await bench.boot(configuration());
    await bench.advanceUntil('the file is read', () => readingsOf('point-cabinet').length > 0);
    expect(births()).toEqual(['cabinet']);
    await send(1, [lamp(1), meter('meter-a', 11)]);
    await applied(1);
    await bench.advanceUntil('they are read', () => readingsOf('point-lamp-1').length > 0 && readingsOf('point-11').length > 0);
    expect(births()).toEqual(['cabinet', 'lamp-1', 'meter-a']);
    const { buses, profiles } = bench.centre.fields.at(-1) ?? { buses: [], profiles: [] };
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
    await bench.boot(configuration());
    await bench.centre.document('programs', programsDocument(1, 40));
    const group = { group: 'group-all', bus: 'bus-centre', unitId: 3, busGroup: 'broadcast', members: ['lamp-1', 'lamp-2'] };
    await send(1, [lamp(1), lamp(2)], { groups: [group] });
    await bench.advanceUntil('both follow', () => field.lamps.slice(0, 2).every(({ levelPercent }) => levelPercent === 40));
    expect(field.writes.filter((write) => write.startsWith('3:'))).toEqual(['3:6800=40']);
  });

  test('may have a model that the gateway never saw, and it goes before the gateway’s own on the centre’s buses only', async () => {
    await bench.boot(configuration());
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
    await send(1, [meter('meter-new', 11, { profile: 'meter-of-tomorrow' }), cabinet], { profiles });
    await bench.advanceUntil('both are read', () => registersOf('point-11').length > 0 && registersOf('point-12').length > 0);
    expect(registersOf('point-11')[0]).toEqual([1_500_000, 'measured']);
    expect(registersOf('point-12')[0]).toEqual([2_500_000, 'measured']);
    expect(Object.keys(readingsOf('point-cabinet').at(-1)?.values ?? {})).toContain('doorOpen');
    const origins = bench.centre.fields.at(-1)?.profiles.filter(({ profile }) => profile in profiles);
    expect(origins?.map(({ profile, origin }) => `${profile} ${origin}`).sort()).toEqual([
      'axone-demo-cabinet document',
      'meter-of-tomorrow document',
    ]);
  });

  test('are kept over a restart without the centre', async () => {
    await bench.boot(configuration());
    await send(1, [lamp(1)]);
    await applied(1);
    await bench.crash();
    await bench.centre.bus.publish(topics.document(GATEWAY, 'devices'), '', { qos: 1, retain: true });
    const before = readingsOf('point-lamp-1').length;
    await bench.boot(configuration());
    await bench.advanceUntil('it is read', () => readingsOf('point-lamp-1').length > before);
    expect(online().applied.devices).toBe(1);
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
    await bench.boot(configuration());
    await send(1, [lamp(1)]);
    await applied(1);
    await send(2, devices, parts);
    await bench.advanceUntil('it is refused', () => refusal() !== undefined);
    expect(refusal()).toMatchObject({ revision: 2, code: 'DOCUMENT_INVALID' });
    expect(refusal()?.why).toContain(path);
    expect(refusal()?.why).toMatch(why);
    const before = readingsOf('point-lamp-1').length;
    await bench.advanceUntil('it is still read', () => readingsOf('point-lamp-1').length > before + 1);
    expect(online().applied.devices).toBe(1);
    expect(births()).toEqual(['cabinet', 'lamp-1']);
    await send(3, [lamp(2)]);
    await applied(3);
    expect(refusal()).toBeUndefined();
  });

  test('for the disk that should keep it is refused too, and nothing has changed', async () => {
    await bench.boot(configuration());
    await send(1, [lamp(1)]);
    await applied(1);
    const former = intercept((name, put) => (name === 'document-devices' ? Promise.reject(new Error('ENOSPC')) : put()));
    await send(2, [lamp(2)]);
    await bench.advanceUntil('it is refused', () => refusal() !== undefined);
    expect(online().applied.devices).toBe(1);
    const before = readingsOf('point-lamp-1').length;
    await bench.advanceUntil('it is still read', () => readingsOf('point-lamp-1').length > before);
    expect(readingsOf('point-lamp-2')).toEqual([]);
    former();
    await send(3, [lamp(2)]);
    await applied(3);
    await bench.advanceUntil('the other is read', () => readingsOf('point-lamp-2').length > 0);
  });
});

/** Puts something between the gateway and its shelf; what it gives back takes it away. */
const intercept = (between: (name: string, put: () => Promise<void>) => Promise<void>): (() => void) => {
  const shelf = bench.shelf as { put: DocumentShelf['put'] };
  const { put } = shelf;
  const original = put.bind(shelf);
  shelf.put = (name, text) => between(name, () => original(name, text));
  return () => {
    shelf.put = put;
  };
};

describe('a power cut in the middle of an exchange', () => {
  test.each([
    ['before the document is on the disk leaves the former', false, 'point-lamp-1', 'point-lamp-2'],
    ['after it is leaves the new one', true, 'point-lamp-2', 'point-lamp-1'],
  ])('%s, whole', async (_when, isKept, read, notRead) => {
    await bench.boot(configuration());
    await send(1, [lamp(1), meter('meter-a', 11)]);
    await applied(1);
    let isReached = false;
    const restore = intercept(async (name, put) => {
      if (name !== 'document-devices') return put();
      if (isKept) await put();
      isReached = true;
      return new Promise(() => undefined);
    });
    await send(2, [lamp(2), meter('meter-b', 11)]);
    await bench.advanceUntil('the disk is reached', () => isReached);
    await bench.crash();
    restore();
    await bench.centre.bus.publish(topics.document(GATEWAY, 'devices'), '', { qos: 1, retain: true });
    const before = readingsOf(notRead).length;
    const start = readingsOf(read).length;
    await bench.boot(configuration());
    await bench.advanceUntil('it reads', () => readingsOf(read).length > start + 1);
    expect(online().applied.devices).toBe(isKept ? 2 : 1);
    expect(readingsOf(notRead).length).toBe(before);
    const replaced = bench.centre.events().filter(({ event }) => event === 'meter-replaced');
    expect(replaced.map(({ device }) => device)).toEqual(isKept ? ['meter-b'] : []);
  });
});

describe('while devices come and go', () => {
  test('those that stay miss no turn, keep their socket, their level and what is known of them', async () => {
    field.silent.add(12);
    bench.silent.add(12);
    await bench.boot(configuration());
    await bench.centre.document('programs', programsDocument(1, 70));
    const staying = [lamp(1), lamp(2), meter('meter-dead', 12)];
    await send(1, [...staying, lamp(3)]);
    await bench.advanceUntil('lamps follow', () => field.lamps.slice(0, 3).every(({ levelPercent }) => levelPercent === 70));
    await bench.advance(60_000);
    const writes = field.writes.length;
    const silences = asked(12);
    const from = readingsOf('point-lamp-1').length;
    for (let revision = 2; revision <= 13; revision += 1) {
      await send(revision, revision % 2 === 0 ? [meter('meter-a', 11), ...staying] : [...staying, lamp(3)]);
      await bench.advance(1700);
      expect(online().applied.devices).toBe(revision);
    }
    const instants = readingsOf('point-lamp-1')
      .slice(from)
      .map(({ at }) => parseInstant(at));
    const periods = instants.slice(1).map((at, index) => at - (instants[index] ?? 0));
    expect(periods.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...periods)).toBeLessThan(5500);
    expect(field.server.connections()).toBe(1);
    // Lamp 3 comes back each time, and is brought to its level.
    expect(field.writes.slice(writes).filter((write) => !write.startsWith('3:215='))).toEqual([]);
    // Left alone for up to five minutes after a minute of silence: what came and went does not wake it.
    expect(asked(12) - silences).toBeLessThanOrEqual(2);
    expect(births()).toEqual(['cabinet', 'lamp-1', 'lamp-2', 'lamp-3', 'meter-dead']);
  });

  test('one that is taken out is not read again, and the broker keeps nothing of it', async () => {
    await bench.boot(configuration());
    await send(1, [lamp(1), meter('meter-a', 11)]);
    await bench.advanceUntil('it is read', () => bench.centre.availabilities.includes('meter-a online'));
    await send(2, [lamp(1)]);
    await applied(2);
    const requests = asked(11);
    await bench.advance(60_000);
    expect(asked(11)).toBe(requests);
    expect([...bench.centre.kept.keys()].filter((topic) => topic.includes('meter-a'))).toEqual([]);
    await send(3, [lamp(1), meter('meter-a', 11)]);
    await bench.advanceUntil('it is back', () => births().includes('meter-a'));
  });

  test('one that is taken out while the broker is away is taken back at its return, over a restart too', async () => {
    const gateway = await bench.boot(configuration());
    await send(1, [meter('meter-a', 11)]);
    await bench.advanceUntil('it is read', () => bench.centre.availabilities.includes('meter-a online'));
    await bench.crash();
    expect(births()).toContain('meter-a');
    await bench.shelf.put('document-devices', JSON.stringify(said(2, [meter('meter-b', 12)])));
    await bench.centre.bus.publish(topics.document(GATEWAY, 'devices'), '', { qos: 1, retain: true });
    await bench.boot(configuration());
    await bench.advanceUntil('it says so', () => births().includes('meter-b'));
    await bench.advance(1000);
    expect([...bench.centre.kept.keys()].filter((topic) => topic.includes('meter-a'))).toEqual([]);
    expect(gateway.health().state).toBe('stopped');
  });

  test('one that takes the place of a unit that was left alone is asked at its next turn', async () => {
    field.silent.add(11);
    bench.silent.add(11);
    await bench.boot(configuration());
    await send(1, [meter('meter-dead', 11)]);
    await bench.advance(120_000);
    field.silent.delete(11);
    bench.silent.delete(11);
    await send(2, [meter('meter-new', 11)]);
    await bench.advanceUntil('it is read', () => registersOf('point-11').some(([value]) => value === 1_500_000), 11_000);
  });
});

describe('a meter that is replaced', () => {
  const replacedEvents = () => bench.centre.events().filter(({ event }) => event === 'meter-replaced');

  test('keeps its point: the new register is believed at once, and the event says both', async () => {
    await bench.boot(configuration());
    await send(1, [meter('meter-old', 11)]);
    await bench.advanceUntil('it is read', () => registersOf('point-11').length > 1);
    field.flatsKWh[0] = 3;
    await send(2, [meter('meter-new', 11)]);
    await bench.advanceUntil('the new one is read', () => registersOf('point-11').at(-1)?.[0] === 3000);
    expect(registersOf('point-11').slice(-2)).toEqual([
      [1_500_000, 'measured'],
      [3000, 'measured'],
    ]);
    expect(replacedEvents()).toMatchObject([
      {
        device: 'meter-new',
        detail: {
          point: 'point-11',
          formerDevice: 'meter-old',
          formerReadAt: readingsOf('point-11').at(-2)?.at,
          energyImportedWhBefore: 1_500_000,
          energyImportedWhAfter: 3000,
        },
      },
    ]);
    await bench.crash();
    await bench.boot(configuration());
    await bench.advance(20_000);
    expect(replacedEvents()).toHaveLength(1);
  });

  test('is said at the first reading of the new one, though it was taken out first and the gateway restarted between', async () => {
    await bench.boot(configuration());
    await send(1, [meter('meter-old', 11), lamp(1)]);
    await bench.advanceUntil('it is read', () => registersOf('point-11').length > 1);
    await send(2, [lamp(1)]);
    await applied(2);
    await bench.crash();
    await bench.boot(configuration());
    await bench.advance(20_000);
    await send(3, [lamp(1), meter('meter-new', 12, { point: 'point-11' })]);
    await bench.advanceUntil('it is said', () => replacedEvents().length > 0);
    expect(replacedEvents()[0]?.detail).toMatchObject({ energyImportedWhBefore: 1_500_000, energyImportedWhAfter: 2_500_000 });
  });

  test('in a dwelling is said without a register', async () => {
    await bench.boot(configuration());
    await send(1, [meter('meter-old', 11, { privacy: 'dwelling' })]);
    await bench.advanceUntil('it is read', () => registersOf('point-11').length > 0);
    await send(2, [meter('meter-new', 12, { point: 'point-11', privacy: 'dwelling' })]);
    await bench.advanceUntil('it is said', () => replacedEvents().length > 0);
    expect(Object.keys(replacedEvents()[0]?.detail ?? {}).sort()).toEqual(['formerDevice', 'formerReadAt', 'point']);
    expect(registersOf('point-11')).toHaveLength(1);
  });

  test('under the same name but in another place is believed at its first reading too', async () => {
    await bench.boot(configuration());
    await send(1, [meter('meter-a', 12)]);
    await bench.advanceUntil('it is read', () => registersOf('point-12').length > 1);
    await send(2, [meter('meter-a', 11, { point: 'point-12' })]);
    await bench.advanceUntil('it is read there', () => registersOf('point-12').at(-1)?.[0] === 1_500_000);
    expect(registersOf('point-12').at(-1)).toEqual([1_500_000, 'measured']);
  });
});

describe('the rating of a device', () => {
  test('goes before its profile’s', async () => {
    const [first] = field.lamps;
    if (first !== undefined) first.stuckPowerW = 90;
    await bench.boot(configuration());
    await send(1, [
      { ...lamp(1), ratedPowerW: 60 },
      { ...lamp(2), ratedPowerW: 60 },
    ]);
    await bench.advanceUntil('both are read', () => readingsOf('point-lamp-2').length > 0);
    expect(readingsOf('point-lamp-1')[0]?.quality?.activePowerW).toBe('doubtful');
    expect(readingsOf('point-lamp-2')[0]?.quality?.activePowerW).toBeUndefined();
  });
});

describe('a stored document and a file that no longer go together', () => {
  test('at a start: the document is refused as a whole and said, until the file is put right', async () => {
    await bench.boot(configuration());
    await send(1, [lamp(1)]);
    await applied(1);
    await bench.crash();
    await bench.centre.bus.publish(topics.document(GATEWAY, 'devices'), '', { qos: 1, retain: true });
    const withoutBus = { ...configuration(), buses: configuration().buses.slice(1) };
    const gateway: Gateway = await bench.boot(withoutBus);
    await bench.advance(10_000);
    expect(online().applied.devices).toBeNull();
    expect(refusal()).toMatchObject({ revision: 1, code: 'DOCUMENT_INVALID' });
    expect(births()).toEqual(['cabinet']);
    const refusalOfFile = () => new Error('not asked');
    await gateway.reconfigure(() => Promise.resolve({ configuration: configuration(), refusal: refusalOfFile as never }));
    await applied(1);
    await bench.advanceUntil('it is read', () => births().includes('lamp-1'));
    expect(refusal()).toBeUndefined();
  });
});
