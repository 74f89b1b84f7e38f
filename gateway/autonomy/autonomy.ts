import { Fault, reasonOf } from '#contract/errors.ts';
import type { FieldGroupEntry } from '#contract/messages/field-devices.ts';
import type { Clock, Monotonic, Timer } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { type Instant, instant, timeZone } from '#domain/civil-time.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import { isTargeted, type LightingPlan, lightingPlanFrom } from '#domain/lighting/lighting-plan.ts';
import { type Override, type OverrideTarget, overrideFrom } from '#domain/lighting/override.ts';
import { resolveLevel } from '#domain/lighting/resolve-level.ts';
import type { GatewayConfiguration } from '#gateway/configuration.ts';
import { type FieldDevice, isSamePlace } from '#gateway/devices/field-device.ts';
import { type DeviceReading, readDevice } from '#gateway/devices/read-device.ts';
import { DEVICE_READS_ONLY, isItsTurn, writeDevice, writeGroup } from '#gateway/devices/write-device.ts';
import { GATEWAY_READS_ONLY } from '#gateway/modbus/bus.ts';
import type { Journal } from '#gateway/outbox/journal.ts';
import { ClockWatch } from './clock-watch.ts';
import type { DesiredState } from './desired-state.ts';
import { type Frame, planFrames } from './frames.ts';
import { hasLevels, Light } from './light.ts';
import type { Orders } from './orders.ts';

export interface AutonomyDependencies {
  readonly configuration: Pick<GatewayConfiguration, 'zone' | 'readOnly'>;
  readonly desired: DesiredState;
  readonly orders: Orders;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Overrides that came by telecommand and are in no document yet. */
  readonly provisional: () => readonly Override[];
  /** Called after each pass: what the journal holds may leave. */
  readonly flush: () => Promise<void>;
}

const PASS_MS = 1000;
/** A level is decided anew at least this often, whatever was foreseen. Civil milliseconds. */
const LONGEST_FORESIGHT_MS = 3_600_000;

/**
 * Lights follow their desired state: each second of elapsed time, and at once when it changes, the level of each light is
 * resolved, written when it differs, read back, and proved when an order asked for it. Needs no centre.
 */
export class Autonomy {
  readonly #deps: AutonomyDependencies;
  #devices: readonly FieldDevice[] = [];
  #groups: readonly FieldGroupEntry[] = [];
  #lights: ReadonlyMap<DeviceId, Light> = new Map();
  readonly #clockWatch: ClockWatch;
  readonly #foreseen = new Map<DeviceId, { from: Instant; until: Instant }>();
  #overrides: readonly Override[] = [];
  #plan: LightingPlan | null = null;
  #timer: Timer | null = null;
  #running: Promise<void> = Promise.resolve();
  #keeping: Promise<void> = Promise.resolve();
  #waitsToBeKept = false;
  /** Settles when something newer is wanted than what the running pass follows. */
  #overtaken = Promise.withResolvers<void>();
  #stopped = false;

  constructor(deps: AutonomyDependencies) {
    this.#deps = deps;
    this.#clockWatch = new ClockWatch(deps.clock, deps.journal, deps.logger);
  }

  /** Goes on with another set of devices. A light in the same place keeps what is known of it. Resolves when no pass over the former is under way. */
  take(devices: readonly FieldDevice[], groups: readonly FieldGroupEntry[]): Promise<void> {
    this.#devices = devices;
    this.#groups = groups;
    this.#lights = new Map(devices.filter(hasLevels).map((device) => [device.id, this.#lightOf(device)]));
    const over = this.#running;
    if (this.#timer !== null) this.obey();
    return over;
  }

  start(): void {
    this.obey();
    this.#soon();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
    await this.#keeping;
  }

  /** One pass over the lights now; resolves when it is done and what it said is kept. */
  async settle(): Promise<void> {
    this.#soon();
    await this.#running;
    await this.#keeping;
  }

  /** Takes desired state as it now is; the next pass follows at once. */
  obey(): void {
    const { desired, provisional, orders, configuration } = this.#deps;
    const programs = desired.get('programs');
    const written = desired.get('overrides')?.overrides.map(overrideFrom) ?? [];
    const groups = this.#groups.map(({ group, members }) => ({ id: group, members }));
    this.#plan =
      programs === null
        ? {
            timeZone: timeZone(configuration.zone),
            position: { latitude: 0, longitude: 0 },
            defaultLevelPercent: 100,
            groups,
            programs: [],
            assignments: [],
          }
        : lightingPlanFrom(programs);
    this.#overrides = [...written, ...provisional().filter(({ id }) => !written.some((override) => override.id === id))];
    for (const override of this.#overrides) {
      orders.accept(override, this.coveredBy(override.target));
      orders.refuse(override, this.#refusedOf(override.target), configuration.readOnly ? GATEWAY_READS_ONLY : DEVICE_READS_ONLY);
    }
    this.#foreseen.clear();
    this.#overtaken.resolve();
    if (this.#timer !== null) this.#soon();
  }

  /** Lights of this gateway that a target covers. */
  coveredBy(target: OverrideTarget): readonly DeviceId[] {
    return [...this.#lights.keys()].filter((device) => isTargeted(target, device, this.#plan?.groups ?? []));
  }

  /** Lights that it covers too, and that are only read. */
  #refusedOf(target: OverrideTarget): readonly DeviceId[] {
    return this.#devices.flatMap((device) =>
      device.kind === 'light' && !this.#lights.has(device.id) && isTargeted(target, device.id, this.#plan?.groups ?? [])
        ? [device.id]
        : [],
    );
  }

  light(device: DeviceId): Light | undefined {
    return this.#lights.get(device);
  }

  observe(reading: DeviceReading, startedAt: Monotonic): void {
    this.#lights.get(reading.device.id)?.observe(reading, startedAt, this.#deps.journal);
  }

  /** A departure that was published as it was read may now be restored. */
  published(readings: readonly DeviceReading[]): void {
    for (const { device } of readings) {
      const departure = this.#lights.get(device.id)?.departure;
      if (departure !== null && departure !== undefined) departure.isPublished = true;
    }
  }

  #lightOf(device: FieldDevice): Light {
    const known = this.#lights.get(device.id);
    if (known === undefined || !isSamePlace(known.device, device)) return new Light(device, this.#deps.clock);
    known.device = device;
    return known;
  }

  #next(): void {
    if (this.#stopped) return;
    this.#timer = this.#deps.clock.after(PASS_MS, () => this.#soon());
  }

  #soon(): void {
    this.#timer?.cancel();
    this.#running = this.#running.then(() => this.#pass());
    void this.#running.then(() => {
      this.#timer?.cancel();
      this.#next();
    });
  }

  async #pass(): Promise<void> {
    if (this.#stopped) return;
    this.#overtaken = Promise.withResolvers<void>();
    try {
      this.#clockWatch.look();
      if (this.#deps.clock.civilState() !== 'unknown') await this.#follow();
    } catch (thrown) {
      this.#deps.logger.error('pass-over-lights-failed', { why: reasonOf(thrown) });
    }
    this.#keep();
  }

  /** Beside the passes: no light waits for a disk. */
  #keep(): void {
    if (this.#waitsToBeKept) return;
    this.#waitsToBeKept = true;
    this.#keeping = this.#keeping.then(() => {
      this.#waitsToBeKept = false;
      return this.#save();
    });
  }

  async #save(): Promise<void> {
    const { orders, flush, logger } = this.#deps;
    try {
      await orders.save();
      await flush();
    } catch (thrown) {
      logger.error('what-lights-did-was-not-kept', { why: reasonOf(thrown) });
    }
  }

  async #follow(): Promise<void> {
    const { orders, desired } = this.#deps;
    const lights = [...this.#lights.values()];
    orders.end(this.#overrides);
    for (const light of lights) this.#resolve(light);
    await this.#readBack(lights.filter((light) => !light.wasRead));
    for (const light of lights) orders.begin(light);
    await this.#write(lights);
    await this.#proveUntilOvertaken(lights.filter((light) => light.needsReadBack() || orders.awaitsProof(light)));
    for (const light of lights) orders.follow(light, desired.get('programs'));
  }

  #resolve(light: Light): void {
    const { clock, desired } = this.#deps;
    const at = clock.civilNow();
    const foreseen = this.#foreseen.get(light.device.id);
    if (this.#plan === null || (foreseen !== undefined && foreseen.from <= at && at < foreseen.until)) return;
    const resolved = resolveLevel({ device: light.device.id, plan: this.#plan, overrides: this.#overrides, at });
    light.resolved = desired.get('programs') === null && resolved.why.rung === 'default' ? null : resolved;
    const until = instant(Math.min(resolved.nextChangeAt ?? Number.MAX_SAFE_INTEGER, at + LONGEST_FORESIGHT_MS));
    this.#foreseen.set(light.device.id, { from: at, until });
  }

  /** A light written a moment ago waits for its turn: the level wanted then is the one that it gets. */
  async #write(lights: readonly Light[]): Promise<void> {
    const changes = lights.flatMap((light) => {
      const { device } = light;
      const levelPercent = light.dueLevel();
      return levelPercent !== null && isItsTurn(device, 'commandedLevelPercent', levelPercent) ? [{ device, levelPercent }] : [];
    });
    for (const frame of planFrames(changes, this.#groups)) await this.#send(frame);
  }

  async #send({ busGroup, levelPercent, members }: Frame): Promise<void> {
    const [first] = members;
    if (first === undefined) return;
    try {
      if (busGroup === null) await writeDevice(first, 'commandedLevelPercent', levelPercent);
      else await writeGroup(members, busGroup, 'commandedLevelPercent', levelPercent);
      for (const { id } of members) this.#lights.get(id)?.written(levelPercent);
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      for (const { id } of members) this.#lights.get(id)?.writeFailed(thrown);
    }
  }

  async #readBack(lights: readonly Light[]): Promise<void> {
    for (const light of lights) await this.#read(light);
  }

  /** A new order waits for no proof of a former one: what is left to read is read in its pass. */
  async #proveUntilOvertaken(lights: readonly Light[]): Promise<void> {
    const overtaken = this.#overtaken.promise.then(() => 'overtaken' as const);
    for (const light of lights) {
      const reading = this.#read(light);
      if ((await Promise.race([reading, overtaken])) !== 'overtaken') continue;
      reading.catch((thrown: unknown) => this.#deps.logger.error('pass-over-lights-failed', { why: reasonOf(thrown) }));
      return;
    }
  }

  async #read(light: Light): Promise<void> {
    const startedAt = this.#deps.clock.monotonicNow();
    light.observe(await readDevice(light.device, 'order'), startedAt, this.#deps.journal);
  }
}
