import type { Clock } from '#contract/ports/clock.ts';

/** Carries one request at a time to a Modbus bus, over TCP, or later over a serial line. */
export interface ModbusTransport {
  readonly isConnected: boolean;
  /** Rejects with `BUS_DISCONNECTED`. */
  connect(): Promise<void>;
  /**
   * Sends a request (function code and its fields, 253 bytes at most) and resolves with the answer's. Always settles by
   * its deadline: rejects with `DEVICE_SILENT` when nothing came, `BUS_DISCONNECTED` when the link was lost,
   * `MODBUS_REPLY_INVALID` when the answer cannot be one of this request. A late answer is never given to another request.
   */
  request(unitId: number, pdu: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  close(): void;
}

export interface BusAddress {
  readonly bus: string;
  readonly host: string;
  readonly port: number;
}

export type ConnectModbus = (address: BusAddress, clock: Clock) => ModbusTransport;
