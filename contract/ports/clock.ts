import type { Instant } from '#domain/civil-time.ts';

declare const elapsed: unique symbol;
/** Milliseconds of a clock that never steps and is never accelerated. Only differences mean something. */
export type Monotonic = number & { readonly [elapsed]: 'monotonic' };

export interface Timer {
  cancel(): void;
}

/**
 * Two clocks. `civilNow` is what programs, tariffs and stamps use: it may be set, accelerated (`speed` civil seconds in
 * one elapsed second) or not known yet. `monotonicNow` and the timers are what Modbus, MQTT, sessions and time-outs use.
 */
export interface Clock {
  civilNow(): Instant;
  /** `unknown` until something trustworthy has set it: instants of such a clock are not to be compared with others. */
  civilState(): 'synchronised' | 'unknown' | 'simulated';
  readonly speed: number;
  monotonicNow(): Monotonic;
  /** Calls once after `delayMs` elapsed milliseconds; never keeps the process alive by itself. */
  after(delayMs: number, call: () => void): Timer;
  /** Resolves after `delayMs` elapsed milliseconds, or rejects with the signal's reason. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
