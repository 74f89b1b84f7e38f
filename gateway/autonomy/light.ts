import type { Fault } from '#contract/errors.ts';
import type { Clock, Monotonic } from '#contract/ports/clock.ts';
import type { QuantityName } from '#contract/quantities.ts';
import type { ResolvedLevel } from '#domain/lighting/resolve-level.ts';
import type { FieldDevice } from '#gateway/devices/field-device.ts';
import type { DeviceReading } from '#gateway/devices/read-device.ts';
import { isSameToDevice } from '#gateway/devices/write-device.ts';
import type { Journal } from '#gateway/outbox/journal.ts';

export const hasLevels = ({ profile, readOnly }: FieldDevice): boolean =>
  !readOnly && profile.writes?.commandedLevelPercent !== undefined;

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 300_000;
/** How long a control gear may take to say the level it was given: a fade lasts. */
const FADE_PATIENCE_MS = 10_000;

/** What the gateway knows of one light: asked, in effect, observed, and how far the last write got. */
export class Light {
  /** As it is said now. */
  device: FieldDevice;
  readonly #clock: Clock;
  resolved: ResolvedLevel | null = null;
  /** Level last written without error, % of full light; null before the first. */
  commanded: number | null = null;
  /** Level the control gear said last; null when unknown. */
  effective: number | null = null;
  observedW: number | null = null;
  /** The control gear has said the level commanded since it was written. */
  isVerified = false;
  /** It is blinking: leave it alone. */
  isHeld = false;
  /** Somebody else wrote a level; restored once that was published. */
  departure: { readonly toPercent: number; isPublished: boolean } | null = null;
  wasRead = false;
  /** Why the last write did not take. */
  lastFault: Fault | null = null;
  #hasFailed: boolean | null = null;
  #writtenAt = 0;
  #pauseMs = 0;
  #pausedUntil = 0;

  constructor(device: FieldDevice, clock: Clock) {
    this.device = device;
    this.#clock = clock;
  }

  /** The level to write now, or null when there is nothing to do. */
  dueLevel(): number | null {
    const target = this.resolved?.levelPercent ?? null;
    if (target === null || this.isHeld || this.#clock.monotonicNow() < this.#pausedUntil) return null;
    if (this.commanded !== target || this.departure?.isPublished === true) return target;
    const isLate =
      !this.isVerified && this.departure === null && this.#clock.monotonicNow() - this.#writtenAt >= FADE_PATIENCE_MS;
    return isLate ? target : null;
  }

  written(level: number): void {
    const isAgain = this.commanded === level;
    this.commanded = level;
    this.isVerified = false;
    this.#writtenAt = this.#clock.monotonicNow();
    if (isAgain) this.#pause();
    else this.#pauseMs = 0;
  }

  writeFailed(reason: Fault): void {
    this.lastFault = reason;
    this.#pause();
  }

  /** Makes the next pass write again whatever is known. */
  forgetCommanded(): void {
    this.commanded = null;
    this.isVerified = false;
    this.#pausedUntil = 0;
  }

  needsReadBack(): boolean {
    return (
      !this.isHeld && (!this.wasRead || (this.commanded !== null && !this.isVerified && this.departure?.isPublished !== false))
    );
  }

  /** Takes a reading; `startedAt` tells one made before the last write from one made after. */
  observe({ values, at }: DeviceReading, startedAt: Monotonic, journal: Journal): void {
    this.wasRead = true;
    const number = (name: QuantityName): number | null => values.get(name) ?? null;
    if (at === null) return;
    this.#observeFailure(number('lampFailure'), journal);
    if (startedAt < this.#writtenAt) return;
    this.observedW = number('activePowerW');
    const write = this.device.profile.writes?.commandedLevelPercent;
    const isSwitchedOff = write?.switchedBy !== undefined && number('lampOn') === 0;
    this.effective = write === undefined ? null : isSwitchedOff ? 0 : number(write.readBack);
    if (write === undefined || this.effective === null || this.commanded === null || this.isHeld) return;
    if (isSameToDevice(write, this.effective, this.commanded)) this.#agree(journal);
    else if (this.isVerified && this.departure === null && this.resolved?.levelPercent === this.commanded) this.#depart(journal);
  }

  #agree(journal: Journal): void {
    const { departure } = this;
    this.isVerified = true;
    this.lastFault = null;
    this.#pauseMs = 0;
    this.#pausedUntil = 0;
    if (departure === null || this.commanded === null) return;
    this.departure = null;
    journal.event('level-restored', this.device.id, { fromPercent: departure.toPercent, toPercent: this.commanded });
  }

  #depart(journal: Journal): void {
    const toPercent = this.effective ?? 0;
    this.departure = { toPercent, isPublished: false };
    this.isVerified = false;
    journal.event('level-departed', this.device.id, { fromPercent: this.commanded ?? 0, toPercent });
  }

  #observeFailure(bit: number | null, journal: Journal): void {
    if (bit === null) return;
    const fails = bit === 1;
    if (fails && this.#hasFailed !== true) journal.event('lamp-failed', this.device.id);
    if (!fails && this.#hasFailed === true) journal.event('lamp-recovered', this.device.id);
    this.#hasFailed = fails;
  }

  #pause(): void {
    this.#pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, this.#pauseMs * 2), LONGEST_PAUSE_MS);
    this.#pausedUntil = this.#clock.monotonicNow() + this.#pauseMs;
  }
}
