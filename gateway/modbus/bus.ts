import { fault } from '#contract/errors.ts';
import type { BusHealth } from '#contract/routes/gateway.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import type { LineTrace } from '#gateway/bus-health/line-trace.ts';
import type { LineQueue, Priority } from './line-queue.ts';
import { checkWritten, decodeRead, encodeRead, encodeWrite, type ReadRequest, type WriteRequest } from './requests.ts';
import { lineAddress, type ModbusAnswer, type ModbusLine } from './transport.ts';

export type { Priority } from './line-queue.ts';

/** The rule by which a gateway that only reads refuses a write. */
export const GATEWAY_READS_ONLY = 'this gateway only reads (readOnly in its file, or --read-only)';

export interface BusReading {
  /** One word per register, or 0 and 1 per bit. */
  readonly words: readonly number[];
  /** Civil time, when the request left and when its answer came. */
  readonly startedAt: Instant;
  readonly endedAt: Instant;
}

/** What one gateway asks of a line. Every call settles: with its answer or with a fault of the catalogue. */
export interface Bus {
  readonly id: string;
  readonly line: ModbusLine;
  read(request: ReadRequest, priority: Priority): Promise<BusReading>;
  /** Rejects with `WRITE_NOT_ALLOWED`, before anything leaves, when the bus is read only. */
  write(request: WriteRequest): Promise<void>;
  /** Counted since the line was opened. */
  health(): BusHealth;
  readonly trace: LineTrace;
  /** Something else answers there now: neither its silences nor its times are those of the former. */
  forgetUnit(unitId: number): void;
  /** Rejects what waits and what is in flight. */
  close(): void;
}

export interface BusOptions {
  readonly id: string;
  readonly queue: LineQueue;
  /** How long a unit may take while nothing is known of it; then its own answers say. */
  readonly timeoutMs: number;
  readonly readOnly: boolean;
  readonly onClose: () => void;
}

export const createBus = (options: BusOptions): Bus => new QueuedBus(options);

class QueuedBus implements Bus {
  readonly id: string;
  readonly #options: BusOptions;
  #isClosed = false;

  constructor(options: BusOptions) {
    this.id = options.id;
    this.#options = options;
  }

  get line(): ModbusLine {
    return this.#options.queue.line;
  }

  async read(request: ReadRequest, priority: Priority): Promise<BusReading> {
    const { pdu, startedAt, endedAt } = await this.#submit(request.unitId, encodeRead(request), priority);
    return { words: decodeRead(request, pdu), startedAt, endedAt };
  }

  async write(request: WriteRequest): Promise<void> {
    const { unitId } = request;
    if (this.#options.readOnly)
      throw fault('WRITE_NOT_ALLOWED', { device: `unit ${unitId}`, quantity: 'anything', rule: GATEWAY_READS_ONLY });
    const { pdu } = await this.#submit(request.unitId, encodeWrite(request), 'order');
    checkWritten(request, pdu);
  }

  health(): BusHealth {
    const { kind } = this.line;
    return { bus: this.id, kind, address: lineAddress(this.line), ...this.#options.queue.report() };
  }

  get trace(): LineTrace {
    return this.#options.queue.trace;
  }

  forgetUnit(unitId: number): void {
    this.#options.queue.forgetUnit(unitId);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.queue.withdraw(this);
    this.#options.onClose();
  }

  #submit(unitId: number, pdu: Uint8Array, priority: Priority): Promise<ModbusAnswer> {
    const { queue, timeoutMs } = this.#options;
    if (this.#isClosed) return Promise.reject(queue.disconnected('closed by the gateway'));
    return queue.submit(this, { unitId, pdu, priority, firstTimeoutMs: timeoutMs });
  }
}

/** The middle of a span of requests: what a reading is stamped with. */
export const middleOf = (from: Instant, to: Instant): Instant => instant(Math.round((from + to) / 2));
