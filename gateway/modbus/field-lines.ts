import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { LineHealth } from '#gateway/bus-health/line-health.ts';
import { type Bus, createBus } from './bus.ts';
import { connectModbus } from './connect-modbus.ts';
import { LineQueue } from './line-queue.ts';
import { type ConnectModbus, lineAddress, type ModbusLine } from './transport.ts';

export interface BusOpening {
  readonly id: string;
  readonly line: ModbusLine;
  readonly timeoutMs: number;
  readonly readOnly?: boolean;
  /** Buses at this address that their owner closes as soon as this one takes their place: they do not forbid another speed. */
  readonly leaving?: number;
}

/** The physical lines of a process. Buses at one address, of one gateway or of several, are one line with one queue. */
export interface FieldLines {
  /** Connects at the first request. Throws when the line is already open and spoken otherwise. */
  open(bus: BusOpening): Bus;
}

export interface FieldLinesDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  /** By the kind of the line when absent. */
  readonly connect?: ConnectModbus;
}

interface OpenLine {
  readonly queue: LineQueue;
  buses: number;
}

export const createFieldLines = ({ clock, logger, connect = connectModbus }: FieldLinesDependencies): FieldLines => {
  /** By address; more than one only while one takes the place of another. */
  const lines = new Map<string, readonly OpenLine[]>();
  const openLine = (bus: string, line: ModbusLine): OpenLine => {
    const health = new LineHealth(clock);
    const transport = connect(bus, line, clock, health.trace);
    return { queue: new LineQueue({ bus, line, transport, health, clock, logger }), buses: 0 };
  };
  return {
    open: ({ id, line, timeoutMs, readOnly = false, leaving = 0 }) => {
      const address = lineAddress(line);
      const known = lines.get(address) ?? [];
      const same = known.find(({ queue }) => isDeepStrictEqual(queue.line, line));
      const othersStay = known.reduce((sum, { buses }) => sum + buses, 0) > leaving;
      if (same === undefined && othersStay)
        throw new Error(`${id}: the line at ${address} is already open, and spoken otherwise`);
      const shared = same ?? openLine(id, line);
      shared.buses += 1;
      if (same === undefined) lines.set(address, [...known, shared]);
      const onClose = (): void => {
        shared.buses -= 1;
        if (shared.buses > 0) return;
        const left = (lines.get(address) ?? []).filter((each) => each !== shared);
        if (left.length === 0) lines.delete(address);
        else lines.set(address, left);
        shared.queue.close();
      };
      return createBus({ id, queue: shared.queue, timeoutMs, readOnly, onClose });
    },
  };
};
