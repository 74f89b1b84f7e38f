import { type Fault, fault } from '#contract/errors.ts';
import { pointField } from '#contract/messages/fields.ts';
import { type Reading, readingField } from '#contract/messages/telemetry.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { PointBinding } from '#contract/ports/ingest-registry.ts';
import type { StoredReading, StoredValue } from '#contract/ports/time-series-store.ts';
import { DWELLING_QUANTITIES, isQuantity, QUANTITIES, type QuantityName } from '#contract/quantities.ts';
import { formatInstant, type Instant, parseInstant } from '#domain/civil-time.ts';
import type { GatewayId, PointId } from '#domain/identifiers.ts';
import type { GrainClaim, GrainLedger } from './grain-ledger.ts';
import { covers, type Ownership } from './ownership.ts';
import { firstProblem } from './parse-telemetry.ts';

export interface ReadingCheckDependencies {
  readonly ownership: Ownership;
  readonly ledger: GrainLedger;
  readonly clock: Clock;
}

export interface Sender {
  readonly gateway: GatewayId;
  readonly topic: string;
}

export type CheckedReading =
  | { readonly kind: 'accepted'; readonly reading: StoredReading; readonly claims: readonly GrainClaim[] }
  /** `point` and `at` as far as they could be read. */
  | { readonly kind: 'refused'; readonly fault: Fault; readonly point: PointId | null; readonly at: string | null };

/** How far ahead of ours a gateway's clock may be, in civil time at normal speed. Milliseconds. */
const FUTURE_TOLERANCE_MS = 5 * 60_000;

const record = (content: unknown): Readonly<Record<string, unknown>> =>
  typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : {};

const contradiction = ({ values, quality = {} }: Reading, index: number, topic: string): Fault | null => {
  const wrong = Object.entries(quality).find(([name, worth]) => worth === 'missing' && values[name as QuantityName] != null);
  if (wrong === undefined) return null;
  const path = `readings.${index}.quality.${wrong[0]}`;
  return fault('MESSAGE_INVALID', { topic, path, problem: 'a value that is there is not missing' });
};

const parseReading = (content: unknown, index: number, topic: string): Reading | Fault => {
  const parsed = readingField.safeParse(content);
  if (parsed.success) return contradiction(parsed.data, index, topic) ?? parsed.data;
  const { point, values } = record(content);
  const unknown = Object.keys(record(values)).find((name) => !isQuantity(name));
  if (unknown !== undefined)
    return fault('QUANTITY_UNKNOWN', { quantity: unknown.slice(0, 64), point: String(point).slice(0, 64) });
  const { path, problem } = firstProblem(parsed.error);
  return fault('MESSAGE_INVALID', { topic, path: `readings.${index}.${path}`, problem });
};

const storedValues = ({ values, quality = {} }: Reading): StoredValue[] =>
  Object.entries(values).map(([name, value]) => {
    const quantity = name as QuantityName;
    return { quantity, value, quality: value === null ? 'missing' : (quality[quantity] ?? 'measured') };
  });

/** The binding of the point to this gateway at this instant, or why there is none. */
const findBinding = async (
  { ownership }: ReadingCheckDependencies,
  gateway: GatewayId,
  point: PointId,
  at: Instant,
): Promise<PointBinding | Fault> => {
  const bindings = await ownership.bindingsOf(gateway, point);
  const binding = bindings.find((period) => covers(period, at));
  if (binding !== undefined) return binding;
  const isKnown = bindings.length > 0 || (await ownership.isKnown(point));
  return isKnown
    ? fault('POINT_OF_ANOTHER_GATEWAY', { point, gateway, at: formatInstant(at) })
    : fault('POINT_UNKNOWN', { point });
};

const checkInstant = (clock: Clock, point: PointId, at: Instant): Fault | null => {
  if (clock.civilState() === 'unknown') return null;
  const now = clock.civilNow();
  const tolerance = FUTURE_TOLERANCE_MS * Math.max(1, clock.speed);
  return at <= now + tolerance ? null : fault('INSTANT_IN_FUTURE', { point, at: formatInstant(at), now: formatInstant(now) });
};

/** The value itself is never said: it may be of a dwelling. */
const checkValue = ({ point, privacy }: PointBinding, at: Instant, { quantity, value }: StoredValue): Fault | null => {
  if (privacy === 'dwelling' && !DWELLING_QUANTITIES.includes(quantity)) return fault('QUANTITY_NOT_KEPT', { quantity, point });
  const { min, max, unit } = QUANTITIES[quantity];
  const isPossible = value === null || (value >= min && value <= max);
  return isPossible ? null : fault('VALUE_IMPOSSIBLE', { quantity, point, at: formatInstant(at), min, max, unit });
};

/** Takes the place of each value of a dwelling in its day or half-hour, or none. A missing value shows nothing and needs no place. */
const claimGrain = async (
  { ownership, ledger }: ReadingCheckDependencies,
  { point, gateway, privacy, zone }: PointBinding,
  at: Instant,
  values: readonly StoredValue[],
): Promise<readonly GrainClaim[] | Fault> => {
  if (privacy === 'operational') return [];
  const grain = await ownership.grainAt(gateway, point, at);
  const claims: GrainClaim[] = [];
  for (const { quantity } of values.filter(({ value }) => value !== null)) {
    const claim = { point, quantity, at, grain, zone };
    if (!(await ledger.claim(claim))) {
      ledger.release(claims);
      const often = grain === 'day' ? 'once a day' : 'every 30 minutes';
      return fault('GRAIN_FINER_THAN_CONSENT', { point, grain: often, at: formatInstant(at) });
    }
    claims.push(claim);
  }
  return claims;
};

/** Everything that makes a reading acceptable, one after the other; the first that fails is the reason of its refusal. */
export const checkReading = async (
  deps: ReadingCheckDependencies,
  { gateway, topic }: Sender,
  content: unknown,
  index: number,
): Promise<CheckedReading> => {
  const legible = pointField.safeParse(record(content)['point']);
  const point = legible.success ? legible.data : null;
  const refuse = (reason: Fault, at: string | null = null): CheckedReading => ({ kind: 'refused', fault: reason, point, at });

  const parsed = parseReading(content, index, topic);
  if (parsed instanceof Error) return refuse(parsed);
  const at = parseInstant(parsed.at);
  const binding = await findBinding(deps, gateway, parsed.point, at);
  if (binding instanceof Error) return refuse(binding, parsed.at);
  const values = storedValues(parsed);
  const mistake =
    checkInstant(deps.clock, parsed.point, at) ??
    values.map((value) => checkValue(binding, at, value)).find((found) => found !== null);
  if (mistake) return refuse(mistake, parsed.at);
  const claims = await claimGrain(deps, binding, at, values);
  if (claims instanceof Error) return refuse(claims, parsed.at);
  return { kind: 'accepted', reading: { point: parsed.point, privacy: binding.privacy, at, values }, claims };
};
