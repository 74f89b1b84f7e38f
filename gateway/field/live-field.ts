import { isDeepStrictEqual } from 'node:util';
import type { FieldGroupEntry } from '#contract/messages/field-devices.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import { type BusEntry, lineOf } from '#gateway/configuration.ts';
import { createFieldDevice, type FieldDevice, isSamePlace } from '#gateway/devices/field-device.ts';
import type { ReadLessons } from '#gateway/devices/read-lessons.ts';
import type { Bus } from '#gateway/modbus/bus.ts';
import type { FieldLines } from '#gateway/modbus/field-lines.ts';
import { lineAddress } from '#gateway/modbus/transport.ts';
import type { FieldLayout, LaidBus } from './layout.ts';

/** What a change brings to those who hold devices. What is in neither list is the same object as before. */
export interface FieldChange {
  readonly layout: FieldLayout;
  readonly buses: ReadonlyMap<string, Bus>;
  readonly devices: readonly FieldDevice[];
  readonly groups: readonly FieldGroupEntry[];
  /** Added, or said otherwise than before. */
  readonly renewed: readonly FieldDevice[];
  /** No longer there. */
  readonly gone: readonly DeviceId[];
  /** Gone, or in another place or read by another page under the same name: what was known of them is of something else. */
  readonly ended: readonly DeviceId[];
}

/** A change that is ready. Neither of its two ends can fail. */
export interface PreparedChange {
  readonly change: FieldChange;
  commit(): void;
  /** Leaves all as it was. */
  abandon(): void;
}

export interface LiveFieldDependencies {
  readonly lines: FieldLines;
  readonly lessons: ReadLessons;
  readonly clock: Clock;
  /** Obeys a change at once; resolves when nothing of the former set is under way. */
  readonly onChange: (change: FieldChange) => Promise<void>;
}

interface Hung {
  readonly laid: LaidBus;
  readonly bus: Bus;
}

/** The buses and the devices in force, exchanged as a whole. A device that does not change is the same object afterwards. */
export class LiveField {
  readonly #deps: LiveFieldDependencies;
  #hung: readonly Hung[] = [];
  #devices: readonly FieldDevice[] = [];
  #byId: ReadonlyMap<DeviceId, FieldDevice> = new Map();
  #entries = new Map<DeviceId, object>();
  #groups: readonly FieldGroupEntry[] = [];
  #leaving: Promise<void> = Promise.resolve();

  constructor(deps: LiveFieldDependencies) {
    this.#deps = deps;
  }

  get buses(): readonly Bus[] {
    return this.#hung.map(({ bus }) => bus);
  }

  get devices(): readonly FieldDevice[] {
    return this.#devices;
  }

  get groups(): readonly FieldGroupEntry[] {
    return this.#groups;
  }

  device(id: DeviceId): FieldDevice | undefined {
    return this.#byId.get(id);
  }

  /** Does all that can fail, beside what is in force. Throws when a line cannot be spoken as asked. */
  prepare(layout: FieldLayout): PreparedChange {
    const opened: Bus[] = [];
    const abandon = (): void => {
      for (const bus of opened) bus.close();
    };
    try {
      const hung = layout.buses.map((laid): Hung => ({ laid, bus: this.#busFor(layout, laid.entry, opened) }));
      const entries = new Map<DeviceId, object>();
      const devices = hung.flatMap((each) => this.#devicesOf(each, layout.configuration.readOnly, entries));
      const change = this.#changeTo(layout, hung, devices);
      return { change, commit: () => this.#commit(change, hung, entries), abandon };
    } catch (thrown) {
      abandon();
      throw thrown;
    }
  }

  close(): void {
    for (const { bus } of this.#hung) bus.close();
  }

  /** Resolves when the buses that were left are closed. */
  left(): Promise<void> {
    return this.#leaving;
  }

  #busFor({ buses, configuration }: FieldLayout, entry: BusEntry, opened: Bus[]): Bus {
    const former = this.#hung.find(({ laid }) => laid.entry.id === entry.id);
    if (former !== undefined && isSameLine(former.laid.entry, entry)) return former.bus;
    const line = lineOf(entry);
    const staying = (bus: Hung): boolean => buses.some((laid) => isSameLine(laid.entry, bus.laid.entry));
    const leaving = this.#hung.filter((bus) => lineAddress(bus.bus.line) === lineAddress(line) && !staying(bus)).length;
    const { timeoutMs, id } = entry;
    const bus = this.#deps.lines.open({ id, line, timeoutMs, readOnly: configuration.readOnly, leaving });
    opened.push(bus);
    return bus;
  }

  #devicesOf({ laid, bus }: Hung, readOnly: boolean, entries: Map<DeviceId, object>): readonly FieldDevice[] {
    const { lessons, clock } = this.#deps;
    return laid.devices.map((entry) => {
      entries.set(entry.device, entry);
      const profile = laid.profiles.get(entry.profile);
      if (profile === undefined) throw new Error(`${entry.device} has no profile ${entry.profile}: check the layout first`);
      const former = this.device(entry.device);
      const isSame =
        former?.bus === bus && former.profile.hash === profile.hash && isDeepStrictEqual(this.#entries.get(entry.device), entry);
      if (isSame) return former;
      const device = createFieldDevice(entry, { bus, profile, readOnly, lessons, clock });
      // How often it was written is of the thing, not of what is said of it.
      return former !== undefined && isSamePlace(former, device) ? { ...device, pace: former.pace } : device;
    });
  }

  #changeTo(layout: FieldLayout, hung: readonly Hung[], devices: readonly FieldDevice[]): FieldChange {
    const next = new Map(devices.map((device) => [device.id, device]));
    const former = new Set(this.#devices);
    const ended = this.#devices.flatMap((device) => {
      const successor = next.get(device.id);
      return successor === undefined || !isSamePlace(device, successor) ? [device.id] : [];
    });
    return {
      layout,
      buses: new Map(hung.map(({ laid, bus }) => [laid.entry.id, bus])),
      devices,
      groups: layout.groups,
      renewed: devices.filter((device) => !former.has(device)),
      gone: ended.filter((id) => !next.has(id)),
      ended,
    };
  }

  #commit(change: FieldChange, hung: readonly Hung[], entries: Map<DeviceId, object>): void {
    const staying = new Set(hung.map(({ bus }) => bus));
    const left = this.#hung.map(({ bus }) => bus).filter((bus) => !staying.has(bus));
    const former = this.#devices;
    this.#hung = hung;
    this.#devices = change.devices;
    this.#byId = new Map(change.devices.map((device) => [device.id, device]));
    this.#entries = entries;
    this.#groups = change.groups;
    forgetUnits(former, change);
    const isOver = this.#deps.onChange(change);
    this.#leaving = Promise.all([this.#leaving, isOver]).then(() => {
      for (const bus of left) bus.close();
    });
  }
}

/** Address, speed and patience: a bus for which they stay is the same bus. */
const isSameLine = (a: BusEntry, b: BusEntry): boolean =>
  a.id === b.id && a.timeoutMs === b.timeoutMs && isDeepStrictEqual(lineOf(a), lineOf(b));

/** A unit at which something else stands now is asked as a stranger, though the one before it was left alone. */
const forgetUnits = (former: readonly FieldDevice[], { devices, renewed, ended }: FieldChange): void => {
  const kept = devices.filter((device) => !renewed.includes(device));
  for (const { id, bus, unitId } of former)
    if (ended.includes(id) && !kept.some((device) => device.bus === bus && device.unitId === unitId)) bus.forgetUnit(unitId);
};
