import { z } from 'zod';
import { Fault, fault, reasonOf } from '#contract/errors.ts';
import { orderField } from '#contract/messages/fields.ts';
import { type Telecommand, telecommandMessage } from '#contract/messages/telecommand.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { parseTopic } from '#contract/topics.ts';
import { formatInstant, parseInstant } from '#domain/civil-time.ts';
import type { DeviceId, GatewayId } from '#domain/identifiers.ts';
import type { OverrideTarget } from '#domain/lighting/override.ts';
import type { Autonomy } from '#gateway/autonomy/autonomy.ts';
import type { FieldDevice } from '#gateway/devices/field-device.ts';
import { readDevice } from '#gateway/devices/read-device.ts';
import { checkWritable, checkWritableNow, writeDevice } from '#gateway/devices/write-device.ts';
import { GATEWAY_READS_ONLY } from '#gateway/modbus/bus.ts';
import type { Journal } from '#gateway/outbox/journal.ts';
import { blink, DIM_PERCENT } from './blink.ts';
import type { TelecommandMemory } from './telecommand-memory.ts';

export interface TelecommandDependencies {
  readonly gateway: GatewayId;
  /** Every order is refused. */
  readonly readOnly: boolean;
  readonly deviceOf: (id: DeviceId) => FieldDevice | undefined;
  readonly autonomy: Autonomy;
  readonly memory: TelecommandMemory;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Target = Exclude<OverrideTarget, { kind: 'all' }>;

const targetName = (target: Target): string => (target.kind === 'device' ? target.device : target.group);

const LIMIT_BYTES = 8 * 1024;

/** All that is needed to say by which rule an order that cannot be read was refused. */
const identified = z.object({ id: orderField });

/** Where a message is wrong, and how; of several kinds of order, in the one that was meant. */
const firstProblem = ({ issues: [issue] }: z.ZodError): { readonly path: string; readonly problem: string } => {
  const path = issue?.path.map(String) ?? [];
  const [meant] = issue?.code === 'invalid_union' ? issue.errors.toSorted((a, b) => a.length - b.length) : [];
  const [inner] = meant ?? [];
  const whole = [...path, ...(inner?.path.map(String) ?? [])].join('.');
  return { path: whole || '$', problem: inner?.message ?? issue?.message ?? 'not valid' };
};

/** One-shot orders: each is obeyed once, before its expiry, within the allow-list, and answered by reports. */
export class Telecommands {
  readonly #deps: TelecommandDependencies;
  #working: Promise<void> = Promise.resolve();

  constructor(deps: TelecommandDependencies) {
    this.#deps = deps;
  }

  /** Orders are taken one after the other. Resolves when this one is obeyed or refused. */
  receive(topic: string, payload: Uint8Array): Promise<void> {
    this.#working = this.#working.then(() => this.#take(topic, payload));
    return this.#working;
  }

  async #take(topic: string, payload: Uint8Array): Promise<void> {
    const { journal, logger } = this.#deps;
    const target = this.#targetOf(topic);
    const order = this.#read(topic, payload);
    if (target === null || order === null) return;
    const device = target.kind === 'device' ? target.device : null;
    try {
      const members = this.#check(order, target);
      await this.#obey(order, target, members);
    } catch (thrown) {
      const refusal =
        thrown instanceof Fault ? thrown : fault('MESSAGE_INVALID', { topic, path: '$', problem: reasonOf(thrown) }, thrown);
      logger.warn('telecommand-refused', { order: order.id, code: refusal.code, why: refusal.message });
      const phase = refusal.code === 'TELECOMMAND_EXPIRED' ? 'expired' : 'rejected';
      journal.report(order.id, device, phase, { code: refusal.code, why: refusal.what });
    }
  }

  /** Null for a topic of another gateway. */
  #targetOf(topic: string): Target | null {
    const parsed = parseTopic(topic);
    if (parsed?.gateway !== this.#deps.gateway) return null;
    if (parsed.kind === 'telecommand') return { kind: 'device', device: parsed.device };
    return parsed.kind === 'group-telecommand' ? { kind: 'group', group: parsed.group } : null;
  }

  #read(topic: string, payload: Uint8Array): Telecommand | null {
    const { logger, journal } = this.#deps;
    let content: unknown = null;
    try {
      if (payload.length > LIMIT_BYTES) throw fault('MESSAGE_TOO_LARGE', { topic, bytes: payload.length, limit: LIMIT_BYTES });
      content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
      const parsed = telecommandMessage.safeParse(content);
      if (parsed.success) return parsed.data;
      throw fault('MESSAGE_INVALID', { topic, ...firstProblem(parsed.error) });
    } catch (thrown) {
      const wrong = thrown instanceof Fault ? thrown : fault('MESSAGE_MALFORMED', { topic, reason: reasonOf(thrown) }, thrown);
      logger.warn('telecommand-refused', { code: wrong.code, why: wrong.message });
      const named = identified.safeParse(content);
      if (named.success) journal.report(named.data.id, null, 'rejected', { code: wrong.code, why: wrong.what });
      return null;
    }
  }

  /** The devices that the order reaches. Throws the fault by which it is refused. */
  #check({ id, expiresAt, set }: Telecommand, target: Target): readonly FieldDevice[] {
    const { clock, memory, gateway, readOnly } = this.#deps;
    if (readOnly)
      throw fault('WRITE_NOT_ALLOWED', { device: targetName(target), quantity: 'anything', rule: GATEWAY_READS_ONLY });
    if (clock.civilState() === 'unknown') throw fault('CLOCK_UNTRUSTED', { id });
    if (clock.civilNow() >= parseInstant(expiresAt)) throw fault('TELECOMMAND_EXPIRED', { id, expiresAt });
    if (memory.knows(id)) throw fault('TELECOMMAND_REPEATED', { id });
    const members = this.#membersOf(target);
    if (members.length === 0) throw fault('TELECOMMAND_TARGET_UNKNOWN', { gateway, target: targetName(target) });
    for (const member of members) this.#checkAllowed(member, set);
    if ('endsAt' in set && parseInstant(set.endsAt) <= clock.civilNow())
      throw fault('OVERRIDE_END_INVALID', { endsAt: set.endsAt, latest: 'any later instant' });
    return members;
  }

  /** A level is wanted until its end, so it waits for its turn as a program does. What is done once is refused when it is too soon. */
  #checkAllowed(member: FieldDevice, set: Telecommand['set']): void {
    if ('levelPercent' in set) checkWritable(member, 'commandedLevelPercent', set.levelPercent);
    else if ('contactorClosed' in set) checkWritableNow(member, 'contactorClosed', Number(set.contactorClosed));
    else checkWritableNow(member, 'commandedLevelPercent', DIM_PERCENT);
  }

  #membersOf(target: Target): readonly FieldDevice[] {
    const { deviceOf, autonomy } = this.#deps;
    const ids = target.kind === 'device' ? [target.device] : autonomy.coveredBy(target);
    return ids.flatMap((id) => deviceOf(id) ?? []);
  }

  async #obey(order: Telecommand, target: Target, members: readonly FieldDevice[]): Promise<void> {
    const { memory, autonomy, clock, logger } = this.#deps;
    const { id, set, expiresAt, by, reason } = order;
    if ('levelPercent' in set) {
      const { levelPercent, endsAt } = set;
      const override = { id, target, levelPercent, startsAt: clock.civilNow(), endsAt: parseInstant(endsAt), by, reason };
      // A level may be obeyed twice, unlike what is done once: its frame waits for no disk.
      const kept = memory.remember(id, parseInstant(expiresAt), override);
      autonomy.obey();
      await kept.catch((thrown: unknown) => logger.error('telecommand-was-not-kept', { order: id, why: reasonOf(thrown) }));
      return;
    }
    await memory.remember(id, parseInstant(expiresAt), null);
    for (const member of members) {
      this.#deps.journal.report(id, member.id, 'accepted');
      if ('contactorClosed' in set) await this.#switch(id, member, set.contactorClosed);
      else void this.#identify(id, member);
    }
  }

  async #switch(id: string, device: FieldDevice, isClosed: boolean): Promise<void> {
    const { journal } = this.#deps;
    try {
      await writeDevice(device, 'contactorClosed', Number(isClosed));
      const readBack = (await readDevice(device, 'order')).values.get('contactorClosed') ?? null;
      if (readBack !== Number(isClosed))
        throw fault('READ_BACK_DIFFERS', {
          device: device.id,
          readBack: readBack ?? 'nothing',
          asked: Number(isClosed),
          quantity: 'contactorClosed',
        });
      journal.report(id, device.id, 'applied', { readBack: { contactorClosed: isClosed } });
      journal.report(id, device.id, 'not-provable', { why: 'a contactor has no power of its own' });
    } catch (thrown) {
      this.#fail(id, device, thrown);
    }
  }

  async #identify(id: string, device: FieldDevice): Promise<void> {
    const light = this.#deps.autonomy.light(device.id);
    if (light === undefined) return;
    try {
      await blink(light, this.#deps.clock);
      this.#deps.journal.report(id, device.id, 'applied', { why: `blinked at ${formatInstant(this.#deps.clock.civilNow())}` });
    } catch (thrown) {
      this.#fail(id, device, thrown);
    }
  }

  #fail(id: string, device: FieldDevice, thrown: unknown): void {
    const { journal, logger } = this.#deps;
    if (thrown instanceof Fault) journal.report(id, device.id, 'failed', { code: thrown.code, why: thrown.what });
    else logger.error('telecommand-failed', { order: id, device: device.id, why: reasonOf(thrown) });
  }
}
