import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '#adapters/logger/silent.ts';
import { type ProgramsDocument, sealDocument } from '#contract/messages/documents.ts';
import { createFieldLines, type GatewayConfiguration, loadProfiles, readGatewayConfiguration } from '#gateway/index.ts';
import { createField, type Field } from '#simulators/index.ts';
import { type Bench, GATEWAY, openBench } from './gateway-under-test.ts';

let bench: Bench;
let field: Field;
beforeEach(async () => {
  bench = await openBench('2026-11-24T12:00:00Z');
  const anyPort = { host: '127.0.0.1', port: 0 };
  field = createField({ clock: bench.clock, logger: silentLogger, shelf: null, street: anyPort, building: anyPort });
  await field.start();
});
afterEach(async () => {
  await bench.close();
  await field.stop();
});

const portOf = (which: 0 | 1): number => field.listening()[which]?.port ?? 0;

/** A demonstration file, on the port that the field really has. */
const demo = async (name: 'gateway-republique' | 'gateway-tilleuls', port: number): Promise<GatewayConfiguration> => {
  const text = await readFile(new URL(`../../deploy/demo/${name}.yaml`, import.meta.url), 'utf8');
  const configuration = readGatewayConfiguration(text, name, await loadProfiles());
  return { ...configuration, id: GATEWAY, buses: configuration.buses.map((bus) => ({ ...bus, port })) };
};

const RATED_W = (number: number): number => (number <= 8 ? 28 : number <= 18 ? 40 : 62);
/** Share of the rated power at 0, 10 … 100 %: the maker's table of the fictitious luminaire. */
const SHARES = [0, 0.145, 0.225, 0.31, 0.4, 0.495, 0.59, 0.69, 0.79, 0.895, 1];
const LUMINAIRES = Array.from({ length: 24 }, (_each, index) => `luminaire-${String(index + 1).padStart(2, '0')}`);

const programs = (levelPercent: number): ProgramsDocument =>
  sealDocument({
    revision: 1,
    timeZone: 'Europe/Paris',
    position: { latitude: 49.564, longitude: 3.62 },
    defaultLevelPercent: 100,
    lightPoints: LUMINAIRES.map((device, index) => ({
      device: device as never,
      ratedPowerW: RATED_W(index + 1),
      powerTable: SHARES.map((share, row) => ({ levelPercent: row * 10, powerW: row === 0 ? 0.4 : share * RATED_W(index + 1) })),
    })),
    groups: [],
    programs: [
      {
        id: 'program-rue',
        version: 1,
        name: 'Rue',
        by: 'account-technician',
        activePeriods: [],
        fixedTimeControls: [{ startTime: '00:00' as never, levelPercent }],
      },
    ],
    assignments: [{ target: { kind: 'all' as const }, program: 'program-rue' }],
  });

const missing = () =>
  bench.centre.telemetry.flatMap(({ readings }) =>
    readings.flatMap(({ point, values }) =>
      Object.entries(values)
        .filter(([name, value]) => value === null && name !== 'commandedLevelPercent')
        .map(([name]) => `${point} ${name}`),
    ),
  );
const points = () => new Set(bench.centre.telemetry.flatMap(({ readings }) => readings.map(({ point }) => point as string)));

test('the gear of a whole street is told what to do alone, and says so', async () => {
  const configuration = await demo('gateway-republique', portOf(0));
  const gateway = await bench.boot({ ...configuration, failSafe: { ...configuration.failSafe, levelPercent: 70 } });
  const lamps = () =>
    gateway.overview().buses.flatMap(({ devices }) => devices.filter(({ device }) => LUMINAIRES.includes(device)));
  await bench.advanceUntil('every lamp was looked at', () => lamps().every(({ failSafe }) => failSafe !== null));
  expect(lamps()).toHaveLength(LUMINAIRES.length);
  expect(lamps().filter(({ failSafe }) => failSafe?.state !== 'verified')).toEqual([]);
  await bench.advance(6000);
  const events = bench.centre.events().filter(({ event }) => event === 'fail-safe-verified');
  expect(events.map(({ detail }) => detail)).toEqual(LUMINAIRES.map(() => ({ programmed: 2 })));
});

describe('on the simulated street', () => {
  test('every point is read whole, and an order on every lamp is proved by its own power', async () => {
    await bench.centre.document('programs', programs(0));
    await bench.boot(await demo('gateway-republique', portOf(0)));
    await bench.advanceUntil('all points', () => points().size === 28);
    expect(missing()).toEqual([]);
    await bench.advance(20_000);
    const override = {
      id: 'override-all',
      target: { kind: 'all' },
      levelPercent: 80,
      startsAt: '2026-11-24T12:00:00Z',
      endsAt: '2026-11-24T13:00:00Z',
      by: 'account-technician',
      reason: 'demonstration',
    };
    await bench.centre.document('overrides', sealDocument({ revision: 1, overrides: [override] }));
    await bench.advanceUntil(
      '24 proofs',
      () => bench.centre.phases('override-all').filter((phase) => phase === 'proved').length === 24,
      110_000,
    );
    expect(bench.centre.phases('override-all')).toHaveLength(72);
  });

  test('a level written by a foreign client is seen, then restored', async () => {
    await bench.centre.document('programs', programs(60));
    await bench.boot(await demo('gateway-republique', portOf(0)));
    await bench.advanceUntil('lamps follow', () =>
      bench.centre.telemetry.some(({ readings }) =>
        readings.some(({ point, values }) => point === 'point-republique-l05' && values.effectiveLevelPercent === 60),
      ),
    );
    await bench.advance(5000);
    const line = { kind: 'tcp', host: '127.0.0.1', port: portOf(0) } as const;
    const lines = createFieldLines({ clock: bench.clock, logger: silentLogger });
    const foreign = lines.open({ id: 'foreign', line, timeoutMs: 1000 });
    await foreign.write({ unitId: 3, functionCode: 6, address: 415, words: [20] });
    await bench.advanceUntil(
      'it is restored',
      () => bench.centre.events().some(({ event }) => event === 'level-restored'),
      20_000,
    );
    foreign.close();
    expect(bench.centre.events().filter(({ event }) => event.startsWith('level-'))).toMatchObject([
      { event: 'level-departed', device: 'luminaire-05', detail: { fromPercent: 60 } },
      { event: 'level-restored', device: 'luminaire-05', detail: { toPercent: 60 } },
    ]);
  });
});

describe('on the simulated building', () => {
  test('common parts are read whole and each flat says one value', async () => {
    await bench.boot(await demo('gateway-tilleuls', portOf(1)));
    await bench.advanceUntil('all points', () => points().size === 18);
    await bench.advance(25_000);
    expect(missing()).toEqual([]);
    const flats = bench.centre.telemetry.flatMap(({ readings }) => readings).filter(({ point }) => /-d\d\d$/.test(point));
    expect(flats).toHaveLength(16);
    for (const { values } of flats) expect(Object.keys(values)).toEqual(['energyImportedWh', 'energyExportedWh']);
  });
});
