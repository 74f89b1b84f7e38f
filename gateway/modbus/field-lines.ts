import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { LineHealth } from '#gateway/bus-health/line-health.ts';
import { type Bus, createBus } from './bus.ts';
import { connectModbus } from './connect-modbus.ts';
import { LineQueue } from './line-queue.ts';
import { type ConnectModbus, lineAddress, type ModbusLine } from './transport.ts';

/** The physical lines of a process. Buses at one address, of one gateway or of several, are one line with one queue. */
export interface FieldLines {
  /** Connects at the first request. Throws when the line is already open and spoken otherwise. */
  open(bus: { readonly id: string; readonly line: ModbusLine; readonly timeoutMs: number; readonly readOnly?: boolean }): Bus;
}

export interface FieldLinesDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  /** By the kind of the line when absent. */
  readonly connect?: ConnectModbus;
}

export const createFieldLines = ({ clock, logger, connect = connectModbus }: FieldLinesDependencies): FieldLines => {
  const lines = new Map<string, { readonly queue: LineQueue; buses: number }>();
  const lineOf = (bus: string, line: ModbusLine, address: string) => {
    const known = lines.get(address);
    if (known !== undefined && !isDeepStrictEqual(known.queue.line, line))
      throw new Error(`${bus}: the line at ${address} is already open, and spoken otherwise`);
    if (known !== undefined) return known;
    const health = new LineHealth(clock);
    const transport = connect(bus, line, clock, health.trace);
    return { queue: new LineQueue({ bus, line, transport, health, clock, logger }), buses: 0 };
  };
  return {
    open: ({ id, line, timeoutMs, readOnly = false }) => {
      const address = lineAddress(line);
      const shared = lineOf(id, line, address);
      shared.buses += 1;
      lines.set(address, shared);
      const onClose = (): void => {
        shared.buses -= 1;
        if (shared.buses > 0) return;
        lines.delete(address);
        shared.queue.close();
      };
      return createBus({ id, queue: shared.queue, timeoutMs, readOnly, onClose });
    },
  };
};
