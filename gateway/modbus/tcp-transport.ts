import { connect as connectSocket, type Socket } from 'node:net';
import { type Fault, fault, reasonOf } from '#contract/errors.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import { encodeMbap, type MbapFrame, readMbap } from './mbap.ts';
import type { BusAddress, ConnectModbus, ModbusTransport } from './transport.ts';

const CONNECT_TIMEOUT_MS = 3000;
const TRANSACTIONS = 0x1_0000;

interface InFlight {
  readonly transaction: number;
  readonly unitId: number;
  readonly functionCode: number;
  readonly timer: Timer;
  readonly resolve: (pdu: Uint8Array) => void;
  readonly reject: (reason: Fault) => void;
}

/**
 * Modbus over TCP, one request in flight. Each request has its own 16-bit transaction id, so the answer to one that
 * timed out is recognised and dropped, whatever it says.
 */
export const connectModbusTcp: ConnectModbus = (address, clock) => new TcpTransport(address, clock);

class TcpTransport implements ModbusTransport {
  readonly #address: BusAddress;
  readonly #clock: Clock;
  #socket: Socket | null = null;
  #received: Buffer = Buffer.alloc(0);
  #transaction = 0;
  #inFlight: InFlight | null = null;

  constructor(address: BusAddress, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
  }

  get isConnected(): boolean {
    return this.#socket !== null;
  }

  connect(): Promise<void> {
    const { host, port } = this.#address;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = connectSocket({ host, port, noDelay: true });
    const deadline = this.#clock.after(CONNECT_TIMEOUT_MS, () =>
      socket.destroy(new Error(`no connection in ${CONNECT_TIMEOUT_MS} ms`)),
    );
    let failure: unknown = 'the peer closed the connection';
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => {
      deadline.cancel();
      const lost = this.#disconnected(reasonOf(failure));
      if (this.#socket === socket) this.#lose(lost);
      reject(lost);
    });
    socket.on('connect', () => {
      deadline.cancel();
      this.#socket = socket;
      this.#received = Buffer.alloc(0);
      resolve();
    });
    socket.on('data', (bytes: Buffer) => {
      if (this.#socket === socket) this.#receive(bytes);
    });
    return promise;
  }

  request(unitId: number, pdu: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const socket = this.#socket;
    if (socket === null) return Promise.reject(this.#disconnected('no connection'));
    if (this.#inFlight !== null) return Promise.reject(new Error('a bus carries one request at a time'));
    this.#transaction = (this.#transaction + 1) % TRANSACTIONS;
    const transaction = this.#transaction;
    const timer = this.#clock.after(timeoutMs, () =>
      this.#settle((request) =>
        request.reject(
          fault('DEVICE_SILENT', { device: `unit ${unitId}`, bus: this.#address.bus, unitId, since: `${timeoutMs} ms` }),
        ),
      ),
    );
    this.#inFlight = { transaction, unitId, functionCode: pdu[0] ?? 0, timer, resolve, reject };
    socket.write(encodeMbap({ transaction, unitId, pdu }));
    return promise;
  }

  close(): void {
    const socket = this.#socket;
    this.#lose(this.#disconnected('closed by the gateway'));
    socket?.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const reading = readMbap(this.#received);
      if (reading.kind === 'incomplete') return;
      if (reading.kind === 'lost') {
        const socket = this.#socket;
        this.#lose(this.#invalid(this.#inFlight?.unitId ?? 0, reading.reason));
        socket?.destroy();
        return;
      }
      this.#received = reading.rest;
      this.#answer(reading.frame);
    }
  }

  #answer({ transaction, unitId, pdu }: MbapFrame): void {
    const request = this.#inFlight;
    if (request === null || request.transaction !== transaction) return;
    const functionCode = (pdu[0] ?? 0) & 0x7f;
    if (unitId !== request.unitId || functionCode !== request.functionCode) {
      const reason = `unit ${unitId}, function ${functionCode} instead of ${request.functionCode}`;
      this.#settle(({ reject }) => reject(this.#invalid(request.unitId, reason)));
      return;
    }
    this.#settle(({ resolve }) => resolve(Uint8Array.from(pdu)));
  }

  #settle(end: (request: InFlight) => void): void {
    const request = this.#inFlight;
    if (request === null) return;
    this.#inFlight = null;
    request.timer.cancel();
    end(request);
  }

  #lose(reason: Fault): void {
    this.#socket = null;
    this.#settle(({ reject }) => reject(reason));
  }

  #disconnected(reason: string): Fault {
    const { bus, host, port } = this.#address;
    return fault('BUS_DISCONNECTED', { bus, address: `${host}:${port}`, reason });
  }

  #invalid(unitId: number, reason: string): Fault {
    return fault('MODBUS_REPLY_INVALID', { device: `unit ${unitId}`, bus: this.#address.bus, unitId, reason });
  }
}
