import { setImmediate as wholeTurn } from 'node:timers/promises';
import { Fault, fault, reasonOf } from '#contract/errors.ts';
import type { Clock, Monotonic } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { LineHealth } from '#gateway/bus-health/line-health.ts';
import type { LineTrace } from '#gateway/bus-health/line-trace.ts';
import { ResponseTimes } from './response-times.ts';
import { lineAddress, type ModbusAnswer, type ModbusLine, type ModbusTransport } from './transport.ts';
import { createUnitBreaker, type UnitBreaker } from './unit-breaker.ts';

/** Orders and what follows them overtake polling; of them, what writes overtakes what reads back. */
export type Priority = 'order' | 'polling';

export interface QueuedRequest {
  readonly unitId: number;
  readonly pdu: Uint8Array;
  readonly priority: Priority;
  /** How long the unit may take while nothing is known of it. */
  readonly firstTimeoutMs: number;
}

export interface LineOptions {
  /** Names the line in logs and faults. */
  readonly bus: string;
  readonly line: ModbusLine;
  readonly transport: ModbusTransport;
  /** Counts what happens here. */
  readonly health: LineHealth;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Job {
  readonly owner: object;
  readonly request: QueuedRequest;
  readonly queuedAt: Monotonic;
  readonly resolve: (answer: ModbusAnswer) => void;
  readonly reject: (reason: unknown) => void;
}

const FIRST_RECONNECT_MS = 500;
const LONGEST_RECONNECT_MS = 30_000;
/** A network is less even than a wire; a late answer costs nothing there. */
const LEAST_TIMEOUT_MS = { tcp: 300, 'rtu-over-tcp': 100, rtu: 100 } as const;

/** MODBUS Application Protocol V1.1b3: functions 1 to 4 read. */
const isWrite = ([functionCode = 0]: Uint8Array): boolean => functionCode > 4;

/** The one queue of a physical line, one request in flight. Every request settles. */
export class LineQueue {
  readonly #options: LineOptions;
  readonly #breakers = new Map<number, UnitBreaker>();
  readonly #responseTimes: ResponseTimes;
  readonly #writes: Job[] = [];
  readonly #readBacks: Job[] = [];
  readonly #polling: Job[] = [];
  #carried: Job | null = null;
  #isRunning = false;
  #isClosed = false;
  #reconnectMs = 0;
  #nextConnectAt = 0;
  #saidDisconnected = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#responseTimes = new ResponseTimes(LEAST_TIMEOUT_MS[options.line.kind]);
  }

  get line(): ModbusLine {
    return this.#options.line;
  }

  /** Rejects with the faults of a transport. `owner`: who may withdraw it. */
  submit(owner: object, request: QueuedRequest): Promise<ModbusAnswer> {
    if (this.#isClosed) return Promise.reject(this.disconnected('closed by the gateway'));
    return new Promise((resolve, reject) => {
      this.#jobsLike(request).push({
        owner,
        request,
        queuedAt: this.#options.clock.monotonicNow(),
        resolve,
        reject,
      });
      if (!this.#isRunning) void this.#run();
    });
  }

  report(): ReturnType<LineHealth['report']> {
    const { health, transport } = this.#options;
    return health.report({
      orders: this.#writes.length + this.#readBacks.length,
      polling: this.#polling.length,
      isConnected: transport.isConnected,
      leftAloneForMs: (unitId) => this.#breakers.get(unitId)?.pauseLeftMs() ?? 0,
    });
  }

  get trace(): LineTrace {
    return this.#options.health.trace;
  }

  forgetUnit(unitId: number): void {
    this.#breakers.delete(unitId);
    this.#responseTimes.forget(unitId);
  }

  /** Rejects what an owner has waiting and in flight; what is already on the wire is left to end there. */
  withdraw(owner: object): void {
    for (const jobs of [this.#writes, this.#readBacks, this.#polling]) {
      for (const job of jobs.filter((each) => each.owner === owner)) {
        jobs.splice(jobs.indexOf(job), 1);
        job.reject(this.disconnected('closed by the gateway'));
      }
    }
    if (this.#carried?.owner === owner) this.#carried.reject(this.disconnected('closed by the gateway'));
  }

  close(): void {
    this.#isClosed = true;
    for (const job of [...this.#writes.splice(0), ...this.#readBacks.splice(0), ...this.#polling.splice(0)])
      job.reject(this.disconnected('closed by the gateway'));
    this.#options.transport.close();
  }

  disconnected(reason: string): Fault {
    const { bus, line } = this.#options;
    return fault('BUS_DISCONNECTED', { bus, address: lineAddress(line), reason });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      this.#carried = job;
      this.#options.health.waited(job.request.priority, this.#options.clock.monotonicNow() - job.queuedAt);
      try {
        job.resolve(await this.#carry(job.request));
      } catch (thrown) {
        job.reject(thrown);
      }
      this.#carried = null;
      // Whoever gave the order hears of its answer first, so that what follows it overtakes polling, too.
      if (job.request.priority === 'order') await wholeTurn();
    }
    this.#isRunning = false;
  }

  #jobsLike({ priority, pdu }: QueuedRequest): Job[] {
    if (priority === 'polling') return this.#polling;
    return isWrite(pdu) ? this.#writes : this.#readBacks;
  }

  #next(): Job | undefined {
    return this.#writes.shift() ?? this.#readBacks.shift() ?? this.#polling.shift();
  }

  async #carry({ unitId, pdu, firstTimeoutMs }: QueuedRequest): Promise<ModbusAnswer> {
    const { transport, health } = this.#options;
    const breaker = this.#breakerOf(unitId);
    if (!breaker.mayTry()) throw this.#leftAlone(unitId);
    await this.#ensureConnected();
    health.asked(unitId);
    try {
      const answer = await transport.request(unitId, pdu, this.#responseTimes.timeoutMs(unitId, firstTimeoutMs));
      breaker.answered();
      this.#responseTimes.answered(unitId, answer.responseMs);
      health.answered(unitId, answer.pdu, answer.responseMs);
      return answer;
    } catch (thrown) {
      if (thrown instanceof Fault) health.failed(unitId, thrown);
      if (thrown instanceof Fault && thrown.code === 'DEVICE_SILENT') {
        breaker.keptSilent();
        this.#responseTimes.keptSilent(unitId);
      }
      throw thrown;
    }
  }

  #leftAlone(unitId: number): Fault {
    const { health, bus } = this.#options;
    health.leftAlone(unitId);
    return fault('DEVICE_SILENT', { device: `unit ${unitId}`, bus, unitId, since: 'several tries; it is left alone' });
  }

  async #ensureConnected(): Promise<void> {
    const { transport, health, clock, logger, bus } = this.#options;
    if (transport.isConnected) return;
    if (this.#isClosed) throw this.disconnected('closed by the gateway');
    if (clock.monotonicNow() < this.#nextConnectAt) throw this.disconnected('it is tried again soon');
    try {
      await transport.connect();
    } catch (thrown) {
      health.couldNotConnect();
      this.#reconnectMs = Math.min(Math.max(FIRST_RECONNECT_MS, this.#reconnectMs * 2), LONGEST_RECONNECT_MS);
      this.#nextConnectAt = clock.monotonicNow() + this.#reconnectMs * (0.5 + Math.random() / 2);
      if (!this.#saidDisconnected) logger.warn('bus-became-unreachable', { bus, why: reasonOf(thrown) });
      this.#saidDisconnected = true;
      throw thrown;
    }
    this.#reconnectMs = 0;
    this.#nextConnectAt = 0;
    if (this.#saidDisconnected) logger.info('bus-answered-again', { bus });
    this.#saidDisconnected = false;
  }

  #breakerOf(unitId: number): UnitBreaker {
    const known = this.#breakers.get(unitId) ?? createUnitBreaker(this.#options.clock);
    this.#breakers.set(unitId, known);
    return known;
  }
}
