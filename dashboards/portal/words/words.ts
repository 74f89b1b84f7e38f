import { en } from './en.ts';
import type { Language } from './formats.ts';
import { isPlural } from './formats.ts';
import { fr, type Words } from './fr.ts';

export type { Words };

const WORDS: Readonly<Record<Language, Words>> = { fr, en };
export const wordsOf = (language: Language): Words => WORDS[language];

export type Fillings = Readonly<Record<string, string | number>>;

/** Fills the braces of a text. A brace without its filling is a programming error. */
export const fill = (template: string, fillings: Fillings): string =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const filling = fillings[name];
    if (filling === undefined) throw new RangeError(`"${template}" needs {${name}}`);
    return String(filling);
  });

export interface Counted {
  readonly one: string;
  readonly other: string;
}

/** The form that agrees with a count, with `{count}` filled. */
export const counted = (forms: Counted, count: number, language: Language, fillings: Fillings = {}): string =>
  fill(isPlural(count, language) ? forms.other : forms.one, { count, ...fillings });
