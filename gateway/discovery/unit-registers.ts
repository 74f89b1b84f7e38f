import type { ReadSpan } from '#gateway/modbus/read-plan.ts';

/** What a unit says to one request. */
export type SpanAnswer =
  | { readonly kind: 'words'; readonly words: readonly number[] }
  | { readonly kind: 'refused'; readonly exception: number }
  | { readonly kind: 'silent' };

/** Asks one unit for registers or bits. */
export type ReadUnit = (span: ReadSpan) => Promise<SpanAnswer>;

const ILLEGAL_FUNCTION = 1;
/** In a row: the unit is then left alone. */
const MOST_SILENCES = 3;

const isWithin = (outer: ReadSpan, inner: ReadSpan): boolean =>
  outer.table === inner.table && outer.address <= inner.address && inner.address + inner.count <= outer.address + outer.count;

/**
 * What is known of a unit's registers. Nothing that it answered is asked for again, nor anything that holds a span that it
 * refused, nor a table of which it has no function. After three silences in a row nothing more is asked.
 */
export class UnitRegisters {
  readonly #read: ReadUnit;
  readonly #words = new Map<string, number>();
  readonly #refused: ReadSpan[] = [];
  readonly #absentTables = new Set<ReadSpan['table']>();
  #silences = 0;

  constructor(read: ReadUnit) {
    this.#read = read;
  }

  /** Null when the unit refuses or says nothing. Rejects with what the read function throws. */
  async words(span: ReadSpan): Promise<readonly number[] | null> {
    const known = this.#known(span);
    if (known !== null) return known;
    if (this.#isHopeless(span)) return null;
    const answer = await this.#read(span);
    this.#silences = answer.kind === 'silent' ? this.#silences + 1 : 0;
    if (answer.kind === 'words') {
      for (const [index, word] of answer.words.entries()) this.#words.set(`${span.table} ${span.address + index}`, word);
      return answer.words;
    }
    if (answer.kind === 'refused' && answer.exception === ILLEGAL_FUNCTION) this.#absentTables.add(span.table);
    this.#refused.push(span);
    return null;
  }

  #isHopeless(span: ReadSpan): boolean {
    return (
      this.#silences >= MOST_SILENCES ||
      this.#absentTables.has(span.table) ||
      this.#refused.some((refused) => isWithin(span, refused))
    );
  }

  #known({ table, address, count }: ReadSpan): readonly number[] | null {
    const words = Array.from({ length: count }, (_each, index) => this.#words.get(`${table} ${address + index}`));
    return words.every((word) => word !== undefined) ? words : null;
  }
}
