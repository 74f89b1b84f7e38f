import { z } from 'zod';
import { reasonOf } from '#contract/errors.ts';
import type { Field } from '#contract/messages/field.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { topics } from '#contract/topics.ts';
import { formatInstant } from '#domain/civil-time.ts';
import type { DeviceId, GatewayId } from '#domain/identifiers.ts';
import { birthOf } from '#gateway/devices/birth.ts';
import type { FieldDevice } from '#gateway/devices/field-device.ts';
import type { DeviceProfiles } from '#gateway/profiles/load-profiles.ts';
import type { FieldLayout } from './layout.ts';

const introduced = z.array(z.string());

const SHELF_NAME = 'introduced-devices';

export interface IntroductionDependencies {
  readonly gateway: GatewayId;
  readonly shelf: DocumentShelf;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Retained. True once the broker has it; false when it could not be said. */
  readonly say: (topic: string, payload: string) => Promise<boolean>;
}

/** What the broker keeps of the devices: their births, and nothing of those that are no longer there, whenever they left. */
export class Introduction {
  readonly #deps: IntroductionDependencies;
  /** Devices of which the broker may keep something. */
  #known = new Set<string>();
  #saved = '';
  #working: Promise<void> = Promise.resolve();

  constructor(deps: IntroductionDependencies) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const text = await this.#deps.shelf.get(SHELF_NAME);
    if (text !== null) this.#known = new Set(introduced.parse(JSON.parse(text)));
  }

  /** Says these births and the field, and takes back what was said of devices that are not among `all`. */
  introduce(births: readonly FieldDevice[], all: readonly FieldDevice[], layout: FieldLayout): Promise<void> {
    this.#working = this.#working
      .then(() => this.#introduce(births, all, layout))
      .catch((thrown: unknown) => this.#deps.logger.error('introduction-failed', { why: reasonOf(thrown) }));
    return this.#working;
  }

  async #introduce(births: readonly FieldDevice[], all: readonly FieldDevice[], layout: FieldLayout): Promise<void> {
    const { gateway, clock, say } = this.#deps;
    const present = new Set<string>(all.map(({ id }) => id));
    await this.#keep(new Set([...this.#known, ...present]));
    await say(topics.field(gateway), JSON.stringify(fieldOf(layout, formatInstant(clock.civilNow()))));
    const birth = (device: FieldDevice): string => JSON.stringify(birthOf(device, clock.civilNow()));
    await Promise.all(births.map((device) => say(topics.birth(gateway, device.id), birth(device))));
    const left = [...this.#known].filter((device) => !present.has(device));
    const takenBack = await Promise.all(left.map((device) => this.#takeBack(device as DeviceId)));
    const isStillKnown = (device: string): boolean => takenBack[left.indexOf(device)] !== true;
    await this.#keep(new Set([...this.#known].filter(isStillKnown)));
  }

  async #takeBack(device: DeviceId): Promise<boolean> {
    const { gateway, say } = this.#deps;
    const said = await Promise.all([say(topics.birth(gateway, device), ''), say(topics.availability(gateway, device), '')]);
    return said.every(Boolean);
  }

  async #keep(known: Set<string>): Promise<void> {
    const text = JSON.stringify([...known].sort());
    this.#known = known;
    if (text === this.#saved) return;
    await this.#deps.shelf.put(SHELF_NAME, text);
    this.#saved = text;
  }
}

const profilesOf = (profiles: DeviceProfiles, origin: Field['profiles'][number]['origin']): Field['profiles'] =>
  [...profiles.values()].map(({ profile, vendor, models, kind, channels, writes, hash }) => ({
    profile,
    vendor,
    models,
    kind,
    ...(channels === undefined ? {} : { channels }),
    writes: Object.keys(writes ?? {}),
    hash,
    origin,
  }));

/** What the centre must know to say devices. */
const fieldOf = ({ buses, library, broughtProfiles }: FieldLayout, at: string): Field => ({
  at,
  buses: buses.map(({ entry, devices }) => ({
    bus: entry.id,
    kind: entry.kind,
    devicesFrom: entry.devicesFrom ?? 'file',
    devices: devices.map(({ device, profile, unitId, channel }) => ({
      device,
      profile,
      unitId,
      ...(channel === undefined ? {} : { channel }),
    })),
  })),
  profiles: [
    ...profilesOf(new Map([...library].filter(([name]) => !broughtProfiles.has(name))), 'gateway'),
    ...profilesOf(broughtProfiles, 'document'),
  ],
});
