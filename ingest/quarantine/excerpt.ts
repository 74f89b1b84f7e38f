/** What of a refused message may be kept to be looked at. Never a value of a dwelling. */
const EXCERPT_CHARACTERS = 200;

/** Digits of a message that may be of a dwelling are all hidden: its form stays, its values and instants do not. */
const withoutDigits = (text: string): string => text.replaceAll(/\d/g, '#');

export const excerptOf = (payload: Uint8Array, isOperationalOnly: boolean): string => {
  const text = new TextDecoder().decode(payload.subarray(0, EXCERPT_CHARACTERS * 4)).slice(0, EXCERPT_CHARACTERS);
  return isOperationalOnly ? text : withoutDigits(text);
};

/** A JSON parser quotes what it could not read. */
export const reasonWithout = (reason: string, isOperationalOnly: boolean): string =>
  isOperationalOnly ? reason : withoutDigits(reason);
