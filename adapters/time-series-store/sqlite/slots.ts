/** How time is cut in the file. Slots and days are of UTC, counted since 1970. */
const SLOT_MS = 600_000;
const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const SLOTS_AN_HOUR = HOUR_MS / SLOT_MS;
export const HOURS_A_DAY = 24;

export const slotOf = (at: number): number => Math.floor(at / SLOT_MS);
export const dayOf = (at: number): number => Math.floor(at / DAY_MS);
const hourOfDay = (at: number): number => Math.floor((at - dayOf(at) * DAY_MS) / HOUR_MS);

/** The hour of an instant as one bit of its day. */
export const hourBit = (at: number): number => 1 << hourOfDay(at);

/** Starts of the hours of a day that a mask names, in order. */
export const hoursIn = (day: number, mask: number): number[] => {
  const starts: number[] = [];
  for (let hour = 0; hour < HOURS_A_DAY; hour += 1) if ((mask & (1 << hour)) !== 0) starts.push(day * DAY_MS + hour * HOUR_MS);
  return starts;
};
