import { join } from 'node:path';
import type { ReadUnit } from '#gateway/discovery/unit-registers.ts';
import { type Fixture, readFixtures } from '#gateway/profiles/fixture.ts';
import type { RegisterImage } from '#gateway/profiles/register-image.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/modbus');

/** A set of registers of a profile, by its whole name `eastron-sdm120/first-reading`. */
export const fixtureOf = async (name: string): Promise<Fixture> => {
  const [profile = ''] = name.split('/');
  const found = (await readFixtures(FIXTURES, profile)).find((each) => each.name === name);
  if (found === undefined) throw new Error(`No registers ${name}`);
  return found;
};

/** Each register elsewhere, by its address. */
export const moved = (image: RegisterImage, place: (address: number) => number): RegisterImage => ({
  ...image,
  holding: new Map([...image.holding].map(([address, word]) => [place(address), word])),
  input: new Map([...image.input].map(([address, word]) => [place(address), word])),
});

/** The two registers of a value the other way round, for a map whose values all begin at even addresses. */
export const pairsExchanged = (image: RegisterImage): RegisterImage => moved(image, (address) => address ^ 1);

const TABLES = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' } as const;

const wordsAt = (image: RegisterImage, table: keyof RegisterImage, address: number, count: number): number[] | null => {
  const words = Array.from({ length: count }, (_each, index) => image[table].get(address + index));
  return words.every((word) => word !== undefined) ? words : null;
};

/** A unit that holds these registers and refuses all others. */
export const unitWith =
  (image: RegisterImage): ReadUnit =>
  ({ table, address, count }) => {
    const words = wordsAt(image, table, address, count);
    return Promise.resolve(words === null ? { kind: 'refused', exception: 2 } : { kind: 'words', words });
  };

/** What such a unit answers on the wire; it knows reads of registers only. */
export const answerFrom = (
  image: RegisterImage,
  { functionCode, address, count }: { readonly functionCode: number; readonly address: number; readonly count: number },
): readonly number[] => {
  if (functionCode !== 3 && functionCode !== 4) return [functionCode | 0x80, 1];
  const words = wordsAt(image, TABLES[functionCode], address, count);
  return words === null
    ? [functionCode | 0x80, 2]
    : [functionCode, words.length * 2, ...words.flatMap((word) => [word >> 8, word & 0xff])];
};
