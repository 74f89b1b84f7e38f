import { z } from 'zod';
import { reasonOf } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { QUANTITIES, type QuantityName } from '#contract/quantities.ts';
import { formatInstant, type Instant } from '#domain/civil-time.ts';
import type { Suspicion } from '#domain/energy/plausibility.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import type { FieldDevice } from '#gateway/devices/field-device.ts';
import type { DeviceReading } from '#gateway/devices/read-device.ts';
import type { Journal } from '#gateway/outbox/journal.ts';

const lastRegisters = z.strictObject({ registers: z.record(z.string(), z.number()), readAt: z.string().nullable() });
type LastRegisters = z.infer<typeof lastRegisters>;

const meteredPoint = z.strictObject({
  device: z.string(),
  /** Of the device, once it was taken out. */
  last: lastRegisters.nullable(),
  /** Another device had the point, and the present one has not been read yet. */
  replaces: z.strictObject({ device: z.string(), last: lastRegisters.nullable() }).nullable(),
});
const meteredPoints = z.record(z.string(), meteredPoint);
type MeteredPoint = z.infer<typeof meteredPoint>;

const SHELF_NAME = 'metered-points';

export interface MeterReplacementsDependencies {
  readonly shelf: DocumentShelf;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logger: Logger;
}

const isMeterOf = ({ kind, point }: FieldDevice): boolean => kind === 'meter' && point !== null;

/**
 * Remembers which meter each point had, over restarts, and says when another has taken over: the event `meter-replaced` leaves
 * with the first reading of the new one, with the registers of both. Of a dwelling it says no register.
 */
export class MeterReplacements {
  readonly #deps: MeterReplacementsDependencies;
  readonly #seen = new Map<DeviceId, LastRegisters>();
  #points: Readonly<Record<string, MeteredPoint>> = {};
  #isSaid = false;

  constructor(deps: MeterReplacementsDependencies) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const text = await this.#deps.shelf.get(SHELF_NAME);
    if (text === null) return;
    try {
      this.#points = meteredPoints.parse(JSON.parse(text));
    } catch (thrown) {
      this.#deps.logger.warn('metered-points-were-forgotten', { why: reasonOf(thrown) });
    }
  }

  /** Notes the meters of a set that is about to be in force, or is in force again. Resolves when it is on the disk. */
  async note(devices: readonly FieldDevice[]): Promise<void> {
    const next: Record<string, MeteredPoint> = { ...this.#points };
    const present = new Set<string>();
    for (const { id, point } of devices.filter(isMeterOf)) {
      if (point === null) continue;
      present.add(point);
      next[point] = this.#pointOf(this.#points[point], id);
    }
    for (const [point, held] of Object.entries(next))
      if (!present.has(point)) next[point] = { ...held, last: held.last ?? this.#lastOf(held.device) };
    await this.#keep(next);
  }

  /** Takes each reading before its batch is made. */
  observe({ device, at, values }: DeviceReading, takenAt: Instant, doubtful: ReadonlyMap<QuantityName, Suspicion>): void {
    const { point, id, privacy } = device;
    if (!isMeterOf(device) || point === null || at === null) return;
    const registers = Object.fromEntries(
      [...values].flatMap(([name, value]) =>
        QUANTITIES[name].kind === 'counter' && value !== null && !doubtful.has(name) && privacy === 'operational'
          ? [[name, value] as const]
          : [],
      ),
    );
    if (privacy === 'operational' && Object.keys(registers).length === 0) return;
    const readAt = this.#deps.clock.civilState() === 'unknown' ? null : formatInstant(takenAt);
    this.#seen.set(id, { registers, readAt });
    const held = this.#points[point];
    if (held?.device !== id || held.replaces === null) return;
    this.#say(device, point, held.replaces, registers);
    this.#points = { ...this.#points, [point]: { ...held, replaces: null } };
    this.#isSaid = true;
  }

  /** To be called once the batch is in the outbox: what was said is then not said again. */
  async published(): Promise<void> {
    if (!this.#isSaid) return;
    this.#isSaid = false;
    await this.#keep(this.#points);
  }

  #pointOf(held: MeteredPoint | undefined, device: DeviceId): MeteredPoint {
    if (held === undefined) return { device, last: null, replaces: null };
    if (held.device === device) return { ...held, last: null };
    // It took over and gave back without having been read.
    if (held.replaces?.device === device) return { device, last: null, replaces: null };
    return {
      device,
      last: null,
      replaces: held.replaces ?? { device: held.device, last: held.last ?? this.#lastOf(held.device) },
    };
  }

  #lastOf(device: string): LastRegisters | null {
    return this.#seen.get(device as DeviceId) ?? null;
  }

  #say(
    { id, privacy }: FieldDevice,
    point: string,
    replaced: NonNullable<MeteredPoint['replaces']>,
    registers: LastRegisters['registers'],
  ): void {
    const isOpen = privacy === 'operational';
    const before = isOpen ? Object.entries(replaced.last?.registers ?? {}) : [];
    const after = isOpen ? Object.entries(registers) : [];
    this.#deps.logger.info('meter-replaced', { device: id, point, former: replaced.device });
    this.#deps.journal.event('meter-replaced', id, {
      point,
      formerDevice: replaced.device,
      ...(replaced.last?.readAt == null ? {} : { formerReadAt: replaced.last.readAt }),
      ...Object.fromEntries(before.map(([name, value]) => [`${name}Before`, value])),
      ...Object.fromEntries(after.map(([name, value]) => [`${name}After`, value])),
    });
  }

  async #keep(points: Readonly<Record<string, MeteredPoint>>): Promise<void> {
    await this.#deps.shelf.put(SHELF_NAME, JSON.stringify(points));
    this.#points = points;
  }
}
