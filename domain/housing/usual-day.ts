/** A day's cost beside the same weekday before it, in the words of the tenant's first page. */
export type DayState = 'as-usual' | 'a-little-more' | 'much-more' | 'no-measure' | 'not-enough-history';

/** More than both: a share that is felt, and an amount that counts. */
const A_LITTLE_MORE = { share: 1.1, cents: 20 } as const;
const MUCH_MORE = { share: 1.3, cents: 50 } as const;

const isMore = (cents: number, usualCents: number, limit: { readonly share: number; readonly cents: number }): boolean =>
  cents > usualCents * limit.share && cents - usualCents > limit.cents;

/** Cents of a day and of the same weekday a week before; null where there is no measure. Less than usual is as usual: nobody is judged for it. */
export const compareWithUsual = (cents: number | null, usualCents: number | null): DayState => {
  if (cents === null) return 'no-measure';
  if (usualCents === null) return 'not-enough-history';
  if (isMore(cents, usualCents, MUCH_MORE)) return 'much-more';
  return isMore(cents, usualCents, A_LITTLE_MORE) ? 'a-little-more' : 'as-usual';
};
