import type { DeviceId, GatewayId, GroupId } from '#domain/identifiers.ts';
import { deviceId, gatewayId, groupId, isIdentifier } from '#domain/identifiers.ts';

/** The only builder and parser of MQTT topics. A message names its contract version by its topic. */
const ROOT = 'axone/v1';

/** Retained documents of desired state, control → gateway. */
export const DOCUMENT_NAMES = ['programs', 'overrides', 'envelope', 'consents', 'devices'] as const;
export type DocumentName = (typeof DOCUMENT_NAMES)[number];

export const topics = {
  status: (gateway: GatewayId) => `${ROOT}/${gateway}/status`,
  field: (gateway: GatewayId) => `${ROOT}/${gateway}/field`,
  birth: (gateway: GatewayId, device: DeviceId) => `${ROOT}/${gateway}/devices/${device}/birth`,
  availability: (gateway: GatewayId, device: DeviceId) => `${ROOT}/${gateway}/devices/${device}/availability`,
  telemetry: (gateway: GatewayId) => `${ROOT}/${gateway}/telemetry`,
  ack: (gateway: GatewayId) => `${ROOT}/${gateway}/ack`,
  reports: (gateway: GatewayId) => `${ROOT}/${gateway}/reports`,
  deviceTelecommand: (gateway: GatewayId, device: DeviceId) => `${ROOT}/${gateway}/devices/${device}/telecommand`,
  groupTelecommand: (gateway: GatewayId, group: GroupId) => `${ROOT}/${gateway}/groups/${group}/telecommand`,
  certificateRequest: (gateway: GatewayId) => `${ROOT}/${gateway}/certificate-request`,
  certificate: (gateway: GatewayId) => `${ROOT}/${gateway}/certificate`,
  document: (gateway: GatewayId, name: DocumentName) => `${ROOT}/${gateway}/${name}`,
} as const;

/** Subscription filters over every gateway. */
export const filters = {
  status: `${ROOT}/+/status`,
  fields: `${ROOT}/+/field`,
  births: `${ROOT}/+/devices/+/birth`,
  availabilities: `${ROOT}/+/devices/+/availability`,
  telemetry: `${ROOT}/+/telemetry`,
  acks: `${ROOT}/+/ack`,
  reports: `${ROOT}/+/reports`,
  certificateRequests: `${ROOT}/+/certificate-request`,
  deviceTelecommands: (gateway: GatewayId) => `${ROOT}/${gateway}/devices/+/telecommand`,
  groupTelecommands: (gateway: GatewayId) => `${ROOT}/${gateway}/groups/+/telecommand`,
} as const;

const OWN_KINDS = [
  'status',
  'field',
  'telemetry',
  'ack',
  'reports',
  'certificate-request',
  'certificate',
  ...DOCUMENT_NAMES,
] as const;
type GatewayTopicKind = (typeof OWN_KINDS)[number];

export type ParsedTopic =
  | { readonly kind: GatewayTopicKind; readonly gateway: GatewayId }
  | { readonly kind: 'birth' | 'availability'; readonly gateway: GatewayId; readonly device: DeviceId }
  | { readonly kind: 'telecommand'; readonly gateway: GatewayId; readonly device: DeviceId }
  | { readonly kind: 'group-telecommand'; readonly gateway: GatewayId; readonly group: GroupId };

const GATEWAY_KINDS: readonly string[] = OWN_KINDS;

/** Null when the topic is not one of the contract. */
export const parseTopic = (topic: string): ParsedTopic | null => {
  const [root, version, gatewayText, first, member, last, ...rest] = topic.split('/');
  if (
    `${root}/${version}` !== ROOT ||
    gatewayText === undefined ||
    !isIdentifier(gatewayText) ||
    first === undefined ||
    rest.length > 0
  )
    return null;
  const gateway = gatewayId(gatewayText);
  if (member === undefined) {
    return GATEWAY_KINDS.includes(first) ? { kind: first as GatewayTopicKind, gateway } : null;
  }
  if (!isIdentifier(member) || last === undefined) return null;
  if (first === 'devices' && (last === 'birth' || last === 'availability'))
    return { kind: last, gateway, device: deviceId(member) };
  if (first === 'devices' && last === 'telecommand') return { kind: 'telecommand', gateway, device: deviceId(member) };
  if (first === 'groups' && last === 'telecommand') return { kind: 'group-telecommand', gateway, group: groupId(member) };
  return null;
};

/** Who connects to the broker. Browsers never do. */
export type BrokerClient =
  | { readonly role: 'gateway'; readonly gateway: GatewayId }
  | { readonly role: 'ingest' | 'control' | 'authority' };

/** MQTT user name of a client: the gateway's identifier, or the service's name. */
export const brokerUserName = (client: BrokerClient): string => (client.role === 'gateway' ? client.gateway : client.role);

/** The client of this name, such as the one of a certificate; null when it is not an identifier. */
export const brokerClientNamed = (name: string): BrokerClient | null => {
  if (name === 'ingest' || name === 'control' || name === 'authority') return { role: name };
  return isIdentifier(name) ? { role: 'gateway', gateway: gatewayId(name) } : null;
};

export interface BrokerRights {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Least privilege on the broker, as topic filters: the embedded broker and the Mosquitto ACL are both made from this. */
export const brokerRights = (client: BrokerClient): BrokerRights => {
  switch (client.role) {
    case 'gateway': {
      const own = `${ROOT}/${client.gateway}`;
      return {
        publish: [
          `${own}/status`,
          `${own}/field`,
          `${own}/telemetry`,
          `${own}/reports`,
          `${own}/devices/+/birth`,
          `${own}/devices/+/availability`,
          `${own}/certificate-request`,
        ],
        subscribe: [
          `${own}/ack`,
          `${own}/devices/+/telecommand`,
          `${own}/groups/+/telecommand`,
          `${own}/certificate`,
          ...DOCUMENT_NAMES.map((name) => `${own}/${name}`),
        ],
      };
    }
    case 'ingest':
      return { publish: [`${ROOT}/+/ack`], subscribe: [filters.telemetry, filters.status] };
    case 'authority':
      return { publish: [`${ROOT}/+/certificate`], subscribe: [filters.certificateRequests] };
    case 'control':
      return {
        publish: [
          `${ROOT}/+/devices/+/telecommand`,
          `${ROOT}/+/groups/+/telecommand`,
          ...DOCUMENT_NAMES.map((name) => `${ROOT}/+/${name}`),
        ],
        // Acknowledgements carry no value: they tell the pages that something new can be read.
        subscribe: [filters.status, filters.fields, filters.reports, filters.births, filters.availabilities, filters.acks],
      };
  }
};

/** Whether a topic, or a subscription filter, is inside a filter (MQTT 3.1.1 section 4.7). */
export const isTopicWithin = (topic: string, filter: string): boolean => {
  const wanted = filter.split('/');
  const given = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    const actual = given[index];
    if (actual === undefined || actual === '#') return false;
    if (level !== '+' && level !== actual) return false;
  }
  return wanted.length === given.length;
};
