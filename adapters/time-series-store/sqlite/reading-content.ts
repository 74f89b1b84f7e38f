import { QUALITIES, type Quality } from '#contract/quantities.ts';

/**
 * The values of one reading as bytes, one entry after the other: the number of the quantity, a byte of form and quality,
 * then the value in the fewest bytes that give it back to the last bit. Meters show decimals, so most values are a whole
 * number of tenths, hundredths or thousandths that fits in two or four bytes; the others are kept as doubles.
 */
const SCALES = [1, 10, 100, 1000] as const;
const QUALITY_BITS = 2;
const QUALITY_MASK = 3;
const MISSING = 3;
/** Forms: 0 no value, 1 a double, 2 to 5 two bytes by scale, 6 to 9 four bytes by scale. */
const DOUBLE = 1;
const SHORT = 2;
const LONG = 6;
const SHORT_MOST = 32_767;
const LONG_MOST = 2_147_483_647;

/** Bytes that one entry may take. */
export const LARGEST_ENTRY = 10;

const lengthOf = (form: number): number => {
  if (form === 0) return 2;
  if (form === DOUBLE) return LARGEST_ENTRY;
  return form < LONG ? 4 : 6;
};

const wholeForm = (value: number): { readonly form: number; readonly whole: number } | null => {
  if (Object.is(value, -0)) return null;
  for (let index = 0; index < SCALES.length; index += 1) {
    const scale = SCALES[index] ?? 1;
    const whole = Math.round(value * scale);
    if (whole > LONG_MOST || whole < -LONG_MOST) return null;
    if (whole / scale === value) return { form: (Math.abs(whole) <= SHORT_MOST ? SHORT : LONG) + index, whole };
  }
  return null;
};

/** Missing whatever the sender said, when there is no value. */
export const qualityCode = (value: number | null, quality: Quality): number =>
  value === null ? MISSING : QUALITIES.indexOf(quality);

/** Writes one entry and gives where the next one goes. */
export const putEntry = (view: DataView, offset: number, quantity: number, value: number | null, quality: number): number => {
  view.setUint8(offset, quantity);
  const whole = value === null ? null : wholeForm(value);
  const form = value === null ? 0 : (whole?.form ?? DOUBLE);
  view.setUint8(offset + 1, (form << QUALITY_BITS) | quality);
  if (whole === null) {
    if (value !== null) view.setFloat64(offset + 2, value);
  } else if (form < LONG) view.setInt16(offset + 2, whole.whole);
  else view.setInt32(offset + 2, whole.whole);
  return offset + lengthOf(form);
};

export interface ReadingEntry {
  readonly quantity: number;
  readonly value: number | null;
  readonly quality: number;
}

const valueAt = (content: Buffer, offset: number, form: number): number | null => {
  if (form === 0) return null;
  if (form === DOUBLE) return content.readDoubleBE(offset);
  if (form < LONG) return content.readInt16BE(offset) / (SCALES[form - SHORT] ?? 1);
  return content.readInt32BE(offset) / (SCALES[form - LONG] ?? 1);
};

const entryAt = (content: Buffer, offset: number): ReadingEntry => {
  const form = (content[offset + 1] ?? 0) >> QUALITY_BITS;
  const quality = (content[offset + 1] ?? 0) & QUALITY_MASK;
  return { quantity: content[offset] ?? 0, value: valueAt(content, offset + 2, form), quality };
};

const nextAfter = (content: Buffer, offset: number): number => offset + lengthOf((content[offset + 1] ?? 0) >> QUALITY_BITS);

/** What a reading says of one quantity, or null when it says nothing of it. */
export const findEntry = (content: Buffer, quantity: number): ReadingEntry | null => {
  for (let offset = 0; offset < content.length; offset = nextAfter(content, offset))
    if (content[offset] === quantity) return entryAt(content, offset);
  return null;
};

export const readEntries = (content: Buffer): ReadingEntry[] => {
  const entries: ReadingEntry[] = [];
  for (let offset = 0; offset < content.length; offset = nextAfter(content, offset)) entries.push(entryAt(content, offset));
  return entries;
};

const writeEntries = (entries: readonly ReadingEntry[]): Buffer => {
  const content = Buffer.alloc(entries.length * LARGEST_ENTRY);
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  let offset = 0;
  for (const { quantity, value, quality } of entries) offset = putEntry(view, offset, quantity, value, quality);
  return content.subarray(0, offset);
};

const isSame = (a: ReadingEntry, b: ReadingEntry): boolean => Object.is(a.value, b.value) && a.quality === b.quality;

/** One reading that says what both say, and the quantities of which `after` says something else than `before`: the last one wins. */
export const mergeContents = (
  before: Buffer,
  after: Buffer,
): { readonly content: Buffer; readonly replaced: readonly number[] } => {
  const entries = new Map(readEntries(before).map((entry) => [entry.quantity, entry]));
  const replaced: number[] = [];
  for (const entry of readEntries(after)) {
    const known = entries.get(entry.quantity);
    if (known !== undefined && !isSame(known, entry)) replaced.push(entry.quantity);
    entries.set(entry.quantity, entry);
  }
  return { content: writeEntries([...entries.values()]), replaced };
};
