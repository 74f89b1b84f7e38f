import { type ErrorCode, Fault, fault, reasonOf } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { FailSafeFinding } from '#contract/routes/gateway.ts';
import { formatInstant } from '#domain/civil-time.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import type { Bus } from '#gateway/modbus/bus.ts';
import type { Journal } from '#gateway/outbox/journal.ts';
import type { FailSafePoint } from '#gateway/profiles/fail-safe-point.ts';
import { readRegister, saidOf, wantedRaw } from './fail-safe-register.ts';
import type { FailSafeSettings } from './fail-safe-settings.ts';
import type { SettableDevice } from './field-device.ts';
import type { DeviceReading } from './read-device.ts';
import { DEVICE_READS_ONLY, writeFailSafe } from './write-device.ts';

export interface FailSafeDependencies {
  /** As they are now: devices are looked at again when they change. */
  readonly settings: FailSafeSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly journal: Journal;
}

const DAY_MS = 24 * 3600 * 1000;
/** A device that refused, or forgot at once, is not programmed again before: its memory wears. */
const AFTER_FAILURE_MS = 3600 * 1000;
/** Silence during a look says nothing of the registers. */
const AFTER_SILENCE_MS = 60 * 1000;

interface Known {
  readonly device: SettableDevice;
  readonly finding: FailSafeFinding | null;
  readonly dueAt: number;
  /** Settings of the last look, as text. */
  readonly wished: string;
  /** It stopped answering since: it may have lost its supply, and what it was told. */
  readonly wasSilent: boolean;
  readonly notBefore: number;
}

const NEVER_SEEN = { finding: null, dueAt: 0, wished: '', wasSilent: true, notBefore: 0 } as const;

/**
 * What devices do on their own, kept as wanted: at the start, after a silence and each day the registers of `failSafe` are
 * read; those that differ are programmed once, in the order of the page, and read again.
 */
export class FailSafes {
  readonly #deps: FailSafeDependencies;
  readonly #known = new Map<DeviceId, Known>();
  /** One device of a bus at a time. */
  readonly #working = new Map<Bus, Promise<void>>();
  #stopped = false;

  constructor(deps: FailSafeDependencies) {
    this.#deps = deps;
  }

  /** Sees each reading; a device that answers and is due is looked at beside the rounds. A dwelling's device never is. */
  observe({ device, at }: { readonly device: SettableDevice; readonly at: DeviceReading['at'] }): void {
    if (device.profile.failSafe === undefined || device.privacy === 'dwelling') return;
    const before = this.#known.get(device.id);
    const known = before?.device === device ? before : { ...NEVER_SEEN, device };
    const now = this.#deps.clock.monotonicNow();
    const wished = JSON.stringify(this.#deps.settings);
    const isDue = (known.wasSilent || now >= known.dueAt) && now >= known.notBefore;
    if (at === null) this.#known.set(device.id, { ...known, wasSilent: true });
    if (at === null || !(isDue || wished !== known.wished)) return;
    this.#known.set(device.id, { ...known, wished, wasSilent: false, dueAt: now + DAY_MS, notBefore: now + AFTER_SILENCE_MS });
    this.#enqueue(device);
  }

  /** Null for a device whose profile says nothing of it, or that was not looked at yet. */
  findingOf(device: DeviceId): FailSafeFinding | null {
    return this.#known.get(device)?.finding ?? null;
  }

  /** Resolves when what is being looked at is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#working.values());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.settled();
  }

  #enqueue(device: SettableDevice): void {
    const before = this.#working.get(device.bus) ?? Promise.resolve();
    this.#working.set(
      device.bus,
      before.then(() => this.#look(device)),
    );
  }

  async #look(device: SettableDevice): Promise<void> {
    if (this.#stopped) return;
    let programmed = 0;
    try {
      for (const point of device.profile.failSafe ?? []) programmed += await this.#keep(device, point);
      this.#find(device, null, programmed);
    } catch (thrown) {
      if (thrown instanceof Fault && FINDINGS[thrown.code] !== undefined) this.#find(device, thrown, programmed);
      else this.#wait(device, reasonOf(thrown));
    }
  }

  /** How many registers it programmed. Throws `FAIL_SAFE_DIFFERS`, `FAIL_SAFE_REFUSED` or a fault of the bus. */
  async #keep(device: SettableDevice, point: FailSafePoint): Promise<0 | 1> {
    const wanted = wantedRaw(point, this.#deps.settings);
    const found = await asked(device, point, readRegister(device, point));
    if (found === wanted) return 0;
    const rule = this.#ruleAgainst(device, point);
    if (rule !== null) throw differs(device, point, { found, wanted, why: rule });
    await asked(device, point, writeFailSafe(device, point, wanted));
    const readBack = await asked(device, point, readRegister(device, point));
    if (readBack !== wanted) throw differs(device, point, { found: readBack, wanted, why: 'it did not keep what was written' });
    return 1;
  }

  #ruleAgainst({ readOnly }: SettableDevice, { write }: FailSafePoint): string | null {
    if (readOnly) return DEVICE_READS_ONLY;
    if (!this.#deps.settings.program) return 'the gateway does not program it (failSafe.program: false)';
    return write === undefined ? 'the device lets nobody program it over Modbus' : null;
  }

  #find(device: SettableDevice, problem: Fault | null, programmed: number): void {
    const { clock } = this.#deps;
    const before = this.#known.get(device.id);
    if (before?.device !== device) return;
    const state = problem === null ? 'verified' : (FINDINGS[problem.code] ?? 'differs');
    const finding: FailSafeFinding = { state, at: formatInstant(clock.civilNow()), what: problem?.what ?? null };
    const notBefore = clock.monotonicNow() + (problem === null ? 0 : AFTER_FAILURE_MS);
    this.#known.set(device.id, { ...before, finding, notBefore });
    this.#tell(device.id, before.finding, problem, programmed);
  }

  /** Nothing was found: it is looked at again when it answers. */
  #wait(device: SettableDevice, why: string): void {
    this.#deps.logger.info('fail-safe-not-read', { device: device.id, why });
    const known = this.#known.get(device.id);
    if (known?.device === device) this.#known.set(device.id, { ...known, wasSilent: true });
  }

  #tell(device: DeviceId, before: FailSafeFinding | null, problem: Fault | null, programmed: number): void {
    const { journal, logger } = this.#deps;
    if (problem !== null) {
      if (before?.what === problem.what) return;
      const { code, what, message, fields } = problem;
      logger.warn('fail-safe-differs', { device, code, why: message });
      journal.event('fail-safe-differs', device, { code, register: String(fields['register']), why: what });
      return;
    }
    if (programmed === 0 && (before === null || before.state === 'verified')) return;
    logger.info('fail-safe-verified', { device, programmed });
    journal.event('fail-safe-verified', device, { programmed });
  }
}

const FINDINGS: Readonly<Partial<Record<ErrorCode, FailSafeFinding['state']>>> = {
  FAIL_SAFE_DIFFERS: 'differs',
  FAIL_SAFE_REFUSED: 'refused',
};

/** A refusal of the device is said of its register; another fault is as it is. */
const asked = async <T>(device: SettableDevice, { means }: FailSafePoint, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'MODBUS_EXCEPTION') throw thrown;
    throw fault(
      'FAIL_SAFE_REFUSED',
      { device: device.id, register: means, reason: `exception ${String(thrown.fields['exception'])}` },
      thrown,
    );
  }
};

const differs = (
  device: SettableDevice,
  point: FailSafePoint,
  { found, wanted, why }: { readonly found: number; readonly wanted: number; readonly why: string },
): Fault =>
  fault('FAIL_SAFE_DIFFERS', {
    device: device.id,
    register: point.means,
    found: saidOf(point, found),
    wanted: saidOf(point, wanted),
    why,
  });
