import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { QUANTITIES, type QuantityName } from '#contract/quantities.ts';
import {
  type CounterWatch,
  type Expectation,
  judge,
  NOTHING_SEEN,
  type Suspicion,
  type Track,
  watchCounter,
} from '#domain/energy/plausibility.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import type { FieldDevice } from '#gateway/devices/field-device.ts';
import type { DeviceReading } from '#gateway/devices/read-device.ts';

/** A low-voltage delivery point is far below; a pair of registers that changed places is far above. */
const ORDINARY_RATING_W = 1_000_000;
const SECONDS_PER_HOUR = 3600;
/** Registers that show tenths of a kilowatt-hour move by one such step at once. */
const REGISTER_STEP_WH = 100;
/** The largest pipe of a town carries less, in cubic metres a second. */
const WATER_PER_SECOND = 10;
/** Most switchings or passages counted in a second. */
const COUNTS_PER_SECOND = 10;
const STUCK_STEPS = 10;
const MAINS_HZ = { least: 40, most: 70 };

const ANYTHING = {
  isCounter: false,
  mostPerSecond: 0,
  slack: 0,
  least: Number.NEGATIVE_INFINITY,
  most: Number.POSITIVE_INFINITY,
};

const stepOf = ({ profile }: FieldDevice, quantity: QuantityName): number => {
  const point = profile.points[quantity];
  return point !== undefined && 'scale' in point ? point.scale : 1;
};

const mostPerSecond = (quantity: QuantityName, ratedW: number): number => {
  const { unit } = QUANTITIES[quantity];
  if (unit === 'Wh') return ratedW / SECONDS_PER_HOUR;
  if (unit === 'm³') return WATER_PER_SECOND;
  return unit === 'h' ? 1 / SECONDS_PER_HOUR : COUNTS_PER_SECOND;
};

/** What a quantity of a device may do: a counter rises no faster than the rating, a power stays below it, the mains are near 50 Hz. */
const expectationOf = (device: FieldDevice, quantity: QuantityName): Expectation => {
  const { kind, unit } = QUANTITIES[quantity];
  const rated = device.ratedPowerW;
  if (kind === 'counter') {
    const slack = Math.max(2 * stepOf(device, quantity), unit === 'Wh' ? REGISTER_STEP_WH : 1);
    return { ...ANYTHING, isCounter: true, mostPerSecond: mostPerSecond(quantity, rated ?? ORDINARY_RATING_W), slack };
  }
  if (unit === 'W' && rated !== null) return { ...ANYTHING, least: -rated, most: rated };
  return quantity === 'frequencyHz' ? { ...ANYTHING, ...MAINS_HZ } : ANYTHING;
};

const POWERED_COUNTERS = ['energyImportedWh', 'activeEnergyWh'] as const;

/** Remembers what each quantity of each device did, and says which values are not to be believed yet. */
export class PlausibilityGuard {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tracks = new Map<string, Track>();
  readonly #counters = new Map<string, CounterWatch>();
  /** Suspicions in course, said once. */
  readonly #said = new Map<string, Suspicion>();

  #fieldMs = 0;
  #monotonicBefore: number;
  #civilBefore: number;

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
    this.#monotonicBefore = clock.monotonicNow();
    this.#civilBefore = clock.civilNow();
  }

  /** The doubtful values of a reading that was just made. */
  examine({ device, values }: DeviceReading): ReadonlyMap<QuantityName, Suspicion> {
    const atSeconds = this.#fieldSeconds();
    const doubtful = new Map<QuantityName, Suspicion>();
    for (const [quantity, value] of values) {
      if (value === null || QUANTITIES[quantity].kind === 'state') continue;
      const suspicion = this.#judge(device, quantity, value, atSeconds) ?? this.#stuck(device, quantity, values, atSeconds);
      if (suspicion !== null) doubtful.set(quantity, suspicion);
      this.#tell(device.id, quantity, value, suspicion);
    }
    return doubtful;
  }

  /** What it knows of these is of other devices: their next values are believed as first ones. */
  forget(devices: readonly DeviceId[]): void {
    for (const known of [this.#tracks, this.#counters, this.#said])
      for (const key of known.keys()) if (devices.some((device) => key.startsWith(`${device}/`))) known.delete(key);
  }

  /** Goes on with whichever clock went further: one that steps back counts no time, one that is set forward never makes a rise look too fast. */
  #fieldSeconds(): number {
    const [monotonic, civil] = [this.#clock.monotonicNow(), this.#clock.civilNow()];
    this.#fieldMs += Math.max((monotonic - this.#monotonicBefore) * this.#clock.speed, civil - this.#civilBefore);
    this.#monotonicBefore = monotonic;
    this.#civilBefore = civil;
    return this.#fieldMs / 1000;
  }

  #judge(device: FieldDevice, quantity: QuantityName, value: number, atSeconds: number): Suspicion | null {
    const key = `${device.id}/${quantity}`;
    const { track, suspicion } = judge(
      this.#tracks.get(key) ?? NOTHING_SEEN,
      { value, atSeconds },
      expectationOf(device, quantity),
    );
    this.#tracks.set(key, track);
    return suspicion;
  }

  #stuck(device: FieldDevice, quantity: QuantityName, values: DeviceReading['values'], atSeconds: number): Suspicion | null {
    const [counterWh, powerW] = [values.get(quantity) ?? null, values.get('activePowerW') ?? null];
    if (!POWERED_COUNTERS.some((name) => name === quantity) || counterWh === null || powerW === null) return null;
    const key = `${device.id}/${quantity}`;
    const watch = watchCounter(this.#counters.get(key) ?? null, { counterWh, powerW, atSeconds });
    this.#counters.set(key, watch);
    return watch.expectedWh > Math.max(STUCK_STEPS * stepOf(device, quantity), REGISTER_STEP_WH) ? 'stuck' : null;
  }

  #tell(device: DeviceId, quantity: QuantityName, value: number, suspicion: Suspicion | null): void {
    const key = `${device}/${quantity}`;
    const before = this.#said.get(key) ?? null;
    if (before === suspicion) return;
    if (suspicion === null) {
      this.#said.delete(key);
      this.#logger.info('value-believed-again', { device, quantity, value });
    } else {
      this.#said.set(key, suspicion);
      this.#logger.warn('value-doubtful', { device, quantity, value, why: suspicion });
    }
  }
}
