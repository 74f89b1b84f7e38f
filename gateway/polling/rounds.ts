import { isDeepStrictEqual } from 'node:util';
import { reasonOf } from '#contract/errors.ts';
import type { Reading } from '#contract/messages/telemetry.ts';
import type { Clock, Monotonic, Timer } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { type Instant, parseInstant } from '#domain/civil-time.ts';
import type { Suspicion } from '#domain/energy/plausibility.ts';
import type { DeviceId, PointId } from '#domain/identifiers.ts';
import type { GatewayConfiguration } from '#gateway/configuration.ts';
import type { DeviceKind, FieldDevice } from '#gateway/devices/field-device.ts';
import { type DeviceReading, readDevice } from '#gateway/devices/read-device.ts';
import type { Journal } from '#gateway/outbox/journal.ts';
import type { Outbox } from '#gateway/outbox/outbox.ts';
import type { Grain } from './grain.ts';
import { PlausibilityGuard } from './plausibility-guard.ts';
import { PointInstants } from './point-instants.ts';
import { instantOf, readMoment } from './reading-instant.ts';
import { roundReading } from './round-reading.ts';

export interface RoundsDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly outbox: Outbox;
  readonly journal: Journal;
  readonly grain: Grain;
  /** Sees each reading before it is published. `startedAt`: when its first request was queued. */
  readonly observe: (reading: DeviceReading, startedAt: Monotonic) => void;
  /** Sees it once it was judged, with the instant that it will bear. */
  readonly judged: (reading: DeviceReading, takenAt: Instant, doubtful: ReadonlyMap<QuantityName, Suspicion>) => void;
  /** Sees the readings of a round once they are in the outbox. */
  readonly published: (readings: readonly DeviceReading[]) => Promise<void>;
  readonly commandedLevel: (device: FieldDevice) => number | null;
}

/** What the rounds of one bus read, and how often. */
export interface RoundsTask {
  readonly poll: GatewayConfiguration['poll'];
  /** All of the bus. */
  readonly devices: readonly FieldDevice[];
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

const byId = (devices: readonly FieldDevice[]): ReadonlyMap<DeviceId, FieldDevice> =>
  new Map(devices.map((device) => [device.id, device]));

/** Reads the devices of one bus by period, aligned on the civil clock. One round is one batch. */
export class Rounds {
  readonly #deps: RoundsDependencies;
  #task: RoundsTask;
  #standing: ReadonlyMap<DeviceId, FieldDevice>;
  readonly #lastTurn = new Map<DeviceKind, { readonly turn: number; readonly at: Monotonic }>();
  readonly #guard: PlausibilityGuard;
  readonly #instants = new PointInstants();
  #timer: Timer | null = null;
  #running: Promise<void> = Promise.resolve();
  #started = false;
  #stopped = false;

  constructor(deps: RoundsDependencies, task: RoundsTask) {
    this.#deps = deps;
    this.#task = task;
    this.#standing = byId(task.devices);
    this.#guard = new PlausibilityGuard(deps);
  }

  start(): void {
    this.#started = true;
    this.#turn(this.#nearestTick());
  }

  /**
   * Goes on with other devices or periods. Those that stay keep their turn; one that is gone is not read again, nor is its reading
   * under way published. `ended`: of which nothing more is known. Resolves when the former round is over.
   */
  take(task: RoundsTask, ended: readonly DeviceId[]): Promise<void> {
    const isOtherPeriod = !isDeepStrictEqual(task.poll, this.#task.poll);
    this.#task = task;
    this.#standing = byId(task.devices);
    this.#guard.forget(ended);
    if (isOtherPeriod && this.#started) this.#wait(null);
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** One complete round of every device, now. Resolves when it is in the outbox. */
  readAll(): Promise<void> {
    return this.#enqueue(this.#task.devices);
  }

  #turn(tick: number): void {
    const tickMs = this.#tickMs();
    const due = this.#task.devices.filter(({ kind }) => this.#isDue(kind, tick));
    for (const kind of new Set(due.map((device) => device.kind)))
      this.#lastTurn.set(kind, { turn: this.#turnOf(kind, tick), at: this.#deps.clock.monotonicNow() });
    void this.#enqueue(due).finally(() => this.#wait({ tick, tickMs }));
  }

  #enqueue(devices: readonly FieldDevice[]): Promise<void> {
    this.#running = this.#running.then(() => this.#round(devices));
    return this.#running;
  }

  async #round(devices: readonly FieldDevice[]): Promise<void> {
    try {
      await this.#readAndPublish(devices);
    } catch (thrown) {
      this.#deps.logger.error('round-failed', { why: reasonOf(thrown) });
    }
  }

  /** A tick that passed while the former one was read begins now: late, but not missed. */
  #wait(former: { readonly tick: number; readonly tickMs: number } | null): void {
    this.#timer?.cancel();
    if (this.#stopped) return;
    const { clock } = this.#deps;
    const tickMs = this.#tickMs();
    const tick = Math.floor(clock.civilNow() / tickMs);
    if (former !== null && former.tickMs === tickMs && tick > former.tick) {
      this.#timer = clock.after(0, () => this.#turn(tick));
      return;
    }
    const untilNextMs = (tickMs - (clock.civilNow() % tickMs)) / clock.speed;
    this.#timer = clock.after(untilNextMs, () => this.#turn(this.#nearestTick()));
  }

  /** A timer may be a little early. */
  #nearestTick(): number {
    return Math.round(this.#deps.clock.civilNow() / this.#tickMs());
  }

  /** Civil. */
  #tickMs(): number {
    return this.#tickSeconds() * 1000 * this.#deps.clock.speed;
  }

  #tickSeconds(): number {
    const { lightsSeconds, metersSeconds, sensorsSeconds } = this.#task.poll;
    return [lightsSeconds, metersSeconds, sensorsSeconds].reduce(greatestDivisor);
  }

  #periodSeconds(kind: DeviceKind): number {
    const { lightsSeconds, metersSeconds, sensorsSeconds } = this.#task.poll;
    return { light: lightsSeconds, meter: metersSeconds, sensor: sensorsSeconds }[kind];
  }

  /** Turns of a period are counted from 1970, so that rounds fall on round times whenever the gateway started. */
  #turnOf(kind: DeviceKind, tick: number): number {
    return Math.floor((tick * this.#tickSeconds()) / this.#periodSeconds(kind));
  }

  /** In a new turn, or when a clock that was put back would make it wait for a turn that it has had. */
  #isDue(kind: DeviceKind, tick: number): boolean {
    const last = this.#lastTurn.get(kind);
    if (last === undefined || last.turn !== this.#turnOf(kind, tick)) return true;
    return this.#deps.clock.monotonicNow() - last.at >= (this.#periodSeconds(kind) - this.#tickSeconds() / 2) * 1000;
  }

  async #readAndPublish(devices: readonly FieldDevice[]): Promise<void> {
    const { clock, outbox, journal, grain, observe, judged, published, commandedLevel } = this.#deps;
    const taken: DeviceReading[] = [];
    const readings: Reading[] = [];
    const ofDwellings: { point: PointId; at: Instant }[] = [];
    for (const { id } of devices) {
      if (this.#stopped) return;
      const device = this.#standing.get(id);
      if (device === undefined) continue;
      const before = readMoment(clock);
      const reading = await readDevice(device, 'polling');
      if (this.#standing.get(id) !== device) continue;
      observe(reading, before.elapsed);
      taken.push(reading);
      const takenAt = instantOf(reading.at, before, readMoment(clock));
      const doubtful = this.#guard.examine(reading);
      judged(reading, takenAt, doubtful);
      const message = this.#publishable(reading, takenAt, commandedLevel(device), doubtful);
      if (message === null) continue;
      readings.push(message);
      if (device.privacy === 'dwelling') ofDwellings.push({ point: message.point, at: parseInstant(message.at) });
    }
    if (readings.length > 0 || !journal.isEmpty) await outbox.append({ readings, ...asBatch(journal) });
    await grain.published(ofDwellings);
    await published(taken);
  }

  /**
   * Null when nothing of this reading may leave: no point, or a dwelling's reading that is not due, not whole or doubtful. While
   * the day is unknown, no dwelling's reading is due: it is not known which is the first of the day.
   */
  #publishable(
    reading: DeviceReading,
    takenAt: Instant,
    commandedLevel: number | null,
    doubtful: ReadonlyMap<QuantityName, Suspicion>,
  ): Reading | null {
    const { device, at, values } = reading;
    if (device.point === null) return null;
    const free = this.#instants.claim(device.point, takenAt);
    if (device.privacy === 'operational') return roundReading(reading, free, commandedLevel, doubtful);
    const isSure = at !== null && doubtful.size === 0 && [...values.values()].every((value) => value !== null);
    return isSure && this.#deps.grain.isDue(device.point, free) ? roundReading(reading, free, null, doubtful) : null;
  }
}

/** What the journal holds, for a batch. */
export const asBatch = (journal: Journal) => {
  const { events, reports } = journal.take();
  return { events: [...events], reports: [...reports] };
};
