import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { fault } from '#contract/errors.ts';
import { deviceField, gatewayField, groupField, pointField, timeZoneField } from '#contract/messages/fields.ts';
import { timeZone } from '#domain/civil-time.ts';
import { IDENTIFIER_PATTERN } from '#domain/identifiers.ts';
import { failSafeSettings } from './devices/fail-safe-settings.ts';
import { lineAddress, type ModbusLine, type SerialSpeed } from './modbus/transport.ts';
import type { DeviceProfiles } from './profiles/load-profiles.ts';
import { pathText, readYamlPage, type YamlPage } from './profiles/yaml-page.ts';

const secondsField = z.int().min(1).max(3600);

const deviceEntry = z.strictObject({
  device: deviceField,
  profile: z.string().regex(IDENTIFIER_PATTERN),
  unitId: z.int().min(1).max(247),
  /** For a profile that has channels: which one, from 0. */
  channel: z.int().min(0).max(255).optional(),
  /** The measurement point its readings belong to. */
  point: pointField.optional(),
  /** A dwelling's point publishes its registers only, at the consented grain. */
  privacy: z.enum(['operational', 'dwelling']).default('operational'),
  /** Nothing of it is ever written, whatever its profile allows. */
  readOnly: z.boolean().default(false),
});

const groupEntry = z.strictObject({
  group: groupField,
  bus: z.string().regex(IDENTIFIER_PATTERN),
  unitId: z.int().min(1).max(247),
  /** Number under which the members were commissioned on the device, or `broadcast` for all that hang on it. */
  busGroup: z.union([z.int().min(0).max(255), z.literal('broadcast')]),
  members: z.array(deviceField).min(1).max(256),
});

const busFields = {
  id: z.string().regex(IDENTIFIER_PATTERN),
  /** How long a device may take to answer while nothing is known of it; then its own answers say. */
  timeoutMs: z.int().min(20).max(60_000).default(1000),
  devices: z.array(deviceEntry).min(1).max(1000),
};
const socketFields = { host: z.string().min(1).max(255), port: z.int().min(1).max(65_535) };
const serialFields = {
  baudRate: z.int().min(300).max(1_000_000).default(9600),
  parity: z.enum(['none', 'even', 'odd']).default('none'),
  stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
};

/** Buses with one address are one line, with one queue. */
const busEntry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tcp').optional().default('tcp'), ...busFields, ...socketFields }),
  /** A serial device server that passes bytes on as they are; the speed is that of the line behind it. */
  z.strictObject({ kind: z.literal('rtu-over-tcp'), ...busFields, ...socketFields, ...serialFields }),
  z.strictObject({ kind: z.literal('rtu'), ...busFields, path: z.string().min(1).max(255), ...serialFields }),
]);
export type BusEntry = z.infer<typeof busEntry>;

export const gatewayConfiguration = z.strictObject({
  id: gatewayField,
  zone: timeZoneField.refine((name) => isZone(name), 'an IANA zone such as Europe/Paris'),
  poll: z
    .strictObject({
      lightsSeconds: secondsField.default(5),
      metersSeconds: secondsField.default(10),
      sensorsSeconds: secondsField.default(10),
    })
    .prefault({}),
  outbox: z
    .strictObject({
      limitBytes: z
        .int()
        .min(65_536)
        .default(256 * 1024 * 1024),
    })
    .prefault({}),
  /** Nothing is ever written to any bus, whatever is asked or programmed. */
  readOnly: z.boolean().default(false),
  /** What its devices do on their own, where their profile says how. */
  failSafe: failSafeSettings.prefault({}),
  buses: z.array(busEntry).min(1).max(32),
  groups: z.array(groupEntry).max(200).default([]),
});
export type GatewayConfiguration = z.infer<typeof gatewayConfiguration>;
export type DeviceEntry = GatewayConfiguration['buses'][number]['devices'][number];
export type GroupEntry = GatewayConfiguration['groups'][number];

/** Where a bus is, and how Modbus is spoken there. */
export const lineOf = (bus: BusEntry): ModbusLine => {
  switch (bus.kind) {
    case 'tcp':
      return { kind: 'tcp', host: bus.host, port: bus.port };
    case 'rtu-over-tcp':
      return { kind: 'rtu-over-tcp', host: bus.host, port: bus.port, ...speedOf(bus) };
    case 'rtu':
      return { kind: 'rtu', path: bus.path, ...speedOf(bus) };
  }
};

const speedOf = ({ baudRate, parity, stopBits }: SerialSpeed): SerialSpeed => ({ baudRate, parity, stopBits });

const isZone = (name: string): boolean => {
  try {
    return timeZone(name) === name;
  } catch (thrown) {
    if (thrown instanceof RangeError) return false;
    throw thrown;
  }
};

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly problem: string;
  readonly expected: string;
}

const isUnknownChannel = (channels: number | undefined, channel: number | undefined): boolean =>
  channels === undefined ? channel !== undefined : channel === undefined || channel >= channels;

const problemsOfDevices = (configuration: GatewayConfiguration, profiles: DeviceProfiles): readonly Problem[] => {
  const seen = new Set<string>();
  return configuration.buses.flatMap((bus, busIndex) =>
    bus.devices.flatMap((entry, index) => {
      const path = (key: string) => ['buses', busIndex, 'devices', index, key];
      const profile = profiles.get(entry.profile);
      const problems: Problem[] = [];
      if (seen.has(entry.device))
        problems.push({
          path: path('device'),
          problem: `${entry.device} is there twice`,
          expected: 'give each device its own name',
        });
      seen.add(entry.device);
      if (profile === undefined)
        problems.push({
          path: path('profile'),
          problem: `there is no profile ${entry.profile}`,
          expected: `profiles: ${[...profiles.keys()].join(', ')}`,
        });
      else if (isUnknownChannel(profile.channels, entry.channel))
        problems.push({
          path: path('channel'),
          problem: `channel ${entry.channel ?? 'absent'}`,
          expected: profile.channels === undefined ? 'this profile has none' : `a channel from 0 to ${profile.channels - 1}`,
        });
      if (entry.privacy === 'dwelling' && !entry.readOnly && profile?.writes !== undefined)
        problems.push({
          path: path('privacy'),
          problem: 'a dwelling’s device that could be written',
          expected: 'say readOnly: true',
        });
      return problems;
    }),
  );
};

const problemsOfGroups = (configuration: GatewayConfiguration): readonly Problem[] =>
  configuration.groups.flatMap(({ bus, unitId, members }, index) => {
    const there = configuration.buses.find(({ id }) => id === bus)?.devices.filter((entry) => entry.unitId === unitId);
    const stranger = members.find((member) => !there?.some(({ device }) => device === member));
    return stranger === undefined
      ? []
      : [
          {
            path: ['groups', index, 'members'],
            problem: `${stranger} is not on unit ${unitId} of bus ${bus}`,
            expected: 'members hang on the unit of their group',
          },
        ];
  });

const problemsOfLines = ({ buses }: GatewayConfiguration): readonly Problem[] =>
  buses.flatMap((bus, index) => {
    const line = lineOf(bus);
    const other = buses.slice(0, index).find((each) => lineAddress(lineOf(each)) === lineAddress(line));
    return other === undefined || isDeepStrictEqual(lineOf(other), line)
      ? []
      : [
          {
            path: ['buses', index, 'id'],
            problem: `${bus.id} is the line of ${other.id} (${lineAddress(line)}), spoken otherwise`,
            expected: 'one line has one kind and one speed',
          },
        ];
  });

/** A gateway's own file. Throws `CONFIG_INVALID` with file, line, path and what was expected. */
export const readGatewayConfiguration = (text: string, file: string, profiles: DeviceProfiles): GatewayConfiguration => {
  const expected = 'gateway/sample.config.yaml shows what is allowed';
  const page: YamlPage<GatewayConfiguration> = readYamlPage({
    text,
    file,
    schema: gatewayConfiguration,
    code: 'CONFIG_INVALID',
    expected,
  });
  const [first] = [
    ...problemsOfLines(page.content),
    ...problemsOfDevices(page.content, profiles),
    ...problemsOfGroups(page.content),
  ];
  if (first !== undefined)
    throw fault('CONFIG_INVALID', {
      file,
      line: page.lineOf(first.path),
      path: pathText(first.path),
      problem: first.problem,
      expected: first.expected,
    });
  return page.content;
};
