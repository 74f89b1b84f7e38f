import { z } from 'zod';
import type { Clock } from '#contract/ports/clock.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import { instant } from '#domain/civil-time.ts';
import type { DeviceId, GroupId } from '#domain/identifiers.ts';
import type { Override, OverrideTarget } from '#domain/lighting/override.ts';

const storedTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('device'), id: z.string() }),
  z.strictObject({ kind: z.literal('group'), id: z.string() }),
]);

const stored = z.strictObject({
  /** Expiry of each order received, in epoch milliseconds. */
  received: z.record(z.string(), z.number()),
  provisional: z.array(
    z.strictObject({
      id: z.string(),
      target: storedTarget,
      levelPercent: z.number(),
      startsAt: z.number(),
      endsAt: z.number(),
      by: z.string(),
      reason: z.string(),
    }),
  ),
});
type Stored = z.infer<typeof stored>;

const SHELF_NAME = 'telecommands';

const targetFrom = ({ kind, id }: z.infer<typeof storedTarget>): OverrideTarget =>
  kind === 'device' ? { kind, device: id as DeviceId } : { kind, group: id as GroupId };

const targetTo = (target: Exclude<OverrideTarget, { kind: 'all' }>): z.infer<typeof storedTarget> =>
  target.kind === 'device' ? { kind: 'device', id: target.device } : { kind: 'group', id: target.group };

/** Orders received, until they expire, and the overrides they stand for until the centre's document holds them. Kept over restarts. */
export class TelecommandMemory {
  readonly #shelf: DocumentShelf;
  readonly #clock: Clock;
  #kept: Stored = { received: {}, provisional: [] };

  constructor(shelf: DocumentShelf, clock: Clock) {
    this.#shelf = shelf;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    const text = await this.#shelf.get(SHELF_NAME);
    if (text !== null) this.#kept = stored.parse(JSON.parse(text));
  }

  knows(id: string): boolean {
    return this.#kept.received[id] !== undefined;
  }

  /** Known at once. Resolves when it is on the disk: what is done once is done only then, so that it is never done twice. */
  async remember(
    id: string,
    expiresAt: number,
    override: (Override & { target: Exclude<OverrideTarget, { kind: 'all' }> }) | null,
  ): Promise<void> {
    const now = this.#clock.civilNow();
    const received = Object.entries(this.#kept.received).filter(([, until]) => until > now);
    const provisional = this.#kept.provisional.filter(({ endsAt }) => endsAt > now);
    this.#kept = {
      received: Object.fromEntries([...received, [id, expiresAt]]),
      provisional: override === null ? provisional : [...provisional, { ...override, target: targetTo(override.target) }],
    };
    await this.#save();
  }

  /** Overrides that no document holds yet and that have not ended. */
  provisional(): readonly Override[] {
    return this.#kept.provisional
      .filter(({ endsAt }) => endsAt > this.#clock.civilNow())
      .map((one) => ({ ...one, target: targetFrom(one.target), startsAt: instant(one.startsAt), endsAt: instant(one.endsAt) }));
  }

  /** The centre's document holds these: they are no longer ours. */
  async giveOver(ids: readonly string[]): Promise<void> {
    const provisional = this.#kept.provisional.filter(({ id }) => !ids.includes(id));
    if (provisional.length === this.#kept.provisional.length) return;
    this.#kept = { ...this.#kept, provisional };
    await this.#save();
  }

  #save(): Promise<void> {
    return this.#shelf.put(SHELF_NAME, JSON.stringify(this.#kept));
  }
}
