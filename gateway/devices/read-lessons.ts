import { z } from 'zod';
import { reasonOf } from '#contract/errors.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import type { ReadSpan } from '#gateway/modbus/read-plan.ts';

const tableField = z.enum(['coil', 'discrete', 'holding', 'input']);
const lessonsOfDevice = z.strictObject({
  /** Of the profile under which they were learnt. */
  profile: z.string(),
  cuts: z.array(z.strictObject({ table: tableField, address: z.int() })),
  refused: z.array(z.strictObject({ table: tableField, address: z.int(), count: z.int() })),
});
const keptLessons = z.record(z.string(), lessonsOfDevice);
type LessonsOfDevice = z.infer<typeof lessonsOfDevice>;

const SHELF_NAME = 'read-lessons';

export interface ReadLessonsDependencies {
  readonly shelf: DocumentShelf;
  readonly logger: Logger;
}

const isSame = (a: ReadSpan, b: ReadSpan): boolean => a.table === b.table && a.address === b.address && a.count === b.count;

/** What each device taught by refusing a read, kept over restarts. Forgotten with the profile under which it was learnt. */
export class ReadLessons {
  readonly #deps: ReadLessonsDependencies;
  readonly #devices = new Map<string, LessonsOfDevice>();
  readonly #nothing = new Map<string, LessonsOfDevice>();
  #saving: Promise<void> = Promise.resolve();

  constructor(deps: ReadLessonsDependencies) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const text = await this.#deps.shelf.get(SHELF_NAME);
    if (text === null) return;
    try {
      for (const [device, lessons] of Object.entries(keptLessons.parse(JSON.parse(text)))) this.#devices.set(device, lessons);
    } catch (thrown) {
      this.#deps.logger.warn('read-lessons-were-forgotten', { why: reasonOf(thrown) });
    }
  }

  /** The same object until something more is learnt. */
  of(device: DeviceId, profile: string): Readonly<LessonsOfDevice> {
    const known = this.#devices.get(device);
    if (known?.profile === profile) return known;
    const nothing = this.#nothing.get(profile) ?? { profile, cuts: [], refused: [] };
    this.#nothing.set(profile, nothing);
    return nothing;
  }

  /** A request that goes over this address is refused, though each side of it is answered. */
  cut(device: DeviceId, profile: string, border: LessonsOfDevice['cuts'][number]): void {
    const { cuts, refused } = this.of(device, profile);
    this.#deps.logger.info('read-was-split', { device, ...border });
    this.#keep(device, { profile, refused, cuts: [...cuts, border] });
  }

  /** The device has no such registers. */
  refuse(device: DeviceId, profile: string, span: ReadSpan): void {
    const { cuts, refused } = this.of(device, profile);
    if (refused.some((each) => isSame(each, span))) return;
    this.#deps.logger.warn('register-became-unsupported', { device, ...span });
    this.#keep(device, { profile, cuts, refused: [...refused, { ...span }] });
  }

  /** The device answers there after all. */
  accept(device: DeviceId, profile: string, span: ReadSpan): void {
    const { cuts, refused } = this.of(device, profile);
    this.#deps.logger.info('register-became-supported', { device, ...span });
    this.#keep(device, { profile, cuts, refused: refused.filter((each) => !isSame(each, span)) });
  }

  forgetCuts(device: DeviceId, profile: string): void {
    this.#keep(device, { ...this.of(device, profile), cuts: [] });
  }

  /** Resolves when all that was learnt is on the disk, or was said not to be. */
  saved(): Promise<void> {
    return this.#saving;
  }

  #keep(device: DeviceId, lessons: LessonsOfDevice): void {
    this.#devices.set(device, lessons);
    const { shelf, logger } = this.#deps;
    this.#saving = this.#saving
      .then(() => shelf.put(SHELF_NAME, JSON.stringify(Object.fromEntries(this.#devices))))
      .catch((thrown: unknown) => logger.error('read-lessons-were-not-kept', { why: reasonOf(thrown) }));
  }
}
