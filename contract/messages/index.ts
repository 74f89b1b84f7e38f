import type { z } from 'zod';
import type { BrokerClient } from '#contract/topics.ts';
import { ackExample, ackMessage } from './ack.ts';
import { availabilityExample, availabilityMessage, birthExample, birthMessage } from './device.ts';
import {
  consentsDocument,
  consentsExample,
  devicesDocument,
  devicesExample,
  envelopeDocument,
  envelopeExample,
  overridesDocument,
  overridesExample,
  programsDocument,
  programsExample,
} from './documents.ts';
import { fieldExample, fieldMessage } from './field.ts';
import { certificateExample, certificateMessage, certificateRequestExample, certificateRequestMessage } from './identity.ts';
import { reportExample, reportMessage } from './report.ts';
import { statusExample, statusMessage } from './status.ts';
import { telecommandExample, telecommandMessage } from './telecommand.ts';
import { telemetryExample, telemetryMessage } from './telemetry.ts';

export interface MessageDescription {
  /** Topic with `{gateway}`, `{device}` and `{group}` as parameters. */
  readonly topic: string;
  readonly from: BrokerClient['role'];
  readonly to: readonly BrokerClient['role'][];
  readonly retained: boolean;
  readonly schema: z.ZodType;
  readonly example: unknown;
  readonly meaning: string;
}

const document = (name: string, schema: z.ZodType, example: unknown, meaning: string): MessageDescription => ({
  topic: `axone/v1/{gateway}/${name}`,
  from: 'control',
  to: ['gateway'],
  retained: true,
  schema,
  example,
  meaning,
});

/** Every message of the v1 contract; the AsyncAPI document is generated from this table. */
export const MESSAGES = {
  status: {
    topic: 'axone/v1/{gateway}/status',
    from: 'gateway',
    to: ['ingest', 'control'],
    retained: true,
    schema: statusMessage,
    example: statusExample,
    meaning: 'State of a gateway; its last will says offline',
  },
  field: {
    topic: 'axone/v1/{gateway}/field',
    from: 'gateway',
    to: ['control'],
    retained: true,
    schema: fieldMessage,
    example: fieldExample,
    meaning: 'The buses of a gateway, who owns their devices, and the models that it can read',
  },
  birth: {
    topic: 'axone/v1/{gateway}/devices/{device}/birth',
    from: 'gateway',
    to: ['control'],
    retained: true,
    schema: birthMessage,
    example: birthExample,
    meaning: 'What a device is and offers',
  },
  availability: {
    topic: 'axone/v1/{gateway}/devices/{device}/availability',
    from: 'gateway',
    to: ['control'],
    retained: true,
    schema: availabilityMessage,
    example: availabilityExample,
    meaning: 'Whether a device answers, since when, and why not',
  },
  telemetry: {
    topic: 'axone/v1/{gateway}/telemetry',
    from: 'gateway',
    to: ['ingest'],
    retained: false,
    schema: telemetryMessage,
    example: telemetryExample,
    meaning: 'One batch of readings, events and reports per round',
  },
  ack: {
    topic: 'axone/v1/{gateway}/ack',
    from: 'ingest',
    to: ['gateway', 'control'],
    retained: false,
    schema: ackMessage,
    example: ackExample,
    meaning: 'What a commit made durable or will never accept',
  },
  telecommand: {
    topic: 'axone/v1/{gateway}/devices/{device}/telecommand',
    from: 'control',
    to: ['gateway'],
    retained: false,
    schema: telecommandMessage,
    example: telecommandExample,
    meaning: 'One-shot order to a device',
  },
  groupTelecommand: {
    topic: 'axone/v1/{gateway}/groups/{group}/telecommand',
    from: 'control',
    to: ['gateway'],
    retained: false,
    schema: telecommandMessage,
    example: telecommandExample,
    meaning: 'One-shot order to a group',
  },
  reports: {
    topic: 'axone/v1/{gateway}/reports',
    from: 'gateway',
    to: ['control'],
    retained: false,
    schema: reportMessage,
    example: reportExample,
    meaning: 'What the field did with an order',
  },
  certificateRequest: {
    topic: 'axone/v1/{gateway}/certificate-request',
    from: 'gateway',
    to: ['authority'],
    retained: true,
    schema: certificateRequestMessage,
    example: certificateRequestExample,
    meaning: 'Asks for the next certificate, with the key of the one in force',
  },
  certificate: {
    topic: 'axone/v1/{gateway}/certificate',
    from: 'authority',
    to: ['gateway'],
    retained: true,
    schema: certificateMessage,
    example: certificateExample,
    meaning: 'The next certificate of a gateway',
  },
  programs: document('programs', programsDocument, programsExample, 'Programs, assignments, groups and power tables'),
  overrides: document('overrides', overridesDocument, overridesExample, 'Overrides in force or to come, each with its end'),
  envelope: document('envelope', envelopeDocument, envelopeExample, 'The most the loads may draw, by step'),
  consents: document('consents', consentsDocument, consentsExample, 'What each dwelling point may publish'),
  devices: document('devices', devicesDocument, devicesExample, 'The devices of the buses that are the centre’s to say'),
} as const satisfies Record<string, MessageDescription>;

export type MessageName = keyof typeof MESSAGES;
