import { silenceMs, wireMs } from './serial-timing.ts';
import type { ModbusLine } from './transport.ts';

/** What reading takes of a line's time. */
export interface ReadCost {
  readonly requestMs: number;
  readonly registerMs: number;
  readonly bitMs: number;
}

const REQUEST_AND_ANSWER_BYTES = 8 + 5;
/** Of a meter, usually. */
const TURNAROUND_MS = 20;

/** Over Modbus TCP a request costs its round trip, and its length nearly nothing. */
export const COST_OVER_TCP: ReadCost = { requestMs: TURNAROUND_MS, registerMs: 0.02, bitMs: 0.02 / 16 };

export const readCost = (line: ModbusLine): ReadCost =>
  line.kind === 'tcp'
    ? COST_OVER_TCP
    : {
        requestMs: wireMs(line, REQUEST_AND_ANSWER_BYTES) + TURNAROUND_MS + 2 * silenceMs(line),
        registerMs: wireMs(line, 2),
        bitMs: wireMs(line, 1 / 8),
      };
