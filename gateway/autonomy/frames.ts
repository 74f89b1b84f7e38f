import type { FieldGroupEntry } from '#contract/messages/field-devices.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import type { FieldDevice } from '#gateway/devices/field-device.ts';

/** One write on the field bus and the lights that it sets. */
export interface Frame {
  readonly levelPercent: number;
  /** Null: this light alone. */
  readonly busGroup: number | 'broadcast' | null;
  readonly members: readonly FieldDevice[];
}

export interface LevelChange {
  readonly device: FieldDevice;
  readonly levelPercent: number;
}

/** Fewest frames first: the largest group whose members all change to the same level is one frame. */
export const planFrames = (changes: readonly LevelChange[], groups: readonly FieldGroupEntry[]): readonly Frame[] => {
  const left = new Map<DeviceId, LevelChange>(changes.map((change) => [change.device.id, change]));
  const frames: Frame[] = [];
  for (const group of groups.toSorted((a, b) => b.members.length - a.members.length)) {
    const members = group.members.flatMap((member) => left.get(member) ?? []);
    const [first] = members;
    if (first === undefined || members.length < 2 || members.length < group.members.length) continue;
    const { levelPercent, device } = first;
    const isOneFrame = members.every(
      (member) =>
        member.levelPercent === levelPercent && member.device.bus.id === group.bus && member.device.unitId === group.unitId,
    );
    if (!isOneFrame || !canCarry(device, group)) continue;
    frames.push({ levelPercent, busGroup: group.busGroup, members: members.map((member) => member.device) });
    for (const member of group.members) left.delete(member);
  }
  return [
    ...frames,
    ...[...left.values()].map(({ device, levelPercent }) => ({ levelPercent, busGroup: null, members: [device] })),
  ];
};

const canCarry = ({ profile }: FieldDevice, { busGroup }: FieldGroupEntry): boolean => {
  const write = profile.writes?.commandedLevelPercent;
  return busGroup === 'broadcast' ? write?.broadcast !== undefined : busGroup < (write?.group?.count ?? 0);
};
