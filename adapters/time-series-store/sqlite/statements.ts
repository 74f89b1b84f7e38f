/** A new series has no day yet: its first and last day cross until its first value is written. */
export const INTERN_SERIES = `INSERT INTO series (point, privacy, quantity, first_day, last_day)
  VALUES (?, ?, ?, ${Number.MAX_SAFE_INTEGER}, ${Number.MIN_SAFE_INTEGER}) ON CONFLICT DO NOTHING`;

export const FIND_SERIES = `SELECT id, first_day AS firstDay, last_day AS lastDay
  FROM series WHERE point = ? AND privacy = ? AND quantity = ?`;

export const WIDEN_SERIES = 'UPDATE series SET first_day = min(first_day, ?2), last_day = max(last_day, ?3) WHERE id = ?1';

/** Touches nothing when the same value is there already; the trigger notes a different one. */
export const UPSERT_READING = `INSERT INTO reading (day, series, at, value, quality) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET value = excluded.value, quality = excluded.quality
  WHERE reading.value IS NOT excluded.value OR reading.quality <> excluded.quality`;

export const FORGET_CONFLICTS = 'DELETE FROM temp.conflict';

export const FIND_CONFLICTS = `SELECT series.point, series.quantity, conflict.at
  FROM temp.conflict JOIN series ON series.id = conflict.series ORDER BY conflict.at, series.id`;

const SERIES = 'wanted AS (SELECT id, first_day, last_day FROM series WHERE point = ?1 AND privacy = ?2 AND quantity = ?3)';

/** Days are walked one by one, in order, and inside a day the key gives the instants in order: nothing is sorted. */
export const SELECT_SERIES = `WITH RECURSIVE ${SERIES},
  walk (day) AS (
    SELECT max(first_day, ?6) FROM wanted WHERE first_day <= ?7 AND last_day >= ?6
    UNION ALL SELECT day + 1 FROM walk, wanted WHERE day < min(last_day, ?7))
  SELECT reading.at, reading.value, reading.quality
  FROM walk CROSS JOIN wanted CROSS JOIN reading
  WHERE reading.day = walk.day AND reading.series = wanted.id AND reading.at >= ?4 AND reading.at < ?5
  LIMIT ?8`;

const nearest = (walk: string, which: 'min' | 'max', bound: string): string => `WITH RECURSIVE ${SERIES}, walk (day) AS (${walk})
  SELECT reading.at, reading.value, reading.quality
  FROM walk CROSS JOIN wanted CROSS JOIN reading
  WHERE reading.day = walk.day AND reading.series = wanted.id AND reading.at = (
    SELECT ${which}(other.at) FROM reading AS other
    WHERE other.day = walk.day AND other.series = wanted.id AND other.at ${bound} ?4 AND other.value IS NOT NULL)
  LIMIT 1`;

export const LAST_AT_OR_BEFORE = nearest(
  `SELECT min(last_day, ?5) FROM wanted WHERE first_day <= ?5
   UNION ALL SELECT day - 1 FROM walk, wanted WHERE day > first_day`,
  'max',
  '<=',
);

export const FIRST_AT_OR_AFTER = nearest(
  `SELECT max(first_day, ?5) FROM wanted WHERE last_day >= ?5
   UNION ALL SELECT day + 1 FROM walk, wanted WHERE day < last_day`,
  'min',
  '>=',
);

export const LATEST_OF_POINT = `SELECT series.point, series.quantity, reading.at, reading.value, reading.quality
  FROM series CROSS JOIN reading
  WHERE series.point = ? AND series.privacy = ? AND reading.day = series.last_day AND reading.series = series.id
    AND reading.at = (SELECT max(other.at) FROM reading AS other WHERE other.day = series.last_day AND other.series = series.id)`;

export const LATEST_INSTANT = `SELECT max((SELECT max(at) FROM reading WHERE day = series.last_day AND series = series.id)) AS at
  FROM series WHERE last_day = (SELECT max(last_day) FROM series)`;

export const ERASE_READINGS = `WITH RECURSIVE
  wanted AS (SELECT id, first_day, last_day FROM series WHERE point = ?1 AND privacy = ?2),
  walk (id, day) AS (
    SELECT id, first_day FROM wanted WHERE first_day <= last_day
    UNION ALL SELECT walk.id, walk.day + 1 FROM walk JOIN wanted USING (id) WHERE walk.day < wanted.last_day)
  DELETE FROM reading WHERE (day, series) IN (SELECT day, id FROM walk)`;

export const ERASE_SERIES = 'DELETE FROM series WHERE point = ? AND privacy = ?';

/** Erased pages leave the write-ahead log too. */
export const TRUNCATE_LOG = 'PRAGMA wal_checkpoint(TRUNCATE)';
