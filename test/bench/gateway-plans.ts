import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createMemoryShelf } from '#adapters/document-shelf/in-memory.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { deviceId } from '#domain/identifiers.ts';
import { createFieldDevice, placesOf } from '#gateway/devices/field-device.ts';
import { readDevice } from '#gateway/devices/read-device.ts';
import { ReadLessons } from '#gateway/devices/read-lessons.ts';
import { createFieldLines } from '#gateway/modbus/field-lines.ts';
import { readCost } from '#gateway/modbus/read-cost.ts';
import { planReads, type ReadSpan } from '#gateway/modbus/read-plan.ts';
import type { DeviceProfile } from '#gateway/profiles/device-profile.ts';
import { loadProfiles } from '#gateway/profiles/load-profiles.ts';
import { createModbusServer } from '#simulators/modbus-server/modbus-server.ts';
import type { ModbusUnit } from '#simulators/modbus-server/modbus-unit.ts';
import { type BenchRow, row } from './bench.ts';

const WIRE = { kind: 'rtu', path: '/dev/ttyUSB0', baudRate: 9600, parity: 'none', stopBits: 1 } as const;
/** MODBUS Application Protocol V1.1b3: most in one answer. */
const MOST = { registers: 125, bits: 2000 };

const clock = createSystemClock();
const logger = silentLogger;

/** Has every register, and 0 in it. */
const BLANK: ModbusUnit = { read: (_table, _address, count) => Array.from({ length: count }, () => 0), write: () => undefined };

const isBits = ({ table }: ReadSpan): boolean => table === 'coil' || table === 'discrete';

/** What a request for these, which follow each other in one table, takes; null when the device gives no such answer. */
type PriceOf = (first: ReadSpan, endsAt: number) => number;

const mayJoin = (first: ReadSpan, endsAt: number, next: ReadSpan, profile: DeviceProfile): boolean => {
  const count = Math.max(endsAt, next.address + next.count) - first.address;
  const most = isBits(first) ? MOST.bits : Math.min(MOST.registers, profile.maxRegistersPerRead);
  return next.address - endsAt <= profile.maxGapRegisters && count <= most;
};

/** The cheapest way to read values of one table, by address: every way to cut them into requests is tried. */
const cheapestFrom = (values: readonly ReadSpan[], profile: DeviceProfile, priceOf: PriceOf): number => {
  const [first, ...others] = values;
  if (first === undefined) return 0;
  let endsAt = first.address + first.count;
  let cheapest = priceOf(first, endsAt) + cheapestFrom(others, profile, priceOf);
  for (const [index, next] of others.entries()) {
    if (!mayJoin(first, endsAt, next, profile)) break;
    endsAt = Math.max(endsAt, next.address + next.count);
    cheapest = Math.min(cheapest, priceOf(first, endsAt) + cheapestFrom(others.slice(index + 1), profile, priceOf));
  }
  return cheapest;
};

const cheapest = (spans: readonly ReadSpan[], profile: DeviceProfile, priceOf: PriceOf): number =>
  [...Map.groupBy(spans, ({ table }) => table).values()].reduce((sum, ofTable) => {
    const byAddress = ofTable.toSorted((a, b) => a.address - b.address || b.count - a.count);
    return sum + cheapestFrom(byAddress, profile, priceOf);
  }, 0);

const wireCost = readCost(WIRE);
const wirePrice: PriceOf = (first, endsAt) =>
  wireCost.requestMs + (endsAt - first.address) * (isBits(first) ? wireCost.bitMs : wireCost.registerMs);

/** Over the least that the line can be busy with one round of this device at 9,600 baud. */
const wireRatio = (profile: DeviceProfile, spans: readonly ReadSpan[]): number => {
  const limits = { maxRegisters: profile.maxRegistersPerRead, maxGap: profile.maxGapRegisters };
  const planned = planReads(spans, limits, wireCost).reduce(
    (sum, block) => sum + wirePrice(block, block.address + block.count),
    0,
  );
  return planned / cheapest(spans, profile, wirePrice);
};

/** What a device of this profile is asked in one round, counted by the device. */
const requestsAsked = async (profile: DeviceProfile): Promise<number> => {
  const server = createModbusServer({
    clock,
    logger,
    host: '127.0.0.1',
    port: 0,
    use: 'a device',
    portOption: '',
    units: new Map([[1, BLANK]]),
    beforeRequest: () => undefined,
  });
  await server.start();
  const lines = createFieldLines({ clock, logger });
  const line = { kind: 'tcp', host: '127.0.0.1', port: server.port() } as const;
  const bus = lines.open({ id: 'bus-bench', line, timeoutMs: 1000 });
  try {
    const channel = profile.channels === undefined ? {} : { channel: 0 };
    const device = createFieldDevice(
      {
        device: deviceId('device-bench'),
        profile: profile.profile,
        unitId: 1,
        privacy: 'operational',
        readOnly: false,
        ...channel,
      },
      { bus, profile, readOnly: false, lessons: new ReadLessons({ shelf: createMemoryShelf(), logger }), clock },
    );
    const { failures } = await readDevice(device, 'polling');
    if (failures.length > 0) throw new Error(`${profile.profile}: ${failures[0]?.message}`);
    return server.figures().requests;
  } finally {
    bus.close();
    await server.stop();
  }
};

/** Requests that each profile takes, as its device counts them, over the fewest there can be. */
export const comparePlans = async (): Promise<readonly BenchRow[]> => {
  const ofProfiles: { readonly name: string; readonly ratio: number; readonly onWire: number }[] = [];
  for (const profile of (await loadProfiles()).values()) {
    const places = placesOf(profile, 0);
    const spans = places.map(({ span }) => span);
    const asked = await requestsAsked(profile);
    const fewest = cheapest(spans, profile, () => 1);
    const name = `requests a cycle of ${profile.profile}: ${asked} for ${places.length} values`;
    ofProfiles.push({ name, ratio: asked / fewest, onWire: wireRatio(profile, spans) });
  }
  const worst = (of: (each: (typeof ofProfiles)[number]) => number): readonly number[] => [Math.max(...ofProfiles.map(of))];
  return [
    row(
      `requests a cycle, worst of ${ofProfiles.length} profiles`,
      '× the fewest',
      1,
      worst(({ ratio }) => ratio),
    ),
    row(
      'time of the line a cycle at 9,600 baud, worst profile',
      '× the least',
      1,
      worst(({ onWire }) => onWire),
    ),
    ...ofProfiles.map(({ name, ratio }) => row(name, '× the fewest', 1, [ratio])),
  ];
};
