import type { Fault } from '#contract/errors.ts';
import type { UnitHealth } from '#contract/routes/gateway.ts';
import { formatInstant, type Instant } from '#domain/civil-time.ts';
import { WRONG_CRC } from '#gateway/modbus/rtu-frames.ts';
import { Histogram } from './histogram.ts';

const RECENT_REQUESTS = 50;

/** What one unit did with the requests of a gateway since it started. */
export class UnitCounters {
  readonly #unitId: number;
  readonly #exceptions = new Map<number, number>();
  readonly #latency = new Histogram();
  /** 1: answered. */
  readonly #recent = new Uint8Array(RECENT_REQUESTS);
  readonly #counts = {
    requests: 0,
    retries: 0,
    answers: 0,
    timeouts: 0,
    crcErrors: 0,
    invalidAnswers: 0,
    linkLosses: 0,
    notAsked: 0,
  };
  #settled = 0;
  #hasJustFailed = false;
  #lastAnswerAt: Instant | null = null;
  #lastFailure: { readonly at: Instant; readonly code: string; readonly what: string } | null = null;

  constructor(unitId: number) {
    this.#unitId = unitId;
  }

  asked(): void {
    this.#counts.requests += 1;
    if (this.#hasJustFailed) this.#counts.retries += 1;
  }

  leftAlone(): void {
    this.#counts.notAsked += 1;
  }

  answered(exception: number | null, responseMs: number, at: Instant): void {
    if (exception === null) this.#counts.answers += 1;
    else this.#exceptions.set(exception, (this.#exceptions.get(exception) ?? 0) + 1);
    this.#latency.add(responseMs);
    this.#lastAnswerAt = at;
    this.#settle(true);
  }

  failed(reason: Fault, at: Instant): void {
    if (reason.code === 'DEVICE_SILENT') this.#counts.timeouts += 1;
    else if (reason.code === 'BUS_DISCONNECTED') this.#counts.linkLosses += 1;
    else if (reason.fields['reason'] === WRONG_CRC) this.#counts.crcErrors += 1;
    else this.#counts.invalidAnswers += 1;
    this.#lastFailure = { at, code: reason.code, what: reason.what };
    this.#settle(false);
  }

  report(leftAloneForMs: number): UnitHealth {
    const { at, code, what } = this.#lastFailure ?? { at: null, code: '', what: '' };
    return {
      unitId: this.#unitId,
      ...this.#counts,
      exceptions: [...this.#exceptions].map(([exception, count]) => ({ code: exception, count })),
      latency: this.#latency.durations(),
      score: leftAloneForMs > 0 ? 0 : this.#score(),
      leftAloneForMs,
      lastAnswerAt: this.#lastAnswerAt === null ? null : formatInstant(this.#lastAnswerAt),
      lastFailure: at === null ? null : { at: formatInstant(at), code, what },
    };
  }

  #score(): number | null {
    const known = Math.min(this.#settled, RECENT_REQUESTS);
    if (known === 0) return null;
    const answered = this.#recent.reduce((sum, each) => sum + each, 0);
    return Math.floor((100 * answered) / known);
  }

  #settle(isAnswered: boolean): void {
    this.#recent[this.#settled % RECENT_REQUESTS] = Number(isAnswered);
    this.#settled += 1;
    this.#hasJustFailed = !isAnswered;
  }
}
