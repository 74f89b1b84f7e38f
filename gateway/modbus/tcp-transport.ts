import { type Fault, fault, reasonOf } from '#contract/errors.ts';
import type { Clock, Monotonic, Timer } from '#contract/ports/clock.ts';
import type { Instant } from '#domain/civil-time.ts';
import { ByteLink, type OpenByteChannel } from './byte-link.ts';
import { deadline } from './deadline.ts';
import { encodeMbap, type MbapFrame, readMbap } from './mbap.ts';
import type { ModbusAnswer, ModbusTransport } from './transport.ts';

const TRANSACTIONS = 0x1_0000;

interface InFlight {
  readonly transaction: number;
  readonly unitId: number;
  readonly functionCode: number;
  readonly sentAt: Monotonic;
  readonly startedAt: Instant;
  readonly timer: Timer;
  readonly resolve: (answer: ModbusAnswer) => void;
  readonly reject: (reason: Fault) => void;
}

export interface TcpLine {
  readonly bus: string;
  /** As faults say it. */
  readonly address: string;
  readonly open: OpenByteChannel;
  readonly clock: Clock;
}

/**
 * Modbus over TCP, one request in flight. Each request has its own 16-bit transaction id, so the answer to one that
 * timed out is recognised and dropped, whatever it says.
 */
export class TcpTransport implements ModbusTransport {
  readonly #line: TcpLine;
  readonly #link: ByteLink;
  #received: Buffer = Buffer.alloc(0);
  #transaction = 0;
  #inFlight: InFlight | null = null;

  constructor(line: TcpLine) {
    this.#line = line;
    this.#link = new ByteLink(line.open, {
      received: (bytes) => this.#receive(bytes),
      lost: (reason) => this.#settle(({ reject }) => reject(this.#disconnected(reason))),
    });
  }

  get isConnected(): boolean {
    return this.#link.isOpen;
  }

  async connect(): Promise<void> {
    this.#received = Buffer.alloc(0);
    try {
      await this.#link.connect();
    } catch (thrown) {
      throw this.#disconnected(reasonOf(thrown), thrown);
    }
  }

  async request(unitId: number, pdu: Uint8Array, timeoutMs: number): Promise<ModbusAnswer> {
    if (!this.#link.isOpen) throw this.#disconnected('no connection');
    if (this.#inFlight !== null) throw new Error('a bus carries one request at a time');
    const { clock } = this.#line;
    const { promise, resolve, reject } = Promise.withResolvers<ModbusAnswer>();
    this.#transaction = (this.#transaction + 1) % TRANSACTIONS;
    const transaction = this.#transaction;
    this.#inFlight = {
      transaction,
      unitId,
      functionCode: pdu[0] ?? 0,
      sentAt: clock.monotonicNow(),
      startedAt: clock.civilNow(),
      timer: deadline(clock, timeoutMs, () => this.#link.caughtUp(() => this.#giveUp(transaction, timeoutMs))),
      resolve,
      reject,
    };
    this.#link.write(encodeMbap({ transaction, unitId, pdu }));
    return promise;
  }

  close(): void {
    this.#link.close();
    this.#settle(({ reject }) => reject(this.#disconnected('closed by the gateway')));
  }

  #giveUp(transaction: number, timeoutMs: number): void {
    if (this.#inFlight?.transaction !== transaction) return;
    const since = `${Math.round(timeoutMs)} ms`;
    this.#settle(({ unitId, reject }) =>
      reject(fault('DEVICE_SILENT', { device: `unit ${unitId}`, bus: this.#line.bus, unitId, since })),
    );
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const reading = readMbap(this.#received);
      if (reading.kind === 'incomplete') return;
      if (reading.kind === 'lost') {
        this.#link.close();
        this.#settle(({ unitId, reject }) => reject(this.#invalid(unitId, reading.reason)));
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
    const { startedAt, sentAt } = request;
    const { clock } = this.#line;
    const took = { startedAt, endedAt: clock.civilNow(), responseMs: clock.monotonicNow() - sentAt };
    this.#settle(({ resolve }) => resolve({ pdu: Uint8Array.from(pdu), ...took }));
  }

  #settle(end: (request: InFlight) => void): void {
    const request = this.#inFlight;
    if (request === null) return;
    this.#inFlight = null;
    request.timer.cancel();
    end(request);
  }

  #disconnected(reason: string, cause?: unknown): Fault {
    const { bus, address } = this.#line;
    return fault('BUS_DISCONNECTED', { bus, address, reason }, cause);
  }

  #invalid(unitId: number, reason: string): Fault {
    return fault('MODBUS_REPLY_INVALID', { device: `unit ${unitId}`, bus: this.#line.bus, unitId, reason });
  }
}
