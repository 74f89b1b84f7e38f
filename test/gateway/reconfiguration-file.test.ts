import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '#contract/errors.ts';
import { sealDocument } from '#contract/messages/documents.ts';
import { readGatewayFile } from '#gateway/configuration.ts';
import { type DeviceProfiles, type Gateway, loadProfiles } from '#gateway/index.ts';
import { type Bench, openBench } from './gateway-under-test.ts';
import { type ScriptedField, startScriptedField } from './scripted-field.ts';

let bench: Bench;
let field: ScriptedField;
let other: ScriptedField;
let profiles: DeviceProfiles;
beforeAll(async () => {
  profiles = await loadProfiles();
});
beforeEach(async () => {
  bench = await openBench();
  field = await startScriptedField();
  other = await startScriptedField();
});
afterEach(async () => {
  await bench.close();
  await field.server.close();
  await other.server.close();
});

interface FileParts {
  readonly head?: string;
  readonly line?: string;
  readonly devices?: readonly string[];
  readonly more?: string;
}

const METER = '{ device: meter-a, profile: eastron-sdm120, unitId: 11, point: point-a }';
const SECOND_METER = '{ device: meter-b, profile: eastron-sdm120, unitId: 12, point: point-b }';

const text = ({
  head = 'zone: Europe/Paris',
  line = `port: ${field.server.port}`,
  devices = [METER],
  more = '',
}: FileParts): string =>
  `id: gateway-test
${head}
buses:
  - id: bus-a
    host: 127.0.0.1
    ${line}
    devices:
${devices.map((device) => `      - ${device}`).join('\n')}
${more}`;
const read = (parts: FileParts) => readGatewayFile(text(parts), 'site.yaml', profiles);
const start = (parts: FileParts): Promise<Gateway> => bench.boot(read(parts).configuration);

const readingsOf = (point: string) =>
  bench.centre.telemetry.flatMap(({ readings }) => readings).filter((reading) => reading.point === point);
const refusedFile = () => {
  const status = bench.centre.statuses.at(-1);
  return status?.state === 'online' ? status.refusedFile : undefined;
};
const eventsOf = (name: string) => bench.centre.events().filter(({ event }) => event === name);
const isRead = (point: string, limitMs = 15_000): Promise<void> => {
  const before = readingsOf(point).length;
  return bench.advanceUntil(`${point} is read`, () => readingsOf(point).length > before, limitMs);
};
const centreBus = (id = 'bus-centre', port = field.server.port): string =>
  `  - { id: ${id}, host: 127.0.0.1, port: ${port}, devicesFrom: centre }\n`;

describe('a file that is read again', () => {
  test('brings its new devices at their next turn; the others keep their socket', async () => {
    const gateway = await start({});
    await isRead('point-a');
    await gateway.reconfigure(() => Promise.resolve(read({ devices: [METER, SECOND_METER] })));
    await isRead('point-b');
    await isRead('point-a');
    expect(field.server.connections()).toBe(1);
    expect(refusedFile()).toBeUndefined();
    expect(eventsOf('file-applied')).toHaveLength(1);
    await gateway.reconfigure(() => Promise.resolve(read({ devices: [METER, SECOND_METER] })));
    await bench.advance(2000);
    expect(eventsOf('file-applied')).toHaveLength(1);
  });

  test('adds and removes buses, and moves one elsewhere', async () => {
    const gateway = await start({
      more: `  - { id: bus-b, host: 127.0.0.1, port: ${other.server.port}, devices: [${SECOND_METER}] }\n`,
    });
    await isRead('point-b');
    await gateway.reconfigure(() => Promise.resolve(read({})));
    const asked = other.server.requests.length;
    await bench.advance(30_000);
    expect(other.server.requests.length).toBe(asked);
    await gateway.reconfigure(() => Promise.resolve(read({ line: `port: ${other.server.port}` })));
    const left = field.server.requests.length;
    await isRead('point-a');
    expect(field.server.requests.length).toBe(left);
    expect(gateway.overview().buses.map(({ bus, address }) => `${bus} ${address}`)).toEqual([
      `bus-a 127.0.0.1:${other.server.port}`,
    ]);
  });

  test('has its time-outs and periods from then on', async () => {
    const gateway = await start({});
    await isRead('point-a');
    await gateway.reconfigure(() =>
      Promise.resolve(
        read({ head: 'zone: Europe/Paris\npoll: { metersSeconds: 2 }', line: `port: ${field.server.port}\n    timeoutMs: 400` }),
      ),
    );
    const before = readingsOf('point-a').length;
    await bench.advance(20_000);
    expect(readingsOf('point-a').length - before).toBeGreaterThanOrEqual(9);
    expect(field.server.connections()).toBe(1);
  });

  test('may give a bus to the centre, and take it back', async () => {
    const gateway = await start({});
    await isRead('point-a');
    const given = `id: gateway-test\nzone: Europe/Paris\nbuses:\n${centreBus('bus-a')}`;
    await gateway.reconfigure(() => Promise.resolve(readGatewayFile(given, 'site.yaml', profiles)));
    await bench.advance(1000);
    expect([...bench.centre.kept.keys()]).toEqual([]);
    const device = {
      device: 'meter-a',
      profile: 'eastron-sdm120',
      unitId: 11,
      point: 'point-a',
      privacy: 'operational',
      readOnly: false,
    };
    const devices = [{ bus: 'bus-a', devices: [device] }];
    await bench.centre.document('devices', sealDocument({ revision: 1, buses: devices, groups: [], profiles: {} }));
    await isRead('point-a');
    await expect(gateway.reconfigure(() => Promise.resolve(read({})))).rejects.toThrow(/buses\.0\.bus: the gateway’s file owns/);
    await bench.centre.document('devices', sealDocument({ revision: 2, buses: [], groups: [], profiles: {} }));
    await bench.advance(1000);
    await gateway.reconfigure(() => Promise.resolve(read({})));
    await isRead('point-a');
    expect(field.server.connections()).toBe(1);
  });
});

describe('a file that is wrong', () => {
  const documentFor = sealDocument({ revision: 1, buses: [{ bus: 'bus-centre', devices: [] }], groups: [], profiles: {} });
  test.each<{ readonly what: string; readonly parts: () => string; readonly says: RegExp }>([
    { what: 'is no YAML', parts: () => `${text({})}\n  - {`, says: /site\.yaml, line \d+/ },
    {
      what: 'names a profile that is not there',
      parts: () => text({ devices: [METER, SECOND_METER.replace('sdm120', 'sdm999')], more: centreBus() }),
      says: /site\.yaml, line 9, at buses\.0\.devices\.1\.profile: there is no profile eastron-sdm999/,
    },
    {
      what: 'has another identifier',
      parts: () => text({ more: centreBus() }).replace('id: gateway-test', 'id: gateway-other'),
      says: /line 1, at id: id cannot change while the gateway runs/,
    },
    {
      what: 'has another zone',
      parts: () => text({ head: 'zone: Europe/Rome', more: centreBus() }),
      says: /line 2, at zone: zone cannot change/,
    },
    {
      what: 'would let a gateway that only reads be written, or the other way round',
      parts: () => text({ head: 'zone: Europe/Paris\nreadOnly: true', more: centreBus() }),
      says: /line 3, at readOnly: readOnly cannot change/,
    },
    {
      what: 'has another outbox',
      parts: () => text({ head: 'zone: Europe/Paris\noutbox: { limitBytes: 65536 }', more: centreBus() }),
      says: /line 3, at outbox/,
    },
    {
      what: 'no longer has the bus that the centre’s document says',
      parts: () => text({}),
      says: /at buses: it does not go with the devices that the centre says: .*no bus bus-centre/,
    },
    {
      what: 'gives a bus two owners',
      parts: () => text({ line: `port: ${field.server.port}\n    devicesFrom: centre` }),
      says: /line 8, at buses\.0\.devices: the devices of bus-a are the centre’s/,
    },
    {
      what: 'gives a bus none',
      parts: () => text({ more: `  - { id: bus-b, host: 127.0.0.1, port: 502 }` }),
      says: /at buses\.1\.?.*: bus-b has no device.*devicesFrom: centre/,
    },
  ])('$what: the former goes on, and status says which line', async ({ parts, says }) => {
    const gateway = await start({ more: centreBus() });
    await bench.centre.document('devices', documentFor);
    await isRead('point-a');
    const refused = await gateway
      .reconfigure(() => Promise.resolve().then(() => readGatewayFile(parts(), 'site.yaml', profiles)))
      .then(
        () => null,
        (thrown: Fault) => thrown,
      );
    expect(refused?.code).toBe('CONFIG_INVALID');
    expect(refused?.message).toMatch(says);
    await bench.advanceUntil('it is said', () => refusedFile() !== undefined);
    expect(refusedFile()).toEqual({ code: 'CONFIG_INVALID', why: refused?.what.slice(0, 300) });
    await isRead('point-a');
    expect(field.server.connections()).toBe(1);
    expect(eventsOf('file-refused')).toHaveLength(1);
    await gateway.reconfigure(() => Promise.resolve(read({ devices: [METER, SECOND_METER], more: centreBus() })));
    await isRead('point-b');
    expect(refusedFile()).toBeUndefined();
  });
});
