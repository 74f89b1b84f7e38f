import { Fault, fault } from '#contract/errors.ts';
import type { DevicesDocument } from '#contract/messages/documents.ts';
import type { FieldDeviceEntry, FieldGroupEntry } from '#contract/messages/field-devices.ts';
import type { BusEntry, GatewayConfiguration } from '#gateway/configuration.ts';
import { type DeviceProfiles, readProfile } from '#gateway/profiles/load-profiles.ts';
import { pathText } from '#gateway/profiles/yaml-page.ts';
import { type DeviceList, type Problem, problemsOfDevices, problemsOfGroups } from './device-rules.ts';

export interface LaidBus {
  readonly entry: BusEntry;
  /** Of its owner. */
  readonly devices: readonly FieldDeviceEntry[];
  readonly profiles: DeviceProfiles;
}

/** What hangs where: what the file says and what the centre says, checked together. */
export interface FieldLayout {
  readonly configuration: GatewayConfiguration;
  readonly buses: readonly LaidBus[];
  readonly groups: readonly FieldGroupEntry[];
  /** Of the gateway. */
  readonly library: DeviceProfiles;
  /** Those that the document brought. */
  readonly broughtProfiles: DeviceProfiles;
}

/** Takes a checked file, a document or none, and the gateway's own profiles. Throws `DOCUMENT_INVALID` when the document does not go with them. */
export const layOut = (
  configuration: GatewayConfiguration,
  document: DevicesDocument | null,
  library: DeviceProfiles,
): FieldLayout => {
  const broughtProfiles = document === null ? new Map() : readPages(document);
  const profiles: DeviceProfiles = new Map([...library, ...broughtProfiles]);
  if (document !== null) refuseFirst(document, problemsOfDocument(configuration, document, profiles));
  return {
    configuration,
    library,
    broughtProfiles,
    groups: [...configuration.groups, ...(document?.groups ?? [])],
    buses: configuration.buses.map((entry) =>
      entry.devicesFrom === 'centre'
        ? { entry, profiles, devices: document?.buses.find(({ bus }) => bus === entry.id)?.devices ?? [] }
        : { entry, profiles: library, devices: entry.devices },
    ),
  };
};

const refuseFirst = ({ revision }: DevicesDocument, [first]: readonly Problem[]): void => {
  if (first === undefined) return;
  const { path, problem, expected } = first;
  throw fault('DOCUMENT_INVALID', {
    document: 'devices',
    revision,
    path: pathText(path),
    problem: `${problem} (${expected})`,
  });
};

const readPages = ({ revision, profiles }: DevicesDocument): DeviceProfiles =>
  new Map(
    Object.entries(profiles).map(([name, text]) => {
      try {
        return [name, readProfile(text, `${name}.yaml`)];
      } catch (thrown) {
        if (!(thrown instanceof Fault) || thrown.code !== 'PROFILE_INVALID') throw thrown;
        const { line, path, problem } = thrown.fields;
        throw fault(
          'DOCUMENT_INVALID',
          { document: 'devices', revision, path: `profiles.${name}`, problem: `line ${line}, at ${path}: ${problem}` },
          thrown,
        );
      }
    }),
  );

const problemsOfDocument = (
  { buses, groups }: GatewayConfiguration,
  document: DevicesDocument,
  profiles: DeviceProfiles,
): readonly Problem[] => {
  const lists: readonly DeviceList[] = document.buses.map(({ bus, devices }, index) => ({
    bus,
    path: ['buses', index],
    devices,
    profiles,
  }));
  const taken = {
    devices: new Set(buses.flatMap(({ devices }) => devices.map(({ device }) => device))),
    groups: new Set(groups.map(({ group }) => group)),
  };
  return [
    ...problemsOfOwners(buses, document),
    ...problemsOfDevices(lists, taken),
    ...problemsOfGroups(document.groups, lists, taken),
  ];
};

const problemsOfOwners = (buses: readonly BusEntry[], document: DevicesDocument): readonly Problem[] =>
  document.buses.flatMap(({ bus }, index) => {
    const path = ['buses', index, 'bus'];
    const entry = buses.find(({ id }) => id === bus);
    const ours = buses.flatMap(({ id, devicesFrom }) => (devicesFrom === 'centre' ? [id] : []));
    const expected = ours.length === 0 ? 'no bus of this gateway is the centre’s' : `buses of the centre: ${ours.join(', ')}`;
    if (entry === undefined) return [{ path, problem: `this gateway has no bus ${bus}`, expected }];
    if (entry.devicesFrom !== 'centre') return [{ path, problem: `the gateway’s file owns the devices of ${bus}`, expected }];
    return document.buses.findIndex((other) => other.bus === bus) < index
      ? [{ path, problem: `${bus} is there twice`, expected: 'say each bus once' }]
      : [];
  });
