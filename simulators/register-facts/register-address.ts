import type { RegisterFact } from './register-facts.ts';

export type AddressPlaces = Readonly<Record<string, number>>;

const TERM = /^(?:(\d+)\*)?([a-z]+)$|^(\d+)$/;

const valueOfTerm = (term: string, places: AddressPlaces, formula: string): number => {
  const match = TERM.exec(term);
  if (match === null) throw new RangeError(`${formula} is not a sum of numbers and places`);
  const [, factor = '1', place, constant] = match;
  if (constant !== undefined) return Number(constant);
  const at = place === undefined ? undefined : places[place];
  if (at === undefined) throw new RangeError(`${formula} needs a value for ${place}`);
  return Number(factor) * at;
};

/**
 * Address on the wire of one of many alike registers: by the formula of the facts (`line`, `sa` short address, `gr` group,
 * `y` line and `xx` ballast of D4i), else by `index` times the step.
 */
export const registerAddress = (fact: RegisterFact, places: AddressPlaces = {}): number => {
  const { formula } = fact;
  if (formula === undefined) return fact.address + (fact.step ?? 0) * (places['index'] ?? 0);
  return formula.split('+').reduce((sum, term) => sum + valueOfTerm(term, places, formula), 0);
};
