import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createMemoryShelf } from '#adapters/document-shelf/in-memory.ts';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createInMemoryBroker } from '#adapters/message-bus/in-memory.ts';
import { sealDocument } from '#contract/messages/documents.ts';
import { deviceId } from '#domain/identifiers.ts';
import { FailSafes } from '#gateway/devices/fail-safe.ts';
import { failSafeSettings } from '#gateway/devices/fail-safe-settings.ts';
import {
  createFieldLines,
  createGateway,
  type GatewayConfiguration,
  gatewayConfiguration,
  loadProfiles,
} from '#gateway/index.ts';
import type { ModbusLine } from '#gateway/modbus/transport.ts';
import { Journal } from '#gateway/outbox/journal.ts';
import { until } from '#test/services/until.ts';
import { type Bench, GATEWAY, openBench, testConfiguration } from '../gateway-under-test.ts';
import { startSerialLine, startTcpLine } from '../modbus/scripted-line.ts';
import { type ScriptedServer, startScriptedServer } from '../modbus/scripted-server.ts';
import { startScriptedField } from '../scripted-field.ts';
import { createScriptedDimmer, type ScriptedDimmer } from './scripted-dimmer.ts';

const UNIT = 20;
const HOUR_MS = 3600 * 1000;
/** The level, the action that applies it, then the time after which it counts. */
const PROGRAMMED = ['656=100', '648=3', '8=120'];

const configurationOf = (line: ModbusLine, parts: object = {}, entry: object = {}, channels = 1): GatewayConfiguration =>
  gatewayConfiguration.parse({
    id: GATEWAY,
    zone: 'Europe/Paris',
    buses: [
      {
        id: 'bus-test',
        ...line,
        devices: Array.from({ length: channels }, (_each, channel) => ({
          device: `dimmer-${channel + 1}`,
          profile: 'wirenboard-wb-mdm3',
          unitId: UNIT,
          channel,
          ...entry,
        })),
      },
    ],
    ...parts,
  });

describe('what a dimmer does on its own', () => {
  let bench: Bench;
  let dimmer: ScriptedDimmer;
  let server: ScriptedServer;
  let isSilent: boolean;
  beforeEach(async () => {
    bench = await openBench();
    dimmer = createScriptedDimmer();
    isSilent = false;
    server = await startScriptedServer((request) => {
      if (!isSilent) dimmer.answer(request);
    });
  });
  afterEach(async () => {
    await bench.close();
    await server.close();
  });

  const live = async (parts: object = {}, entry: object = {}, channels = 1) => {
    const configuration = configurationOf({ kind: 'tcp', host: '127.0.0.1', port: server.port }, parts, entry, channels);
    const gateway = await bench.boot(configuration);
    await bench.advance(7000);
    return {
      findings: () => gateway.overview().buses.flatMap(({ devices }) => devices.map(({ failSafe }) => failSafe)),
    };
  };
  /** Few rounds in a long time: what is due each day is what counts here. */
  const SLOW = { poll: { lightsSeconds: 3600, metersSeconds: 3600, sensorsSeconds: 3600 } };
  const events = () =>
    bench.centre
      .events()
      .filter(({ event }) => event.startsWith('fail-safe'))
      .map(({ event, detail }) => `${event} ${String(detail?.['code'] ?? detail?.['programmed'])}`);
  const loseSupply = async (): Promise<void> => {
    isSilent = true;
    bench.silent.add(UNIT);
    await bench.advance(12_000);
    isSilent = false;
    bench.silent.delete(UNIT);
    await bench.advance(HOUR_MS / 12);
  };

  test('is programmed at the start, each register once and in the order of the page, and read back', async () => {
    const { findings } = await live();
    expect(dimmer.written()).toEqual(PROGRAMMED);
    expect(findings()).toMatchObject([{ state: 'verified', what: null }]);
    expect(events()).toEqual(['fail-safe-verified 3']);
    await bench.advance(60_000);
    expect(dimmer.written()).toEqual([]);
  });

  test('is not written when it is right already: not one write, nothing to tell', async () => {
    for (const [address, value] of [
      [656, 100],
      [648, 3],
      [8, 120],
    ] as const)
      dimmer.holding.set(address, value);
    const { findings } = await live();
    expect(dimmer.written()).toEqual([]);
    expect(findings()).toMatchObject([{ state: 'verified' }]);
    expect(events()).toEqual([]);
  });

  test('is what the gateway’s file says', async () => {
    await live({ failSafe: { levelPercent: 60, linkLossSeconds: 300 } });
    expect(dimmer.written()).toEqual(['656=60', '648=3', '8=300']);
  });

  test('waits for some rounds of a gateway that reads slowly', async () => {
    await live(SLOW);
    expect(dimmer.holding.get(8)).toBe(4 * 3600);
  });

  test('is one register for the three channels, written once', async () => {
    const { findings } = await live({}, {}, 3);
    expect(dimmer.written().filter((write) => write.startsWith('8='))).toEqual(['8=120']);
    expect(findings().map((finding) => finding?.state)).toEqual(['verified', 'verified', 'verified']);
  });

  test('is programmed again after a loss of supply that made it forget', async () => {
    await live();
    dimmer.written();
    dimmer.reset();
    await loseSupply();
    expect(dimmer.written()).toEqual(PROGRAMMED);
    expect(events()).toEqual(['fail-safe-verified 3', 'fail-safe-verified 3']);
  });

  test('is looked at again when the file says otherwise and each day, and put right when somebody changed it', async () => {
    const { clock } = bench;
    const line = { kind: 'tcp', host: '127.0.0.1', port: server.port } as const;
    const bus = createFieldLines({ clock, logger: silentLogger }).open({ id: 'bus-test', line, timeoutMs: 1000 });
    const profile = (await loadProfiles()).get('wirenboard-wb-mdm3');
    if (profile === undefined) throw new Error('no profile');
    const journal = new Journal({ clock, publishReport: () => undefined });
    const wishes = { settings: failSafeSettings.parse({}), clock, logger: silentLogger, journal };
    const failSafes = new FailSafes(wishes);
    const device = {
      id: deviceId('dimmer-1'),
      bus,
      unitId: UNIT,
      channel: 0,
      profile,
      readOnly: false,
      privacy: 'operational',
    } as const;
    const lookAfter = async (elapsedMs: number): Promise<readonly string[]> => {
      await clock.advance(elapsedMs);
      failSafes.observe({ device, at: clock.civilNow() });
      await failSafes.settled();
      return dimmer.written();
    };
    expect(await lookAfter(0)).toEqual(PROGRAMMED);
    dimmer.holding.set(656, 0);
    wishes.settings = failSafeSettings.parse({ linkLossSeconds: 60 });
    expect(await lookAfter(1000)).toEqual(['656=100', '8=60']);
    dimmer.holding.set(656, 0);
    expect(await lookAfter(20 * HOUR_MS)).toEqual([]);
    expect(await lookAfter(4 * HOUR_MS)).toEqual(['656=100']);
    dimmer.forgotten.add(648);
    dimmer.holding.set(648, 0);
    expect(await lookAfter(24 * HOUR_MS)).toEqual(['648=3']);
    expect(await lookAfter(23 * HOUR_MS)).toEqual([]);
    expect(await lookAfter(HOUR_MS)).toEqual(['648=3']);
    bus.close();
  });

  test('that is refused is told once, and not asked again before an hour, whatever comes and goes', async () => {
    dimmer.refused.add(656);
    const { findings } = await live();
    expect(dimmer.written()).toEqual(['656=100']);
    expect(findings()).toMatchObject([{ state: 'refused', what: 'dimmer-1 refused its link-loss-level: exception 4.' }]);
    await loseSupply();
    await loseSupply();
    expect(dimmer.written()).toEqual([]);
    expect(events()).toEqual(['fail-safe-differs FAIL_SAFE_REFUSED']);
  });

  test('that is acknowledged and not kept is told, with what is there instead', async () => {
    dimmer.forgotten.add(648);
    const { findings } = await live();
    expect(dimmer.written()).toEqual(['656=100', '648=3']);
    const what =
      'dimmer-1 would not do on its own what was wanted: its link-loss-action is action 0, not action 3; it did not keep what was written.';
    expect(findings()).toMatchObject([{ state: 'differs', what }]);
    expect(events()).toEqual(['fail-safe-differs FAIL_SAFE_DIFFERS']);
  });

  test('does not leave it dark: its switch is put on with the level, after an extinction and after a loss of supply', async () => {
    const override = (levelPercent: number, revision: number) =>
      sealDocument({
        revision,
        overrides: [
          {
            id: `override-${revision}`,
            target: { kind: 'device', device: 'dimmer-1' },
            levelPercent,
            startsAt: '2026-11-24T12:00:00Z',
            endsAt: '2026-11-24T20:00:00Z',
            by: 'account-technician',
            reason: 'works',
          },
        ],
      });
    const light = () => (dimmer.isOn ? dimmer.holding.get(0) : 0);
    await live();
    await bench.centre.document('overrides', override(0, 1));
    await bench.advance(5000);
    expect(light()).toBe(0);
    await bench.centre.document('overrides', override(70, 2));
    await bench.advanceUntil('it is lit', () => light() === 70);
    dimmer.isOn = false;
    await bench.advanceUntil('it is lit again', () => light() === 70, 20_000);
    expect(bench.centre.events().map(({ event }) => event)).toContain('level-departed');
  });

  test.each([
    ['the gateway only reads', { readOnly: true }, {}, 'it is only read (readOnly)'],
    ['the device is only read', {}, { readOnly: true }, 'it is only read (readOnly)'],
    ['nothing is to be programmed', { failSafe: { program: false } }, {}, 'failSafe.program: false'],
  ])('is told and never written when %s', async (_why, parts, entry, rule) => {
    const { findings } = await live(parts, entry);
    await loseSupply();
    expect(dimmer.written()).toEqual([]);
    expect(findings()[0]?.what).toContain(rule);
    expect(events()).toEqual(['fail-safe-differs FAIL_SAFE_DIFFERS']);
  });
});

describe('what a lamp does when its DALI line loses its supply', () => {
  let bench: Bench;
  let field: Awaited<ReturnType<typeof startScriptedField>>;
  beforeEach(async () => {
    bench = await openBench();
    field = await startScriptedField();
  });
  afterEach(async () => {
    await bench.close();
    await field.server.close();
  });

  test('is written through the command register of its gateway, and read where it stands', async () => {
    const [first, second] = field.lamps;
    if (first === undefined || second === undefined) throw new Error('no lamps');
    first.systemFailurePercent = 0;
    second.powerOnPercent = 255;
    await bench.boot(testConfiguration(field.server.port));
    await bench.advance(7000);
    expect(field.writes).toEqual(['3:31=6100', '3:131=5100']);
    expect([first.systemFailurePercent, second.powerOnPercent]).toEqual([100, 100]);
  });

  test('is only told by a gateway whose manual has no register to write it', async () => {
    const line = { kind: 'tcp', host: '127.0.0.1', port: field.server.port } as const;
    const [lamp] = field.lamps;
    if (lamp !== undefined) lamp.systemFailurePercent = 0;
    const gateway = await bench.boot(configurationOf(line, {}, { profile: 'intesis-dali-64', unitId: 3 }));
    await bench.advance(7000);
    expect(field.writes).toEqual([]);
    const [finding] = gateway.overview().buses.flatMap(({ devices }) => devices.map(({ failSafe }) => failSafe));
    expect(finding?.what).toContain('its link-loss-level is 0 %, not 100 %; the device lets nobody program it over Modbus');
  });
});

describe.each([
  ['tcp', startTcpLine],
  ['rtu', startSerialLine],
] as const)('over a real line of kind %s', (_kind, startLine) => {
  test('a dimmer is programmed and verified while it is polled', async () => {
    const dimmer = createScriptedDimmer();
    const units = await startLine();
    units.script = (request) => dimmer.answer(request);
    const clock = createSystemClock();
    const folder = await mkdtemp(join(tmpdir(), 'axone-fail-safe-'));
    const log = await createSegmentLog({ folder, logger: silentLogger });
    const gateway = createGateway({
      configuration: configurationOf(units.line, { poll: { lightsSeconds: 1, metersSeconds: 1, sensorsSeconds: 1 } }),
      profiles: await loadProfiles(),
      bus: createInMemoryBroker(silentLogger).createBus({ clientId: 'gateway' }),
      log,
      shelf: createMemoryShelf(),
      clock,
      logger: silentLogger,
      version: '0.0.0',
    });
    await gateway.start();
    const finding = () => gateway.overview().buses[0]?.devices[0]?.failSafe;
    await until('the dimmer is verified', () => finding()?.state === 'verified', 30_000);
    expect(dimmer.written()).toEqual(PROGRAMMED);
    await gateway.stop();
    await log.close();
    await units.close();
    await rm(folder, { recursive: true });
  }, 60_000);
});
