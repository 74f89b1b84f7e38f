import { type ErrorCode, Fault, fault, reasonOf } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { ErrorAnswer } from '#contract/routes/fields.ts';

export const BODY_LIMIT_BYTES = 64 * 1024;

const FASTIFY_FAULTS: Readonly<Record<string, (thrown: unknown) => Fault>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => fault('BODY_TOO_LARGE', { limit: BODY_LIMIT_BYTES }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    fault('MEDIA_TYPE_UNKNOWN', { given: 'another kind', expected: 'application/json or a form' }),
  FST_ERR_CTP_INVALID_JSON_BODY: (thrown) => fault('REQUEST_INVALID', { path: 'body', problem: reasonOf(thrown) }),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => fault('REQUEST_INVALID', { path: 'body', problem: 'it is empty' }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => fault('REQUEST_INVALID', { path: 'body', problem: 'its length is not as said' }),
  FST_REPLY_FROM_SERVICE_UNAVAILABLE: () => upstreamLost(),
  FST_REPLY_FROM_GATEWAY_TIMEOUT: () => upstreamLost(),
  FST_REPLY_FROM_INTERNAL_SERVER_ERROR: () => upstreamLost(),
};

const upstreamLost = (): Fault =>
  fault('SERVICE_UNREACHABLE', { service: 'The API', address: 'its own address', reason: 'no connection' });

const errorCode = (thrown: unknown): string | undefined => {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
};

/** Codes of status 5xx that tell a person something to do; any other becomes `INTERNAL` with a reference. */
const TELLING: readonly ErrorCode[] = [
  'STORE_UNAVAILABLE',
  'REGISTRY_UNAVAILABLE',
  'SERVICE_UNREACHABLE',
  'REGISTRY_NOT_MIGRATED',
];

/** Of status 5xx and yet no failure: said as they are, and not logged. */
const NO_FAILURE: readonly ErrorCode[] = ['NOT_READY', 'AUTHORITY_ABSENT'];

/**
 * What a client may be told of anything thrown. Failures of ours are logged whole under a reference; the client gets the
 * reference, never an address, a path or a stack.
 */
export const publicFault = (thrown: unknown, logger: Logger, where: string): Fault => {
  const known = thrown instanceof Fault ? thrown : FASTIFY_FAULTS[errorCode(thrown) ?? '']?.(thrown);
  if (known !== undefined && (known.status < 500 || NO_FAILURE.includes(known.code))) return known;
  const reference = crypto.randomUUID().slice(0, 8);
  logger.error('request-failed', {
    where,
    reference,
    reason: reasonOf(thrown),
    stack: thrown instanceof Error ? thrown.stack : undefined,
  });
  if (known === undefined || !TELLING.includes(known.code)) return fault('INTERNAL', { reference }, thrown);
  return fault(known.code, { ...known.fields, address: 'its own address', reason: `see the log under ${reference}` }, thrown);
};

export const errorBody = (problem: Fault): ErrorAnswer => ({
  code: problem.code,
  what: problem.what,
  next: problem.next,
  ...(typeof problem.fields['path'] === 'string' ? { path: problem.fields['path'] } : {}),
});
