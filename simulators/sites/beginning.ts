import { addDays, civilDateOf, type Instant, instant, startOfDay, type TimeZone } from '#domain/civil-time.ts';

/** Half an hour: the finest grain of a dwelling, so that a consented tenant has his steps of yesterday too. */
const STEP_MS = 30 * 60_000;

/**
 * The instants at which a simulated field is read before it joins the present: from two midnights ago, or from what was
 * last read, half-hour by half-hour. Midnights are always among them, so that yesterday travels the whole path.
 */
export const instantsBeforePresent = (now: Instant, zone: TimeZone, latestReading: Instant | null): readonly Instant[] => {
  const twoMidnightsAgo = startOfDay(addDays(civilDateOf(now, zone), -1), zone);
  const begin = latestReading !== null && latestReading > twoMidnightsAgo ? latestReading : twoMidnightsAgo;
  const first =
    begin === twoMidnightsAgo ? begin : twoMidnightsAgo + Math.ceil((begin + 1 - twoMidnightsAgo) / STEP_MS) * STEP_MS;
  const instants: Instant[] = [];
  for (let at = first; at < now; at += STEP_MS) instants.push(instant(at));
  return instants;
};
