import type { PointReference, Privacy, StaleHours, StoredReading } from '#contract/ports/time-series-store.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import type { PointId } from '#domain/identifiers.ts';
import type { InfluxHttp } from './influx-http.ts';

export const STALE_MEASUREMENT = 'stale';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface WrittenHour extends PointReference {
  readonly at: number;
  revision: number;
  /** Writes that are on their way: nobody knows yet what a read finds. */
  writing: number;
}

/**
 * The hours whose rollups are to be made again. Each is in the database as a point of `stale`, put there before its first
 * reading, and in memory; what is settled leaves the database when nothing older is left, and is at worst made again after
 * a crash. One process writes a point (ADR 0018).
 */
export interface WrittenHours {
  /** Before a write: lines to put before those of the readings. Call `written` when it ended. */
  writing(
    privacy: Privacy,
    readings: readonly StoredReading[],
  ): { readonly lines: readonly string[]; written(isStored: boolean): void };
  /** What a former run left. Once. */
  recall(http: InfluxHttp, databases: Readonly<Record<Privacy, string>>): Promise<void>;
  /** Of one point or of all, oldest first. */
  stale(limit: number, point?: PointReference): readonly StaleHours[];
  settle(hours: readonly StaleHours[]): void;
  forget(point: PointReference): void;
  /** Instant before which the database needs no mark any more, or null when it did not move. */
  settledBefore(): Instant | null;
}

const keyOf = ({ privacy, point }: PointReference, at: number): string => `${privacy} ${point} ${at}`;

export const createWrittenHours = (): WrittenHours => {
  const hours = new Map<string, WrittenHour>();
  let recalled = false;
  let newest = Number.NEGATIVE_INFINITY;
  let marksFrom = Number.NEGATIVE_INFINITY;

  const add = (point: PointReference, at: number): { readonly hour: WrittenHour; readonly isNew: boolean } => {
    const key = keyOf(point, at);
    const known = hours.get(key);
    if (known !== undefined) return { hour: known, isNew: false };
    const hour = { point: point.point, privacy: point.privacy, at, revision: 0, writing: 0 };
    hours.set(key, hour);
    newest = Math.max(newest, at);
    // an old hour was written again: its mark is older than all that was deleted
    marksFrom = Math.min(marksFrom, at);
    return { hour, isNew: true };
  };

  return {
    writing(privacy, readings) {
      const touched = new Set<WrittenHour>();
      const marked = new Set<WrittenHour>();
      const lines: string[] = [];
      for (const { point, at } of readings) {
        const start = Math.floor(at / HOUR_MS) * HOUR_MS;
        const { hour, isNew } = add({ point, privacy }, start);
        if (isNew) {
          marked.add(hour);
          lines.push(`${STALE_MEASUREMENT},point=${point} stale=true ${start}`);
        }
        touched.add(hour);
      }
      for (const hour of touched) hour.writing += 1;
      return {
        lines,
        written: (isStored) => {
          for (const hour of touched) {
            hour.writing -= 1;
            hour.revision += 1;
          }
          // the mark may not be in the database: the next write puts it there
          if (!isStored) for (const hour of marked) hours.delete(keyOf(hour, hour.at));
        },
      };
    },
    async recall(http, databases) {
      if (recalled) return;
      for (const privacy of ['operational', 'dwelling'] as const) {
        const [found = []] = await http.query(
          `SELECT "stale" FROM "${STALE_MEASUREMENT}" GROUP BY "point"`,
          {},
          databases[privacy],
        );
        for (const { tags, rows } of found)
          for (const row of rows) add({ point: tags['point'] as PointId, privacy }, Number(row['time']));
      }
      recalled = true;
    },
    stale(limit, point) {
      const asked = [...hours.values()].filter(
        (hour) => point === undefined || (hour.point === point.point && hour.privacy === point.privacy),
      );
      const oldest = asked.sort((a, b) => a.at - b.at).slice(0, limit);
      return oldest.map(({ point, privacy, at, revision }) => ({ point, privacy, hours: [instant(at)], revision }));
    },
    settle(settled) {
      for (const { hours: starts, revision, ...point } of settled)
        for (const at of starts) {
          const hour = hours.get(keyOf(point, at));
          if (hour?.revision === revision && hour.writing === 0) hours.delete(keyOf(point, at));
        }
    },
    forget({ point, privacy }) {
      for (const [key, hour] of hours) if (hour.point === point && hour.privacy === privacy) hours.delete(key);
    },
    settledBefore() {
      let oldest = newest + HOUR_MS;
      for (const { at } of hours.values()) oldest = Math.min(oldest, at);
      if (!Number.isFinite(oldest) || oldest < marksFrom + DAY_MS) return null;
      marksFrom = oldest;
      return instant(oldest);
    },
  };
};
