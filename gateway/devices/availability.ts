import type { Availability } from '#contract/messages/device.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { formatInstant } from '#domain/civil-time.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import type { Journal } from '#gateway/outbox/journal.ts';
import type { DeviceReading } from './read-device.ts';

const SILENT_ROUNDS = 3;

interface Known {
  readonly message: Availability;
  readonly silentRounds: number;
}

export interface AvailabilityDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly journal: Journal;
  /** Retained; called at each change of state. */
  readonly publish: (device: DeviceId, message: Availability) => void;
}

/** Online while a device answers, degraded when some of its registers fail, offline after three silent rounds. */
export class AvailabilityBoard {
  readonly #deps: AvailabilityDependencies;
  readonly #known = new Map<DeviceId, Known>();

  constructor(deps: AvailabilityDependencies) {
    this.#deps = deps;
  }

  observe({ device, at, failures }: DeviceReading): void {
    const before = this.#known.get(device.id);
    const silentRounds = at === null ? (before?.silentRounds ?? 0) + 1 : 0;
    const state =
      at === null
        ? silentRounds >= SILENT_ROUNDS
          ? 'offline'
          : before?.message.state
        : failures.length > 0
          ? 'degraded'
          : 'online';
    if (state === undefined) {
      this.#known.set(device.id, { message: { state: 'degraded', since: this.#now(), why: 'no answer yet' }, silentRounds });
      return;
    }
    if (before !== undefined && before.message.state === state && before.message.why !== 'no answer yet') {
      this.#known.set(device.id, { ...before, silentRounds });
      return;
    }
    const why = failures[0]?.message.slice(0, 300);
    const message: Availability = { state, since: this.#now(), ...(why === undefined ? {} : { why }) };
    this.#known.set(device.id, { message, silentRounds });
    this.#deps.publish(device.id, message);
    this.#tell(device.id, before?.message.state, state, why);
  }

  /** They are no longer there. */
  forget(devices: readonly DeviceId[]): void {
    for (const device of devices) this.#known.delete(device);
  }

  /** Every state known, to be said again after a reconnection. */
  all(): readonly (readonly [DeviceId, Availability])[] {
    return [...this.#known]
      .filter(([, { message }]) => message.why !== 'no answer yet')
      .map(([id, { message }]) => [id, message]);
  }

  count(state: Availability['state']): number {
    return this.all().filter(([, message]) => message.state === state).length;
  }

  #tell(device: DeviceId, before: Availability['state'] | undefined, now: Availability['state'], why: string | undefined): void {
    const { logger, journal } = this.#deps;
    if (now === 'offline') {
      logger.warn('device-became-silent', { device, why });
      journal.event('device-became-silent', device);
    } else if (before === 'offline') {
      logger.info('device-answered-again', { device });
      journal.event('device-answered-again', device);
    }
  }

  #now(): string {
    return formatInstant(this.#deps.clock.civilNow());
  }
}
