import { FIELD_ERRORS } from './field-errors.ts';

/**
 * Every error code of the platform, with the three parts of its text: what happened, where, and the next gesture.
 * `docs/errors.md` is generated from this table. Braces are filled from the fault's fields.
 */
export interface ErrorDefinition {
  /** HTTP status where the error reaches an HTTP client. */
  readonly status: number;
  readonly what: string;
  readonly next: string;
}

export const ERRORS = {
  // configuration and start
  CONFIG_UNREADABLE: {
    status: 500,
    what: 'The configuration {file} cannot be read: {reason}.',
    next: 'Check the path and its permissions.',
  },
  CONFIG_INVALID: { status: 500, what: '{file}, line {line}, at {path}: {problem}.', next: 'Correct this line; {expected}.' },
  PORT_IN_USE: {
    status: 500,
    what: '{host}:{port} ({use}) is already used by another programme.',
    next: 'Stop it, or choose another port with {option}.',
  },
  DATA_FOLDER_UNWRITABLE: {
    status: 500,
    what: 'The data folder {folder} cannot be written: {reason}.',
    next: 'Give this user the right to write there, or choose another folder with --data.',
  },
  DATA_FOLDER_NEWER: {
    status: 500,
    what: 'The data folder {folder} was written by a newer version ({found}; this one knows {known}).',
    next: 'Start the newer version, or restore a backup made by this one.',
  },
  DATA_FOLDER_DAMAGED: {
    status: 500,
    what: 'The stamp of the data folder {folder} cannot be read: {reason}.',
    next: 'Restore stamp.json from a backup, or choose another folder with --data.',
  },
  DATA_FOLDER_OTHER_FIELD: {
    status: 500,
    what: 'The data folder {folder} belongs to a {found} field and this start is for a {asked} field.',
    next: 'Choose another folder with --data: simulated and real measurements never mix.',
  },
  DATA_FOLDER_IN_USE: {
    status: 500,
    what: 'The data folder {folder} is in use by process {pid}.',
    next: 'Stop that process, or choose another folder with --data.',
  },
  CLOCK_BEFORE_DATA: {
    status: 500,
    what: 'The clock says {now} but the data folder {folder} holds readings up to {latest}.',
    next: 'Set the clock, or choose another folder with --data.',
  },
  COMMAND_UNKNOWN: { status: 500, what: 'There is no command "{command}".', next: 'Commands: {known}.' },
  OPTION_INVALID: { status: 500, what: 'Option {option}: {problem}.', next: '{expected}.' },
  SERVICE_UNREACHABLE: {
    status: 503,
    what: '{service} at {address} does not answer: {reason}.',
    next: 'Check that it runs and that the address and credentials are right; it is tried again.',
  },
  REGISTRY_NOT_MIGRATED: {
    status: 503,
    what: 'The registry is at schema {found} and this service needs {needed}.',
    next: 'Start control first: only control migrates the registry.',
  },
  REGISTRY_NOT_EMPTY: {
    status: 500,
    what: 'The registry at {place} is not empty.',
    next: 'Restore into a new one: what is there would be mixed with the archive.',
  },
  STORE_NOT_EMPTY: {
    status: 500,
    what: 'The time-series store already holds readings.',
    next: 'Restore into a new one: what is there would be mixed with the archive.',
  },
  ARCHIVE_INVALID: {
    status: 500,
    what: 'Line {line} of the archive: {problem}.',
    next: 'Take another copy of it, and restore it into a new registry and a new store.',
  },
  // identity
  AUTHORITY_EXISTS: {
    status: 500,
    what: 'There is already an authority in {folder}.',
    next: 'Use it, or choose another folder with --folder; its key is never overwritten.',
  },
  AUTHORITY_MISSING: {
    status: 500,
    what: 'There is no authority that can be used in {folder}: {reason}.',
    next: 'Make one with npm run axone -- ca init, or name its folder with --folder.',
  },
  AUTHORITY_ABSENT: {
    status: 501,
    what: 'This platform has no authority that could give {name} a certificate.',
    next: 'Have the request signed where the authority is (npm run axone -- ca sign), or name its folder in the configuration.',
  },
  ENROLMENT_REFUSED: {
    status: 500,
    what: 'The platform gave no certificate, with {code}: {reason}.',
    next: '{next} The key made here is kept: the same command asks again with it.',
  },
  CERTIFICATE_REQUEST_INVALID: {
    status: 400,
    what: 'The certificate request of {name} is refused: {problem}.',
    next: 'Make it again with npm run axone -- ca request.',
  },
  CLAIM_REFUSED: {
    status: 403,
    what: 'The claim of {name} is not one of its own, was used already or is older than 24 hours.',
    next: 'Make another with npm run axone -- ca claim; to renew, ask with the key of a certificate in force.',
  },
  CERTIFICATE_REFUSED: {
    status: 422,
    what: 'A certificate that came for {name} is refused: {problem}.',
    next: 'The former one stays; see who may publish it on the broker.',
  },
  CERTIFICATE_UNKNOWN: {
    status: 404,
    what: '{name} has no certificate in force.',
    next: 'See what was given with npm run axone -- ca list.',
  },
  // device profiles and field
  ...FIELD_ERRORS,

  // messages
  MESSAGE_MALFORMED: {
    status: 400,
    what: 'A message on {topic} is not valid JSON in UTF-8: {reason}.',
    next: 'Correct the sender.',
  },
  MESSAGE_INVALID: {
    status: 400,
    what: 'A message on {topic}, at {path}: {problem}.',
    next: 'Correct the sender against docs/asyncapi.json.',
  },
  MESSAGE_TOO_LARGE: {
    status: 413,
    what: 'A message on {topic} has {bytes} bytes; {limit} at most are accepted.',
    next: 'Split it.',
  },
  TOPIC_UNKNOWN: {
    status: 400,
    what: 'Topic {topic} is not one of the contract.',
    next: 'Correct the sender against docs/asyncapi.json.',
  },
  SUBSCRIPTION_REFUSED: {
    status: 403,
    what: 'The broker refused {client} the subscription to {filter}.',
    next: 'Compare the access list of the broker with the contract.',
  },
  POINT_UNKNOWN: {
    status: 404,
    what: 'Measurement point {point} is not in the registry.',
    next: 'Declare it and bind it to its gateway.',
  },
  POINT_OF_ANOTHER_GATEWAY: {
    status: 403,
    what: 'Measurement point {point} did not belong to gateway {gateway} at {at}.',
    next: 'Correct the binding in the registry, or the gateway’s configuration.',
  },
  QUANTITY_UNKNOWN: {
    status: 400,
    what: 'Quantity {quantity} of {point} is not in the catalogue.',
    next: 'Use a quantity of contract/quantities.ts.',
  },
  GRAIN_FINER_THAN_CONSENT: {
    status: 403,
    what: 'Point {point} may be published {grain} and a finer reading came for {at}.',
    next: 'The reading was not kept. Reload the gateway’s consents.',
  },
  QUANTITY_NOT_KEPT: {
    status: 403,
    what: 'Quantity {quantity} of point {point} may not be kept of a dwelling.',
    next: 'The reading was not kept. Only the registers of a dwelling are.',
  },
  VALUE_IMPOSSIBLE: {
    status: 422,
    what: '{quantity} of point {point} at {at} is not between {min} and {max} {unit}.',
    next: 'Check the profile of the device: scale, word order, address.',
  },
  INSTANT_IN_FUTURE: {
    status: 422,
    what: 'Point {point} was read at {at}, later than now ({now}).',
    next: 'Check the gateway’s clock.',
  },
  TELECOMMAND_EXPIRED: { status: 410, what: 'Order {id} expired at {expiresAt}.', next: 'Send a new order.' },
  TELECOMMAND_REPEATED: { status: 409, what: 'Order {id} was already received.', next: 'Nothing: it is obeyed once.' },
  TELECOMMAND_TARGET_UNKNOWN: { status: 404, what: 'Gateway {gateway} has no {target}.', next: 'Reload the assets.' },
  CLOCK_UNTRUSTED: {
    status: 409,
    what: 'The gateway’s clock is not set, so the expiry of order {id} cannot be checked.',
    next: 'Wait for the clock, then send a new order.',
  },
  DOCUMENT_INVALID: {
    status: 422,
    what: 'Document {document} revision {revision}, at {path}: {problem}.',
    next: 'The former revision stays in force; publish a corrected one.',
  },
  DOCUMENT_HASH_DIFFERS: {
    status: 422,
    what: 'Document {document} revision {revision} does not match its hash.',
    next: 'The former revision stays in force; publish it again.',
  },
  DOCUMENT_TOO_LARGE: {
    status: 413,
    what: 'Document {document} has {bytes} bytes; {limit} at most are accepted.',
    next: 'Split the gateway.',
  },
  // commissioning
  FIELD_NOT_SAID: {
    status: 409,
    what: 'Gateway {gateway} has not said yet which buses it has.',
    next: 'Wait until it is connected, then try again.',
  },
  BUS_NOT_OF_CENTRE: {
    status: 409,
    what: 'The devices of bus {bus} of {gateway} are said by the gateway’s own file.',
    next: 'Write devicesFrom: centre for this bus in that file, or declare the device there.',
  },
  PROFILE_NOT_KNOWN: {
    status: 422,
    what: 'Gateway {gateway} has no profile {profile}.',
    next: 'Choose one of its profiles, or add the page to the gateway.',
  },
  CHANNEL_INVALID: {
    status: 422,
    what: 'Profile {profile} has {channels} channels and channel {channel} was given.',
    next: 'Give a channel from 0 to one less than their number, or none where there are none.',
  },
  ADDRESS_TAKEN: {
    status: 409,
    what: 'Unit {unitId}, channel {channel} of bus {bus} is {device} already.',
    next: 'Use that device, or correct the address.',
  },
  DEVICE_NAME_TAKEN: {
    status: 409,
    what: 'Gateway {gateway} has a device {device} already.',
    next: 'Give this one another name.',
  },
  DEVICE_NOT_DECLARED: {
    status: 404,
    what: 'Gateway {gateway} has no device {device} that the centre declared.',
    next: 'Declare it first, or read the list again.',
  },
  DEVICE_BOUND: {
    status: 409,
    what: 'Device {device} is bound to {object}.',
    next: 'Undo that binding first.',
  },
  DEVICE_CANNOT_BLINK: {
    status: 409,
    what: 'Device {device} is no light: it cannot blink.',
    next: 'Recognise it by its label or its address.',
  },
  OBJECT_NOT_HERE: {
    status: 404,
    what: 'This site has no {object}.',
    next: 'Choose one of the site, or add it to the assets.',
  },
  LIGHT_POINT_BOUND: {
    status: 409,
    what: 'Light point {lightPoint} has device {device} already.',
    next: 'Undo that binding first, or choose another light point.',
  },
  BINDING_DATE_INVALID: {
    status: 422,
    what: 'A binding from {at} is not after {earliest}, when the former meter was there, and before {latest}.',
    next: 'Correct the date and the time.',
  },
  POINT_USE_OTHER: {
    status: 422,
    what: 'A meter cannot be bound to {point}, which is a {use}.',
    next: 'Choose a point that a meter measures.',
  },
  // stores
  STORE_UNAVAILABLE: {
    status: 503,
    what: 'The time-series store does not answer: {reason}.',
    next: 'Check that it runs; measurements wait in the gateways.',
  },
  STORE_REFUSED: { status: 500, what: 'The time-series store refused {what}: {reason}.', next: 'See the store’s log.' },
  REGISTRY_UNAVAILABLE: { status: 503, what: 'The registry does not answer: {reason}.', next: 'Check that it runs.' },
  DURABLE_LOG_FULL: {
    status: 507,
    what: 'The outbox of {gateway} has reached {limitBytes} bytes.',
    next: 'Restore the link to the centre, or enlarge outbox.limitBytes.',
  },
  DURABLE_LOG_DAMAGED: {
    status: 500,
    what: 'Segment {segment} of the outbox is damaged at byte {offset}; {kept} records before it were kept.',
    next: 'Check the disk.',
  },
  TABLE_OF_ANOTHER_SERVICE: {
    status: 500,
    what: 'Service {service} tried to write table {table}, which only {owner} writes.',
    next: 'Report this: it is a mistake of the programme.',
  },
  // people and HTTP
  REQUEST_INVALID: { status: 400, what: 'At {path}: {problem}.', next: 'Correct the request against /api/v1/openapi.json.' },
  NOT_READY: { status: 503, what: 'Not ready yet: {services}.', next: 'Wait, or read /health to see why.' },
  BODY_TOO_LARGE: { status: 413, what: 'The request has more than {limit} bytes.', next: 'Send less at once.' },
  MEDIA_TYPE_UNKNOWN: {
    status: 415,
    what: 'A body of type {given} is not read here.',
    next: 'Send {expected}.',
  },
  SIGN_IN_REQUIRED: { status: 401, what: 'This needs a session.', next: 'Sign in.' },
  SIGN_IN_REFUSED: {
    status: 401,
    what: 'These credentials are not right.',
    next: 'Check them; after 5 errors you wait 15 minutes.',
  },
  SIGN_IN_SLOWED: { status: 429, what: 'Too many errors.', next: 'Wait {minutes} minutes, then try again.' },
  LOGIN_TAKEN: { status: 409, what: 'An account already signs in as {login}.', next: 'Choose another e-mail.' },
  FORGED_ORIGIN: {
    status: 403,
    what: 'This request did not come from the platform’s own pages.',
    next: 'Reload the page and try again.',
  },
  NOT_FOUND: { status: 404, what: 'There is nothing here for you.', next: 'Check the address.' },
  OVERRIDES_TOO_MANY: { status: 409, what: 'This street has {limit} overrides already.', next: 'End some, then try again.' },
  OVERRIDE_END_INVALID: {
    status: 422,
    what: 'The end {endsAt} is not between now and {latest}.',
    next: 'Choose an end in that range.',
  },
  SELECTION_TOO_LARGE: {
    status: 413,
    what: 'This selection would answer {found} values; {limit} at most are given.',
    next: 'Shorten the period or choose a longer step; /api/v1/series/export gives longer files.',
  },
  RATE_LIMITED: { status: 429, what: 'Too many requests.', next: 'Wait {seconds} s, then try again.' },
  INTERNAL: {
    status: 500,
    what: 'Something failed here (reference {reference}).',
    next: 'Try again; if it persists, give this reference to your administrator.',
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERRORS;
export type FaultFields = Readonly<Record<string, string | number | boolean>>;

const fill = (template: string, fields: FaultFields): string =>
  template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (name in fields ? String(fields[name]) : whole));

/** The one error class: a code of the catalogue, the fields that fill its text, and the cause. */
export class Fault extends Error {
  readonly code: ErrorCode;
  readonly fields: FaultFields;

  constructor(code: ErrorCode, fields: FaultFields = {}, cause?: unknown) {
    const { what, next } = ERRORS[code];
    super(`${code}: ${fill(what, fields)} ${fill(next, fields)}`, cause === undefined ? undefined : { cause });
    this.name = 'Fault';
    this.code = code;
    this.fields = fields;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get what(): string {
    return fill(ERRORS[this.code].what, this.fields);
  }

  get next(): string {
    return fill(ERRORS[this.code].next, this.fields);
  }
}

export const fault = (code: ErrorCode, fields: FaultFields = {}, cause?: unknown): Fault => new Fault(code, fields, cause);

/** The message of anything thrown, for the field `reason` of a fault. */
export const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
