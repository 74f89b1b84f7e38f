import { type Markup, markup } from './markup.ts';

export type Words = readonly [fr: string, en: string];

/** French, the English of it beneath. */
export const both = ([fr, en]: Words): Markup =>
  fr === en ? markup`${fr}` : markup`${fr} <span class="en" lang="en">${en}</span>`;
