import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createMemoryShelf } from '#adapters/document-shelf/in-memory.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import type { DevicesDocument } from '#contract/messages/documents.ts';
import { instant } from '#domain/civil-time.ts';
import { ReadLessons } from '#gateway/devices/read-lessons.ts';
import { type FieldLayout, layOut } from '#gateway/field/layout.ts';
import { type FieldChange, LiveField } from '#gateway/field/live-field.ts';
import { createFieldLines, type DeviceProfiles, gatewayConfiguration, loadProfiles } from '#gateway/index.ts';
import { lineAddress } from '#gateway/modbus/transport.ts';
import { meter, said } from '../commissioned-gateway.ts';

let profiles: DeviceProfiles;
beforeAll(async () => {
  profiles = await loadProfiles();
});

/** Lines that are open, and one address that cannot be. */
const watchedLines = (clock: ReturnType<typeof createSimulatedClock>, impossible: string) => {
  const open = new Set<string>();
  const lines = createFieldLines({
    clock,
    logger: silentLogger,
    connect: (_bus, line) => {
      const address = lineAddress(line);
      if (address === impossible) throw new Error(`${address} cannot be opened`);
      open.add(address);
      return {
        isConnected: false,
        connect: () => Promise.reject(new Error('nobody asks here')),
        request: () => Promise.reject(new Error('nobody asks here')),
        close: () => void open.delete(address),
      };
    },
  });
  return { lines, open };
};

const layout = (ports: readonly number[], document: DevicesDocument | null, parts: object = {}): FieldLayout =>
  layOut(
    gatewayConfiguration.parse({
      id: 'gateway-test',
      zone: 'Europe/Paris',
      buses: ports.map((port, index) => ({
        ...{ id: index === 0 ? 'bus-centre' : `bus-${port}`, host: '127.0.0.1', port, devicesFrom: 'centre' },
        ...parts,
      })),
    }),
    document,
    profiles,
  );
const devices = (...entries: readonly object[]): DevicesDocument => said(1, entries) as never;

describe('a set of devices in force', () => {
  let field: LiveField;
  let open: ReadonlySet<string>;
  let changes: FieldChange[];
  const put = (next: FieldLayout): void => field.prepare(next).commit();
  const names = (): readonly string[] => field.devices.map(({ id }) => id);
  beforeEach(() => {
    const clock = createSimulatedClock({ civil: instant(0) });
    const watched = watchedLines(clock, '127.0.0.1:666');
    changes = [];
    open = watched.open;
    const onChange = (change: FieldChange): Promise<void> => {
      changes.push(change);
      return Promise.resolve();
    };
    const lessons = new ReadLessons({ shelf: createMemoryShelf(), logger: silentLogger });
    field = new LiveField({ lines: watched.lines, lessons, clock, onChange });
    put(layout([1502, 1503], devices(meter('meter-a', 1), meter('meter-b', 2))));
  });

  test('is untouched by one that cannot be built, whose lines are let go', () => {
    const [before] = field.devices;
    const buses = field.buses;
    expect(() => field.prepare(layout([1502, 1504, 666], devices(meter('meter-a', 3))))).toThrow(
      '127.0.0.1:666 cannot be opened',
    );
    expect(field.devices[0]).toBe(before);
    expect(field.buses).toEqual(buses);
    expect([...open].sort()).toEqual(['127.0.0.1:1502', '127.0.0.1:1503']);
    expect(changes).toHaveLength(1);
  });

  test('is untouched by one that is given up', () => {
    field.prepare(layout([1504], devices())).abandon();
    expect(names()).toEqual(['meter-a', 'meter-b']);
    expect([...open].sort()).toEqual(['127.0.0.1:1502', '127.0.0.1:1503']);
  });

  test('keeps each device of which the same is said, and says of the others what became of them', async () => {
    const [kept] = field.devices;
    put(layout([1502], devices(meter('meter-a', 1), meter('meter-b', 3), meter('meter-c', 2))));
    expect(field.devices[0]).toBe(kept);
    const [, change] = changes;
    expect(change?.renewed.map(({ id }) => id)).toEqual(['meter-b', 'meter-c']);
    expect(change?.ended).toEqual(['meter-b']);
    expect(change?.gone).toEqual([]);
    put(layout([1502], devices(meter('meter-a', 1, { point: 'point-other' }))));
    expect(changes[2]?.renewed.map(({ id }) => id)).toEqual(['meter-a']);
    expect(changes[2]?.ended).toEqual(['meter-b', 'meter-c']);
    expect(changes[2]?.gone).toEqual(['meter-b', 'meter-c']);
    expect(field.devices[0]?.pace).toBe(kept?.pace);
    await field.left();
    expect([...open]).toEqual(['127.0.0.1:1502']);
  });

  test('keeps a line whose bus is only more patient', async () => {
    const [bus] = field.buses;
    put(layout([1502, 1503], devices(meter('meter-a', 1)), { timeoutMs: 300 }));
    await field.left();
    expect(field.buses[0]).not.toBe(bus);
    expect([...open].sort()).toEqual(['127.0.0.1:1502', '127.0.0.1:1503']);
  });
});
