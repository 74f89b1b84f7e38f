import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Fault, fault } from '#contract/errors.ts';
import { DEVICE_OWNERS } from '#contract/messages/field.ts';
import { busField, DEVICES_LIMIT, fieldDeviceShape, fieldGroup, GROUPS_LIMIT } from '#contract/messages/field-devices.ts';
import { gatewayField, timeZoneField } from '#contract/messages/fields.ts';
import { timeZone } from '#domain/civil-time.ts';
import { failSafeSettings } from './devices/fail-safe-settings.ts';
import { type DeviceList, type Problem, problemsOfDevices, problemsOfGroups } from './field/device-rules.ts';
import { lineAddress, type ModbusLine, type SerialSpeed } from './modbus/transport.ts';
import type { DeviceProfiles } from './profiles/load-profiles.ts';
import { pathText, readYamlPage, type YamlPage } from './profiles/yaml-page.ts';

const secondsField = z.int().min(1).max(3600);

/** As in the document `devices`, with what may be left out. */
const deviceEntry = z.strictObject({
  ...fieldDeviceShape,
  privacy: fieldDeviceShape.privacy.default('operational'),
  readOnly: fieldDeviceShape.readOnly.default(false),
});

const busFields = {
  id: busField,
  /** How long a device may take to answer while nothing is known of it; then its own answers say. */
  timeoutMs: z.int().min(20).max(60_000).default(1000),
  /** Who says which devices it has: this file when absent, or the centre, by the document `devices`. */
  devicesFrom: z.enum(DEVICE_OWNERS).optional(),
  devices: z.array(deviceEntry).max(DEVICES_LIMIT).default([]),
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
  groups: z.array(fieldGroup).max(GROUPS_LIMIT).default([]),
});
export type GatewayConfiguration = z.infer<typeof gatewayConfiguration>;

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

const listsOf = ({ buses }: GatewayConfiguration, profiles: DeviceProfiles): readonly DeviceList[] =>
  buses.map(({ id, devices }, index) => ({ bus: id, path: ['buses', index], devices, profiles }));

/** A bus has one owner of its devices (ADR 0007). */
const problemsOfOwners = ({ buses, groups }: GatewayConfiguration): readonly Problem[] => [
  ...buses.flatMap(({ id, devicesFrom = 'file', devices }, index): readonly Problem[] => {
    const path = ['buses', index, 'devices'];
    if (devicesFrom === 'centre' && devices.length > 0)
      return [{ path, problem: `the devices of ${id} are the centre’s`, expected: 'leave devices out, or devicesFrom' }];
    return devicesFrom === 'file' && devices.length === 0
      ? [{ path, problem: `${id} has no device`, expected: 'list its devices, or say devicesFrom: centre' }]
      : [];
  }),
  ...groups.flatMap(({ bus }, index) =>
    buses.some(({ id, devicesFrom }) => id === bus && devicesFrom === 'centre')
      ? [{ path: ['groups', index, 'bus'], problem: `the devices of ${bus} are the centre’s`, expected: 'its groups are too' }]
      : [],
  ),
];

const problemsOfNames = ({ buses }: GatewayConfiguration): readonly Problem[] =>
  buses.flatMap(({ id }, index) =>
    buses.findIndex((other) => other.id === id) < index
      ? [{ path: ['buses', index, 'id'], problem: `${id} is there twice`, expected: 'give each bus its own name' }]
      : [],
  );

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

/** A gateway's own file, and where each of its keys stands. */
export interface GatewayFile {
  readonly configuration: GatewayConfiguration;
  /** A fault of what stands at a path. */
  refusal(path: readonly PropertyKey[], problem: string, expected: string): Fault;
}

/** Throws `CONFIG_INVALID` with file, line, path and what was expected. */
export const readGatewayFile = (text: string, file: string, profiles: DeviceProfiles): GatewayFile => {
  const expected = 'gateway/sample.config.yaml shows what is allowed';
  const page: YamlPage<GatewayConfiguration> = readYamlPage({
    text,
    file,
    schema: gatewayConfiguration,
    code: 'CONFIG_INVALID',
    expected,
  });
  const refusal: GatewayFile['refusal'] = (path, problem, wanted) =>
    fault('CONFIG_INVALID', { file, line: page.lineOf(path), path: pathText(path), problem, expected: wanted });
  const lists = listsOf(page.content, profiles);
  const [first] = [
    ...problemsOfNames(page.content),
    ...problemsOfLines(page.content),
    ...problemsOfOwners(page.content),
    ...problemsOfDevices(lists),
    ...problemsOfGroups(page.content.groups, lists),
  ];
  if (first !== undefined) throw refusal(first.path, first.problem, first.expected);
  return { configuration: page.content, refusal };
};

/** The same without the places. */
export const readGatewayConfiguration = (text: string, file: string, profiles: DeviceProfiles): GatewayConfiguration =>
  readGatewayFile(text, file, profiles).configuration;
