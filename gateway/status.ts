import type { Status } from '#contract/messages/status.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import type { LastWill } from '#contract/ports/message-bus.ts';
import { topics } from '#contract/topics.ts';
import { formatInstant } from '#domain/civil-time.ts';
import type { GatewayId } from '#domain/identifiers.ts';
import type { DesiredState } from './autonomy/desired-state.ts';
import type { RefusedFile } from './field/reconfiguration.ts';
import type { Outbox } from './outbox/outbox.ts';

const SHELF_NAME = 'boot';

/** The boot that the next start of this gateway will have: one more than the last. Counts nothing by itself. */
export const readBoot = async (shelf: DocumentShelf): Promise<number> => {
  const last = Number(await shelf.get(SHELF_NAME));
  return Number.isSafeInteger(last) && last >= 0 ? last + 1 : 1;
};

/** Resolves when the boot is on the disk: its batches may then be numbered. */
export const keepBoot = (shelf: DocumentShelf, boot: number): Promise<void> => shelf.put(SHELF_NAME, String(boot));

/** What the broker says of a gateway that was cut off. */
export const gatewayLastWill = (gateway: GatewayId, boot: number, version: string): LastWill => {
  const offline: Status = { state: 'offline', boot, version };
  return { topic: topics.status(gateway), payload: JSON.stringify(offline), retain: true };
};

type OnlineStatus = Extract<Status, { state: 'online' }>;

export interface StatusParts {
  readonly boot: number;
  readonly version: string;
  readonly clock: Clock;
  readonly desired: DesiredState;
  readonly refusedFile: RefusedFile | null;
  /** Batches not acknowledged, the instant of the oldest, where they wait, and our clock minus the centre's. */
  readonly outbox: Pick<Outbox, 'depth' | 'storage' | 'centre'>;
  readonly oldestAt: string | null;
}

/** A clock that says it is right, and is not the centre's, is `unsynchronised`: one of the two is wrong, and a person must look. */
const clockStatus = (clock: Clock, { centre }: StatusParts['outbox']): OnlineStatus['clock'] => {
  const state = clock.civilState();
  return {
    state: state === 'synchronised' && centre.isApart ? 'unsynchronised' : state,
    ...(centre.offsetMs === null ? {} : { offsetMs: centre.offsetMs }),
  };
};

export const onlineStatus = ({ boot, version, clock, desired, refusedFile, outbox, oldestAt }: StatusParts): Status => {
  const refused = desired.refused();
  return {
    state: 'online',
    at: formatInstant(clock.civilNow()),
    boot,
    version,
    clock: clockStatus(clock, outbox),
    outbox: { depth: outbox.depth, storage: outbox.storage, ...(oldestAt === null ? {} : { oldestAt }) },
    applied: desired.applied(),
    ...(refused.length === 0 ? {} : { refused: [...refused] }),
    ...(refusedFile === null ? {} : { refusedFile }),
  };
};
