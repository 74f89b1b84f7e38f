import type { FieldDeviceEntry, FieldGroupEntry } from '#contract/messages/field-devices.ts';
import type { DeviceProfiles } from '#gateway/profiles/load-profiles.ts';

/** What breaks a rule, where it stands in its file or its document. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly problem: string;
  readonly expected: string;
}

/** The devices that one owner says of one bus. */
export interface DeviceList {
  readonly bus: string;
  /** Of the bus in its file or its document. */
  readonly path: readonly PropertyKey[];
  readonly devices: readonly FieldDeviceEntry[];
  readonly profiles: DeviceProfiles;
}

/** Names that the other owner gave. */
export interface TakenNames {
  readonly devices: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

export const NOTHING_TAKEN: TakenNames = { devices: new Set(), groups: new Set() };

const isUnknownChannel = (channels: number | undefined, channel: number | undefined): boolean =>
  channels === undefined ? channel !== undefined : channel === undefined || channel >= channels;

/** Rules that a device breaks by itself: key, problem, what was expected. */
const problemsOfOne = (entry: FieldDeviceEntry, profiles: DeviceProfiles): readonly (readonly [string, string, string])[] => {
  const profile = profiles.get(entry.profile);
  if (profile === undefined)
    return [['profile', `there is no profile ${entry.profile}`, `profiles: ${[...profiles.keys()].join(', ')}`]];
  const { channels, writes } = profile;
  const problems: (readonly [string, string, string])[] = [];
  if (isUnknownChannel(channels, entry.channel))
    problems.push([
      'channel',
      `channel ${entry.channel ?? 'absent'}`,
      channels === undefined ? 'this profile has none' : `a channel from 0 to ${channels - 1}`,
    ]);
  if (entry.privacy === 'dwelling' && !entry.readOnly && writes !== undefined)
    problems.push(['privacy', 'a dwelling’s device that could be written', 'say readOnly: true']);
  return problems;
};

/** Devices of a file or of a document, all its buses at once. */
export const problemsOfDevices = (lists: readonly DeviceList[], taken: TakenNames = NOTHING_TAKEN): readonly Problem[] => {
  const seen = new Set<string>(taken.devices);
  return lists.flatMap(({ bus, path, devices, profiles }) => {
    const places = new Map<string, string>();
    return devices.flatMap((entry, index) => {
      const at = (key: string) => [...path, 'devices', index, key];
      const place = `${entry.unitId} ${entry.profile} ${entry.channel ?? ''}`;
      const same = places.get(place);
      const problems = problemsOfOne(entry, profiles).map(([key, problem, expected]) => ({ path: at(key), problem, expected }));
      if (seen.has(entry.device))
        problems.push({
          path: at('device'),
          problem: `${entry.device} is there twice`,
          expected: 'give each device its own name',
        });
      if (same !== undefined)
        problems.push({
          path: at('unitId'),
          problem: `${entry.device} is where ${same} is: unit ${entry.unitId} of ${bus}`,
          expected: 'two devices of one profile have two units, or two channels',
        });
      seen.add(entry.device);
      places.set(place, entry.device);
      return problems;
    });
  });
};

export const problemsOfGroups = (
  groups: readonly FieldGroupEntry[],
  lists: readonly DeviceList[],
  taken: TakenNames = NOTHING_TAKEN,
): readonly Problem[] => {
  const seen = new Set<string>(taken.groups);
  return groups.flatMap(({ group, bus, unitId, members }, index) => {
    const there = lists.find((list) => list.bus === bus)?.devices.filter((entry) => entry.unitId === unitId);
    const stranger = members.find((member) => !there?.some(({ device }) => device === member));
    const problems: Problem[] = [];
    if (seen.has(group))
      problems.push({
        path: ['groups', index, 'group'],
        problem: `${group} is there twice`,
        expected: 'give each group its own name',
      });
    if (stranger !== undefined)
      problems.push({
        path: ['groups', index, 'members'],
        problem: `${stranger} is not on unit ${unitId} of bus ${bus}`,
        expected: 'members hang on the unit of their group',
      });
    seen.add(group);
    return problems;
  });
};
