import type { Fault } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { BusHealth } from '#contract/routes/gateway.ts';
import { BusyTime } from './busy-time.ts';
import { Histogram } from './histogram.ts';
import { LineTrace } from './line-trace.ts';
import { UnitCounters } from './unit-counters.ts';

const MINUTE_MS = 60_000;
const EXCEPTION_FLAG = 0x80;

/** What the line itself knows when it is asked. */
export interface LineState {
  readonly orders: number;
  readonly polling: number;
  readonly isConnected: boolean;
  /** Milliseconds until a unit is tried again; 0 when it is not left alone. */
  readonly leftAloneForMs: (unitId: number) => number;
}

/** Counts what happens on one physical line. Its memory grows with the units of the line, 247 at most, and with nothing else. */
export class LineHealth {
  readonly trace: LineTrace;
  readonly #clock: Clock;
  readonly #units = new Map<number, UnitCounters>();
  readonly #busy: BusyTime;
  readonly #waits = { order: new Histogram(), polling: new Histogram() };
  #connectFailures = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#busy = new BusyTime(clock.monotonicNow());
    this.trace = new LineTrace(clock);
  }

  /** A request leaves the queue. */
  waited(priority: 'order' | 'polling', waitedMs: number): void {
    this.#waits[priority].add(waitedMs);
  }

  leftAlone(unitId: number): void {
    this.#unit(unitId).leftAlone();
  }

  couldNotConnect(): void {
    this.#connectFailures += 1;
  }

  asked(unitId: number): void {
    this.#busy.begin(this.#clock.monotonicNow());
    this.#unit(unitId).asked();
    this.trace.asks(unitId);
  }

  answered(unitId: number, pdu: Uint8Array, responseMs: number): void {
    const exception = (pdu[0] ?? 0) >= EXCEPTION_FLAG ? (pdu[1] ?? 0) : null;
    this.#unit(unitId).answered(exception, responseMs, this.#clock.civilNow());
    this.#settled(exception === null ? 'answered' : `exception ${exception}`);
  }

  failed(unitId: number, reason: Fault): void {
    this.#unit(unitId).failed(reason, this.#clock.civilNow());
    this.#settled(reason.code);
  }

  report(state: LineState): Omit<BusHealth, 'bus' | 'kind' | 'address'> {
    const now = this.#clock.monotonicNow();
    const units = [...this.#units].map(([unitId, unit]) => unit.report(state.leftAloneForMs(unitId)));
    const scored = units.flatMap(({ unitId, score }) => (score === null ? [] : [{ unitId, score }]));
    const [worst] = scored.toSorted((a, b) => a.score - b.score);
    return {
      isConnected: state.isConnected,
      connectFailures: this.#connectFailures,
      utilisation: {
        lastMinute: this.#busy.share(now, MINUTE_MS),
        lastFiveMinutes: this.#busy.share(now, 5 * MINUTE_MS),
      },
      queue: {
        orders: state.orders,
        polling: state.polling,
        ordersWait: this.#waits.order.durations(),
        pollingWait: this.#waits.polling.durations(),
      },
      score: scored.length === 0 ? null : Math.floor(scored.reduce((sum, { score }) => sum + score, 0) / scored.length),
      worstUnit: worst === undefined || worst.score === 100 ? null : worst.unitId,
      units: units.toSorted((a, b) => a.unitId - b.unitId),
    };
  }

  #settled(outcome: string): void {
    this.#busy.end(this.#clock.monotonicNow());
    this.trace.settles(outcome);
  }

  #unit(unitId: number): UnitCounters {
    const known = this.#units.get(unitId) ?? new UnitCounters(unitId);
    this.#units.set(unitId, known);
    return known;
  }
}
