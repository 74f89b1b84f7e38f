import { Fault, fault, reasonOf } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import { checkWritten, decodeRead, encodeRead, encodeWrite, type ReadRequest, type WriteRequest } from './requests.ts';
import type { BusAddress, ModbusTransport } from './transport.ts';
import { createUnitBreaker, type UnitBreaker } from './unit-breaker.ts';

/** Orders and what follows them overtake polling. */
export type Priority = 'order' | 'polling';

export interface BusReading {
  /** One word per register, or 0 and 1 per bit. */
  readonly words: readonly number[];
  /** Civil time, when the request left and when its answer came. */
  readonly startedAt: Instant;
  readonly endedAt: Instant;
}

/** One queue, one request in flight. Every call settles: with its answer or with a fault of the catalogue. */
export interface Bus {
  readonly id: string;
  read(request: ReadRequest, priority: Priority): Promise<BusReading>;
  write(request: WriteRequest): Promise<void>;
  /** Rejects what waits and what is in flight. */
  close(): void;
}

export interface BusOptions extends BusAddress {
  readonly timeoutMs: number;
  readonly transport: ModbusTransport;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Job {
  readonly unitId: number;
  readonly pdu: Uint8Array;
  readonly resolve: (answer: { pdu: Uint8Array; startedAt: Instant; endedAt: Instant }) => void;
  readonly reject: (reason: unknown) => void;
}

const FIRST_RECONNECT_MS = 500;
const LONGEST_RECONNECT_MS = 30_000;

export const createBus = (options: BusOptions): Bus => new SerialisedBus(options);

class SerialisedBus implements Bus {
  readonly id: string;
  readonly #options: BusOptions;
  readonly #breakers = new Map<number, UnitBreaker>();
  readonly #orders: Job[] = [];
  readonly #polling: Job[] = [];
  #running = false;
  #closed = false;
  #reconnectMs = 0;
  #nextConnectAt = 0;
  #saidDisconnected = false;

  constructor(options: BusOptions) {
    this.id = options.bus;
    this.#options = options;
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
    this.#closed = true;
    for (const job of [...this.#orders.splice(0), ...this.#polling.splice(0)])
      job.reject(this.#disconnected('closed by the gateway'));
    this.#options.transport.close();
  }

  #submit(
    unitId: number,
    pdu: Uint8Array,
    priority: Priority,
  ): Promise<{ pdu: Uint8Array; startedAt: Instant; endedAt: Instant }> {
    if (this.#closed) return Promise.reject(this.#disconnected('closed by the gateway'));
    return new Promise((resolve, reject) => {
      (priority === 'order' ? this.#orders : this.#polling).push({ unitId, pdu, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      try {
        job.resolve(await this.#carry(job));
      } catch (thrown) {
        job.reject(thrown);
      }
    }
    this.#running = false;
  }

  #next(): Job | undefined {
    return this.#orders.shift() ?? this.#polling.shift();
  }

  async #carry({ unitId, pdu }: Job) {
    const { clock, transport, timeoutMs } = this.#options;
    const breaker = this.#breakerOf(unitId);
    if (!breaker.mayTry())
      throw fault('DEVICE_SILENT', { device: `unit ${unitId}`, bus: this.id, unitId, since: 'several tries; it is left alone' });
    await this.#ensureConnected();
    const startedAt = clock.civilNow();
    try {
      const answer = await transport.request(unitId, pdu, timeoutMs);
      breaker.answered();
      return { pdu: answer, startedAt, endedAt: clock.civilNow() };
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'DEVICE_SILENT') breaker.keptSilent();
      throw thrown;
    }
  }

  async #ensureConnected(): Promise<void> {
    const { transport, clock, logger } = this.#options;
    if (transport.isConnected) return;
    if (clock.monotonicNow() < this.#nextConnectAt) throw this.#disconnected('it is tried again soon');
    try {
      await transport.connect();
    } catch (thrown) {
      this.#reconnectMs = Math.min(Math.max(FIRST_RECONNECT_MS, this.#reconnectMs * 2), LONGEST_RECONNECT_MS);
      this.#nextConnectAt = clock.monotonicNow() + this.#reconnectMs * (0.5 + Math.random() / 2);
      if (!this.#saidDisconnected) logger.warn('bus-became-unreachable', { bus: this.id, why: reasonOf(thrown) });
      this.#saidDisconnected = true;
      throw thrown;
    }
    this.#reconnectMs = 0;
    this.#nextConnectAt = 0;
    if (this.#saidDisconnected) logger.info('bus-answered-again', { bus: this.id });
    this.#saidDisconnected = false;
  }

  #breakerOf(unitId: number): UnitBreaker {
    const known = this.#breakers.get(unitId);
    if (known !== undefined) return known;
    const breaker = createUnitBreaker(this.#options.clock);
    this.#breakers.set(unitId, breaker);
    return breaker;
  }

  #disconnected(reason: string): Fault {
    const { host, port } = this.#options;
    return fault('BUS_DISCONNECTED', { bus: this.id, address: `${host}:${port}`, reason });
  }
}

/** The middle of a span of requests: what a reading is stamped with. */
export const middleOf = (from: Instant, to: Instant): Instant => instant(Math.round((from + to) / 2));
