import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MESSAGES, type MessageDescription } from '#contract/messages/index.ts';
import {
  type BrokerClient,
  brokerRights,
  brokerUserName,
  DOCUMENT_NAMES,
  filters,
  isTopicWithin,
  parseTopic,
  topics,
} from '#contract/topics.ts';
import { deviceId, type GatewayId, gatewayId, groupId, isIdentifier } from '#domain/identifiers.ts';

const identifierText = fc.stringMatching(/^[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,4}$/).filter(isIdentifier);
const OWN = gatewayId('gateway-republique');
const OTHER = gatewayId('gateway-tilleuls');
const DEVICE = deviceId('luminaire-01');
const GROUP = groupId('group-republique-nord');

const everyTopicOf = (gateway: GatewayId): Readonly<Record<string, string>> => ({
  status: topics.status(gateway),
  field: topics.field(gateway),
  telemetry: topics.telemetry(gateway),
  ack: topics.ack(gateway),
  reports: topics.reports(gateway),
  birth: topics.birth(gateway, DEVICE),
  availability: topics.availability(gateway, DEVICE),
  telecommand: topics.deviceTelecommand(gateway, DEVICE),
  groupTelecommand: topics.groupTelecommand(gateway, GROUP),
  certificateRequest: topics.certificateRequest(gateway),
  certificate: topics.certificate(gateway),
  ...Object.fromEntries(DOCUMENT_NAMES.map((name) => [name, topics.document(gateway, name)])),
});

describe('topics', () => {
  test('what is built is parsed back, whatever the identifiers', () => {
    fc.assert(
      fc.property(identifierText, identifierText, (first, second) => {
        const gateway = gatewayId(first);
        const device = deviceId(second);
        const group = groupId(second);
        expect(parseTopic(topics.status(gateway))).toEqual({ kind: 'status', gateway });
        expect(parseTopic(topics.field(gateway))).toEqual({ kind: 'field', gateway });
        expect(parseTopic(topics.telemetry(gateway))).toEqual({ kind: 'telemetry', gateway });
        expect(parseTopic(topics.ack(gateway))).toEqual({ kind: 'ack', gateway });
        expect(parseTopic(topics.reports(gateway))).toEqual({ kind: 'reports', gateway });
        expect(parseTopic(topics.certificateRequest(gateway))).toEqual({ kind: 'certificate-request', gateway });
        expect(parseTopic(topics.certificate(gateway))).toEqual({ kind: 'certificate', gateway });
        expect(parseTopic(topics.birth(gateway, device))).toEqual({ kind: 'birth', gateway, device });
        expect(parseTopic(topics.availability(gateway, device))).toEqual({ kind: 'availability', gateway, device });
        expect(parseTopic(topics.deviceTelecommand(gateway, device))).toEqual({ kind: 'telecommand', gateway, device });
        expect(parseTopic(topics.groupTelecommand(gateway, group))).toEqual({ kind: 'group-telecommand', gateway, group });
        for (const name of DOCUMENT_NAMES) expect(parseTopic(topics.document(gateway, name))).toEqual({ kind: name, gateway });
      }),
    );
  });

  test.each([
    '',
    'axone',
    'axone/v1',
    'axone/v1/gateway-republique',
    'axone/v2/gateway-republique/status',
    'axone/v1/Gateway/status',
    'axone/v1/+/status',
    'axone/v1/gateway-republique/weather',
    'axone/v1/gateway-republique/status/extra',
    'axone/v1/gateway-republique/devices/luminaire-01',
    'axone/v1/gateway-republique/devices/#',
    'axone/v1/gateway-republique/groups/group-1/birth',
    'axone/v1/gateway-republique/devices/luminaire-01/telecommand/now',
    '/axone/v1/gateway-republique/status',
    '$SYS/broker/uptime',
  ])('%j is not one of the contract', (topic) => {
    expect(parseTopic(topic)).toBeNull();
  });

  test('any text is parsed or refused, never thrown upon', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void expect(() => parseTopic(text)).not.toThrow()));
  });

  test('each message description names the topic that the builder builds', () => {
    const built = everyTopicOf(OWN);
    for (const [name, { topic }] of Object.entries(MESSAGES))
      expect(topic.replace('{gateway}', OWN).replace('{device}', DEVICE).replace('{group}', GROUP)).toBe(built[name]);
    expect(Object.keys(MESSAGES).sort()).toEqual(Object.keys(built).sort());
  });

  test('the filters over every gateway hold its topics', () => {
    expect(isTopicWithin(topics.telemetry(OWN), filters.telemetry)).toBe(true);
    expect(isTopicWithin(topics.birth(OWN, DEVICE), filters.births)).toBe(true);
    expect(isTopicWithin(topics.deviceTelecommand(OWN, DEVICE), filters.deviceTelecommands(OWN))).toBe(true);
    expect(isTopicWithin(topics.deviceTelecommand(OTHER, DEVICE), filters.deviceTelecommands(OWN))).toBe(false);
  });
});

describe('rights on the broker', () => {
  const clients: readonly BrokerClient[] = [
    { role: 'gateway', gateway: OWN },
    { role: 'ingest' },
    { role: 'control' },
    { role: 'authority' },
  ];
  const within = (topic: string, granted: readonly string[]): boolean => granted.some((filter) => isTopicWithin(topic, filter));
  const described = Object.entries(MESSAGES) as [string, MessageDescription][];
  const cases = clients.flatMap((client) => described.map(([name, message]) => ({ client, name, message })));

  test.each(cases)('$client.role publishes $name only if it is its author', ({ client, name, message }) => {
    const granted = brokerRights(client).publish;
    expect(within(everyTopicOf(OWN)[name] ?? '', granted)).toBe(message.from === client.role);
  });

  test.each(cases)('$client.role hears $name only if it is a reader', ({ client, name, message }) => {
    const granted = brokerRights(client).subscribe;
    const heard = within(everyTopicOf(OWN)[name] ?? '', granted);
    expect(heard).toBe(message.to.some((reader) => reader === client.role));
  });

  test('a gateway has nothing under another gateway’s prefix', () => {
    const { publish, subscribe } = brokerRights({ role: 'gateway', gateway: OWN });
    for (const topic of Object.values(everyTopicOf(OTHER))) {
      expect(within(topic, publish)).toBe(false);
      expect(within(topic, subscribe)).toBe(false);
    }
  });

  test.each(['#', '+/#', 'axone/#', 'axone/v1/#', 'axone/v1/+/#', '$SYS/#', 'axone/v1/+/devices/#'])(
    'nobody may subscribe to %s',
    (filter) => {
      for (const client of clients) expect(within(filter, brokerRights(client).subscribe)).toBe(false);
    },
  );

  test('a gateway may not widen its own subscription to every gateway', () => {
    const { subscribe } = brokerRights({ role: 'gateway', gateway: OWN });
    expect(within('axone/v1/+/ack', subscribe)).toBe(false);
    expect(within(`axone/v1/${OWN}/ack`, subscribe)).toBe(true);
  });

  test('the user name of a gateway is its identifier, and cannot be a service’s', () => {
    expect(clients.map(brokerUserName)).toEqual([OWN, 'ingest', 'control', 'authority']);
  });
});

describe('a topic within a filter', () => {
  test.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/+', true],
    ['a/b/c', 'a/+', false],
    ['a', 'a/+', false],
    ['a/b/c', 'a/#', true],
    ['a/+', 'a/+', true],
    ['a/+', 'a/b', false],
    ['a/#', 'a/+', false],
    ['a/#', 'a/#', true],
  ])('%s in %s: %s', (topic, filter, expected) => {
    expect(isTopicWithin(topic, filter)).toBe(expected);
  });
});
