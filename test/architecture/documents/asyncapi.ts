import { z } from 'zod';
import { MESSAGES, type MessageDescription } from '#contract/messages/index.ts';

type Json = Readonly<Record<string, unknown>>;
const reference = (path: string): Json => ({ $ref: `#/${path}` });
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const names = Object.keys(MESSAGES) as (keyof typeof MESSAGES)[];
const byName = <T>(build: (name: string, message: MessageDescription) => T): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, build(name, MESSAGES[name])]));

const PARAMETERS: Readonly<Record<string, string>> = {
  gateway: 'Identifier of the gateway, such as gateway-republique',
  device: 'Identifier of the device, such as luminaire-01',
  group: 'Identifier of the group, such as group-republique-nord',
};

const parametersOf = (topic: string): Json =>
  Object.fromEntries(
    [...topic.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) =>
      name === undefined ? [] : [[name, reference(`components/parameters/${name}`)]],
    ),
  );

const payloadSchema = ({ schema }: MessageDescription): Json => {
  const { $schema: _draft, ...body } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return body;
};

const operation = (action: 'send' | 'receive', name: string, message: MessageDescription): Json => ({
  action,
  channel: reference(`channels/${name}`),
  summary: message.meaning,
  messages: [reference(`channels/${name}/messages/${name}`)],
  bindings: { mqtt: { qos: 1, ...(action === 'send' ? { retain: message.retained } : {}), bindingVersion: '0.2.0' } },
});

const operationsOf = (name: string, message: MessageDescription): [string, Json][] => [
  [`${message.from}Sends${capital(name)}`, operation('send', name, message)],
  ...message.to.map((reader): [string, Json] => [`${reader}Receives${capital(name)}`, operation('receive', name, message)]),
];

const components = (): Json => ({
  parameters: Object.fromEntries(Object.entries(PARAMETERS).map(([name, description]) => [name, { description }])),
  messages: byName((name, message) => ({
    name,
    summary: message.meaning,
    contentType: 'application/json',
    payload: reference(`components/schemas/${name}`),
    examples: [{ name: `${name}-example`, payload: message.example }],
  })),
  schemas: byName((_name, message) => payloadSchema(message)),
  securitySchemes: {
    userPassword: {
      type: 'userPassword',
      description: 'One MQTT user per gateway and per service; the broker gives each its topics only',
    },
  },
});

/** The AsyncAPI 3 document of the v1 contract, from the table of messages. */
export const asyncApiDocument = (): Json => ({
  asyncapi: '3.0.0',
  info: {
    title: 'Axone, MQTT contract',
    version: '1.0.0',
    description:
      'Measurements in, desired state and telecommands out, and acknowledgements that mean something. JSON, UTF-8, SI units.',
    license: { name: 'EUPL-1.2', url: 'https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12' },
  },
  defaultContentType: 'application/json',
  servers: {
    site: {
      host: '{host}',
      protocol: 'mqtt',
      protocolVersion: '3.1.1',
      description: 'The embedded broker on loopback, or Mosquitto',
      variables: { host: { default: '127.0.0.1:1883' } },
      security: [reference('components/securitySchemes/userPassword')],
    },
  },
  channels: byName((name, message) => ({
    address: message.topic,
    description: message.meaning,
    parameters: parametersOf(message.topic),
    messages: { [name]: reference(`components/messages/${name}`) },
  })),
  operations: Object.fromEntries(names.flatMap((name) => operationsOf(name, MESSAGES[name]))),
  components: components(),
});
