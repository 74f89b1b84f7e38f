import { type Instant, instant } from '#domain/civil-time.ts';
import type { LineQueue, Priority } from './line-queue.ts';
import { checkWritten, decodeRead, encodeRead, encodeWrite, type ReadRequest, type WriteRequest } from './requests.ts';
import type { ModbusAnswer, ModbusLine } from './transport.ts';

export type { Priority } from './line-queue.ts';

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
  write(request: WriteRequest): Promise<void>;
  /** Rejects what waits and what is in flight. */
  close(): void;
}

export interface BusOptions {
  readonly id: string;
  readonly queue: LineQueue;
  /** How long a unit may take while nothing is known of it; then its own answers say. */
  readonly timeoutMs: number;
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
    const { pdu } = await this.#submit(request.unitId, encodeWrite(request), 'order');
    checkWritten(request, pdu);
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
