import type { Clock, Monotonic } from '#contract/ports/clock.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import type { ReadCost } from '#gateway/modbus/read-cost.ts';
import { halvesOf, isWithin, planReads, type ReadLimits, type ReadSpan } from '#gateway/modbus/read-plan.ts';
import type { ReadLessons } from './read-lessons.ts';

/** Readings in which the same request must have been refused before anything is learnt from it: noise does not repeat itself. */
const REFUSALS_BELIEVED = 3;
const DOUBT_AFTER_MS = 24 * 3600 * 1000;

export interface DevicePlanOptions {
  readonly device: DeviceId;
  /** Hash of its profile. */
  readonly profile: string;
  readonly spans: readonly ReadSpan[];
  readonly limits: ReadLimits;
  readonly cost: ReadCost;
  readonly lessons: ReadLessons;
  readonly clock: Clock;
}

const overlaps = (a: ReadSpan, b: ReadSpan): boolean =>
  a.table === b.table && a.address < b.address + b.count && b.address < a.address + a.count;

const keyOf = ({ table, address, count }: ReadSpan): string => `${table} ${address} ${count}`;

/**
 * The requests that read a device, as cheap as its profile and what it taught allow. Silence teaches nothing. Lessons are
 * doubted: registers that it refused are asked for again, alone, after each start and each day; borders are forgotten each day.
 */
export class DevicePlan {
  readonly #options: DevicePlanOptions;
  #planned: { readonly lessons: object; readonly blocks: readonly ReadSpan[] } | null = null;
  #suspicions: readonly { readonly span: ReadSpan; readonly times: number }[] = [];
  readonly #retriedAt = new Map<string, Monotonic>();
  #doubtedAt: Monotonic;

  constructor(options: DevicePlanOptions) {
    this.#options = options;
    this.#doubtedAt = options.clock.monotonicNow();
  }

  /** What to ask now. */
  blocks(): readonly ReadSpan[] {
    this.#doubtCuts();
    const { device, profile, spans, limits, cost, lessons } = this.#options;
    const learnt = lessons.of(device, profile);
    if (this.#planned?.lessons !== learnt) {
      const supported = spans.filter((span) => !learnt.refused.some((refused) => overlaps(refused, span)));
      this.#planned = { lessons: learnt, blocks: planReads(supported, limits, cost, learnt) };
    }
    const { blocks } = this.#planned;
    return learnt.refused.length === 0 ? blocks : [...blocks, ...learnt.refused.filter((span) => this.#isDue(span))];
  }

  /** Two requests instead of one that was refused, or null when it reads one value. */
  halves(block: ReadSpan): readonly [ReadSpan, ReadSpan] | null {
    return halvesOf(block, this.#options.spans);
  }

  /** The whole was refused, both halves were answered. */
  refuseWhole(whole: ReadSpan, second: ReadSpan): void {
    const { device, profile, lessons } = this.#options;
    if (this.#isBelieved(whole)) lessons.cut(device, profile, { table: second.table, address: second.address });
  }

  /** One value was refused, others were answered. False while it may be noise. */
  refuse(block: ReadSpan): boolean {
    const { device, profile, lessons, clock } = this.#options;
    if (!this.isRefused(block) && !this.#isBelieved(block)) return false;
    this.#retriedAt.set(keyOf(block), clock.monotonicNow());
    lessons.refuse(device, profile, block);
    return true;
  }

  answered(block: ReadSpan): void {
    const { device, profile, lessons } = this.#options;
    if (this.#suspicions.length > 0) this.#suspicions = this.#suspicions.filter(({ span }) => !isWithin(block, span));
    if (this.isRefused(block)) lessons.accept(device, profile, block);
  }

  isRefused(block: ReadSpan): boolean {
    const { device, profile, lessons } = this.#options;
    return lessons.of(device, profile).refused.some((span) => keyOf(span) === keyOf(block));
  }

  #isBelieved(span: ReadSpan): boolean {
    const times = (this.#suspicions.find((each) => keyOf(each.span) === keyOf(span))?.times ?? 0) + 1;
    const others = this.#suspicions.filter((each) => keyOf(each.span) !== keyOf(span));
    const isBelieved = times >= REFUSALS_BELIEVED;
    this.#suspicions = isBelieved ? others : [...others, { span, times }];
    return isBelieved;
  }

  #isDue(span: ReadSpan): boolean {
    const retriedAt = this.#retriedAt.get(keyOf(span));
    return retriedAt === undefined || this.#options.clock.monotonicNow() - retriedAt >= DOUBT_AFTER_MS;
  }

  #doubtCuts(): void {
    const { device, profile, lessons, clock } = this.#options;
    const now = clock.monotonicNow();
    if (now - this.#doubtedAt < DOUBT_AFTER_MS) return;
    this.#doubtedAt = now;
    if (lessons.of(device, profile).cuts.length > 0) lessons.forgetCuts(device, profile);
  }
}
