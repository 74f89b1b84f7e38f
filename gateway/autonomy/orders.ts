import { z } from 'zod';
import { type ErrorCode, fault } from '#contract/errors.ts';
import type { ProgramsDocument } from '#contract/messages/documents.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import { overrideBehind } from '#domain/lighting/level-reason.ts';
import type { Override } from '#domain/lighting/override.ts';
import { proveLevel } from '#domain/lighting/prove-level.ts';
import { percent, watts } from '#domain/units.ts';
import type { Journal } from '#gateway/outbox/journal.ts';
import type { Light } from './light.ts';

const followedDevice = z.strictObject({
  phase: z.enum(['accepted', 'applied', 'closed']),
  /** What the light did before the order took hold; null until then. */
  previousPercent: z.number().nullable(),
});
const followedOrders = z.record(
  z.string(),
  z.strictObject({ endsAt: z.number(), devices: z.record(z.string(), followedDevice) }),
);

type FollowedDevice = z.infer<typeof followedDevice>;
type FollowedOrder = z.infer<typeof followedOrders>[string];

export interface OrdersDependencies {
  readonly shelf: DocumentShelf;
  readonly clock: Clock;
  readonly journal: Journal;
}

const SHELF_NAME = 'orders';
const PROOF_PATIENCE_MS = 120_000;
const RETRY_AFTER_MS = PROOF_PATIENCE_MS / 2;

/** The override that decides a light's level. */
const winningIdOn = ({ resolved }: Light): string | null =>
  resolved === null ? null : (overrideBehind(resolved.why)?.id ?? null);

/**
 * Follows each override on each light: accepted, applied (the control gear said the level), then proved by the lamp's own
 * power, not provable, or failed. What was reached is remembered over restarts, so that nothing is said twice.
 */
export class Orders {
  readonly #deps: OrdersDependencies;
  readonly #orders = new Map<string, FollowedOrder>();
  /** Monotonic, since when an order waits in its phase on a light; not kept over restarts. */
  readonly #since = new Map<FollowedDevice, { readonly at: number; readonly isRetried: boolean }>();
  #saved = '{}';

  constructor(deps: OrdersDependencies) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const text = await this.#deps.shelf.get(SHELF_NAME);
    if (text === null) return;
    for (const [id, order] of Object.entries(followedOrders.parse(JSON.parse(text)))) this.#orders.set(id, order);
    this.#saved = text;
  }

  /** Begins to follow an override on the lights that it covers. */
  accept(override: Override, devices: readonly DeviceId[]): void {
    this.#take(override, devices, 'accepted', (device) => this.#deps.journal.report(override.id, device, 'accepted'));
  }

  /** Says once, for lights that it covers and that may not be written, by which rule. */
  refuse(override: Override, devices: readonly DeviceId[], rule: string): void {
    this.#take(override, devices, 'closed', (device) => {
      const { code, what } = fault('WRITE_NOT_ALLOWED', { device, quantity: 'commandedLevelPercent', rule });
      this.#deps.journal.report(override.id, device, 'rejected', { code, why: what });
    });
  }

  /** Before the writes of a pass: what the light did until now is what its power is told apart from. */
  begin(light: Light): void {
    const followed = this.#winningOn(light);
    if (followed?.phase === 'accepted') followed.previousPercent ??= light.effective ?? light.commanded;
  }

  /** Whether the light's own power is awaited. */
  awaitsProof(light: Light): boolean {
    return this.#winningOn(light)?.phase === 'applied';
  }

  /** After the readings of a pass. */
  follow(light: Light, programs: ProgramsDocument | null): void {
    const winning = winningIdOn(light);
    this.#closeSuperseded(light, winning);
    const followed = this.#winningOn(light);
    if (followed === undefined || winning === null) return;
    if (followed.phase === 'accepted') this.#followApplication(winning, followed, light);
    if (followed.phase === 'applied') this.#followProof(winning, followed, light, programs);
  }

  /** Ends what has reached its end, and what the centre no longer wants. */
  end(wanted: readonly Override[]): void {
    const now = this.#deps.clock.civilNow();
    for (const [id, order] of this.#orders) {
      const isWanted = wanted.some((override) => override.id === id);
      if (isWanted && now < order.endsAt) continue;
      for (const [device, followed] of Object.entries(order.devices)) this.#closeUnfinished(id, device as DeviceId, followed);
      this.#deps.journal.event('override-ended', null, { override: id, ...(now < order.endsAt ? { cancelled: true } : {}) });
      this.#orders.delete(id);
    }
  }

  async save(): Promise<void> {
    const text = JSON.stringify(Object.fromEntries(this.#orders));
    if (text === this.#saved) return;
    await this.#deps.shelf.put(SHELF_NAME, text);
    this.#saved = text;
  }

  /** `say` is called for each light that this override had not reached yet. */
  #take(override: Override, devices: readonly DeviceId[], phase: FollowedDevice['phase'], say: (device: DeviceId) => void): void {
    if (override.endsAt <= this.#deps.clock.civilNow() || devices.length === 0) return;
    const order = this.#orders.get(override.id) ?? { endsAt: override.endsAt, devices: {} };
    order.endsAt = override.endsAt;
    this.#orders.set(override.id, order);
    for (const device of devices) {
      if (order.devices[device] !== undefined) continue;
      order.devices[device] = { phase, previousPercent: null };
      say(device);
    }
  }

  #winningOn(light: Light): FollowedDevice | undefined {
    const winning = winningIdOn(light);
    return winning === null ? undefined : this.#orders.get(winning)?.devices[light.device.id];
  }

  #waitedMs(followed: FollowedDevice): number {
    const since = this.#since.get(followed)?.at ?? this.#deps.clock.monotonicNow();
    if (!this.#since.has(followed)) this.#since.set(followed, { at: since, isRetried: false });
    return this.#deps.clock.monotonicNow() - since;
  }

  #followApplication(id: string, followed: FollowedDevice, light: Light): void {
    const { journal } = this.#deps;
    const level = light.resolved?.levelPercent ?? 0;
    const waitedMs = this.#waitedMs(followed);
    if (light.isVerified && light.commanded === level) {
      followed.phase = 'applied';
      this.#since.delete(followed);
      journal.report(id, light.device.id, 'applied', { readBack: { levelPercent: level } });
      return;
    }
    if (waitedMs < PROOF_PATIENCE_MS) return;
    const { id: device } = light.device;
    const reason =
      light.lastFault ??
      fault('READ_BACK_DIFFERS', {
        device,
        readBack: light.effective ?? 'nothing',
        asked: level,
        quantity: 'commandedLevelPercent',
      });
    this.#close(id, device, followed, 'failed', { code: reason.code, why: reason.what });
  }

  #followProof(id: string, followed: FollowedDevice, light: Light, programs: ProgramsDocument | null): void {
    const { id: device, profile } = light.device;
    const level = light.resolved?.levelPercent ?? 0;
    const table = programs?.lightPoints.find((lightPoint) => lightPoint.device === device)?.powerTable;
    const waitedMs = this.#waitedMs(followed);
    if (profile.points.activePowerW === undefined || table === undefined || followed.previousPercent === null) {
      const why = table === undefined ? 'it has no power table' : 'it has no power of its own, or its former level is unknown';
      this.#close(id, device, followed, 'not-provable', { why });
      return;
    }
    const answer = proveLevel({
      table,
      level: percent(level),
      previousLevel: percent(followed.previousPercent),
      observed: light.observedW === null ? null : watts(light.observedW),
    });
    if (answer.outcome === 'proved') {
      const { observedW, expectedW } = answer;
      this.#close(id, device, followed, 'proved', { readBack: { levelPercent: level }, proof: { observedW, expectedW } });
    } else if (answer.outcome === 'not-provable') this.#close(id, device, followed, 'not-provable', { why: answer.why });
    else this.#insist(id, followed, light, { waitedMs, expectedW: answer.expectedW, level });
  }

  /** The write is made once more after a minute; after two the lamp has failed to prove it. */
  #insist(
    id: string,
    followed: FollowedDevice,
    light: Light,
    wait: { waitedMs: number; expectedW: number; level: number },
  ): void {
    const { waitedMs, expectedW, level } = wait;
    const since = this.#since.get(followed);
    if (since !== undefined && !since.isRetried && waitedMs >= RETRY_AFTER_MS) {
      this.#since.set(followed, { at: since.at, isRetried: true });
      light.forgetCommanded();
    }
    if (waitedMs < PROOF_PATIENCE_MS) return;
    const { observedW } = light;
    const missing = fault('PROOF_MISSING', {
      device: light.device.id,
      observedW: observedW ?? 'an unknown power of',
      expectedW: Math.round(expectedW * 10) / 10,
      levelPercent: level,
    });
    this.#close(id, light.device.id, followed, 'failed', {
      code: missing.code,
      why: missing.what,
      ...(observedW === null ? {} : { proof: { observedW, expectedW } }),
    });
  }

  #closeSuperseded(light: Light, winning: string | null): void {
    for (const [id, { devices }] of this.#orders) {
      const followed = devices[light.device.id];
      if (id !== winning && followed?.phase === 'applied')
        this.#close(id, light.device.id, followed, 'not-provable', { why: 'another order took its place before it was proved' });
    }
  }

  #closeUnfinished(id: string, device: DeviceId, followed: FollowedDevice): void {
    if (followed.phase === 'accepted') this.#close(id, device, followed, 'expired', { why: 'it ended before it was applied' });
    if (followed.phase === 'applied') this.#close(id, device, followed, 'not-provable', { why: 'it ended before it was proved' });
  }

  #close(
    id: string,
    device: DeviceId,
    followed: FollowedDevice,
    phase: 'proved' | 'not-provable' | 'failed' | 'expired',
    details: {
      code?: ErrorCode;
      why?: string;
      proof?: { observedW: number; expectedW: number };
      readBack?: { levelPercent: number };
    },
  ): void {
    followed.phase = 'closed';
    this.#since.delete(followed);
    this.#deps.journal.report(id, device, phase, details);
  }
}
