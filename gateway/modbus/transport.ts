import type { Clock } from '#contract/ports/clock.ts';
import type { Instant } from '#domain/civil-time.ts';

export interface ModbusAnswer {
  /** Function code and its fields. */
  readonly pdu: Uint8Array;
  /** Civil time, when the request left and when its answer was complete. */
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** How long the unit took, in elapsed milliseconds, without the time that the bytes themselves take on a serial line. */
  readonly responseMs: number;
}

/** Carries one request at a time to a Modbus line: over TCP, or RTU frames over a serial port or a TCP connection. */
export interface ModbusTransport {
  readonly isConnected: boolean;
  /** Rejects with `BUS_DISCONNECTED`. */
  connect(): Promise<void>;
  /**
   * Sends a request (function code and its fields, 253 bytes at most) and resolves with the answer's. Always settles:
   * rejects with `DEVICE_SILENT` when nothing came within `timeoutMs`, `BUS_DISCONNECTED` when the link was lost,
   * `MODBUS_REPLY_INVALID` when what came cannot be the answer to this request. A late answer is never given to another.
   */
  request(unitId: number, pdu: Uint8Array, timeoutMs: number): Promise<ModbusAnswer>;
  /** Rejects what is in flight. */
  close(): void;
}

export interface SerialSpeed {
  readonly baudRate: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

/** Where a physical line is, and how Modbus is spoken there. */
export type ModbusLine =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** RTU frames, unchanged, through a serial device server; the speed is that of the line behind it. */
  | ({ readonly kind: 'rtu-over-tcp'; readonly host: string; readonly port: number } & SerialSpeed)
  | ({ readonly kind: 'rtu'; readonly path: string } & SerialSpeed);

/** Names the line in logs and faults, and is the same for two buses that are one wire. */
export const lineAddress = (line: ModbusLine): string => (line.kind === 'rtu' ? line.path : `${line.host}:${line.port}`);

/** Hears the bytes of a line, both ways, as they pass. */
export interface LineEar {
  sent(bytes: Uint8Array): void;
  received(bytes: Uint8Array): void;
}

/** `bus` names the line in faults. */
export type ConnectModbus = (bus: string, line: ModbusLine, clock: Clock, ear?: LineEar) => ModbusTransport;
