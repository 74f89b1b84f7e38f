import type { StreetAnswer } from '#contract/routes/lighting.ts';
import {
  addDays,
  civilDate,
  civilDateOf,
  formatInstant,
  type Instant,
  instant,
  instantOf,
  isCivilTime,
  parseInstant,
  timeZone,
} from '#domain/civil-time.ts';
import { targetOfChoice } from '../components/override-target.ts';
import type { ActingError, ActingFields, OverrideDraft } from '../page-content.ts';

const HOUR_MS = 60 * 60_000;
const CIVIL_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** An hour is the default: short, and never "for ever". */
export const emptyActingFields = (street: StreetAnswer, target = 'tout'): ActingFields => {
  const zone = timeZone(street.timeZone);
  return {
    target,
    level: '50',
    end: '1h',
    date: addDays(civilDateOf(parseInstant(street.now), zone), 1),
    time: '08:00',
    reason: '',
  };
};

export interface SubmittedActing {
  readonly fields: ActingFields;
  /** The end that the button named, written by the script or by the check page. */
  readonly namedEnd: string;
}

export const isDate = (text: string): boolean => {
  if (!CIVIL_DATE.test(text)) return false;
  try {
    civilDate(text);
    return true;
  } catch {
    return false;
  }
};

const chosenEnd = ({ fields, namedEnd }: SubmittedActing, street: StreetAnswer): Instant | 'end' | 'date' => {
  const now = parseInstant(street.now);
  const named = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(namedEnd) ? parseInstant(namedEnd) : null;
  switch (fields.end) {
    case '1h':
      return named ?? instant(now + HOUR_MS);
    case '2h':
      return named ?? instant(now + 2 * HOUR_MS);
    case 'lever':
      return street.sunriseAt === null ? 'end' : parseInstant(street.sunriseAt);
    case 'date':
      if (!isDate(fields.date) || !isCivilTime(fields.time)) return 'date';
      return instantOf(civilDate(fields.date), fields.time, timeZone(street.timeZone));
    default:
      return 'end';
  }
};

/** The form as an override, or what is wrong with each field. */
export const readActingForm = (submitted: SubmittedActing, street: StreetAnswer): OverrideDraft | readonly ActingError[] => {
  const { fields } = submitted;
  const now = parseInstant(street.now);
  const end = chosenEnd(submitted, street);
  const levelPercent = /^\d{1,3}$/.test(fields.level) ? Number(fields.level) : null;
  const errors: ActingError[] = [];
  if (targetOfChoice(fields.target, street) === null) errors.push('target');
  if (levelPercent === null || levelPercent > 100) errors.push('level');
  if (typeof end === 'string') errors.push(end);
  else if (end <= now) errors.push(fields.end === 'date' ? 'date' : 'end');
  if (fields.reason.length === 0 || fields.reason.length > 200) errors.push('reason');
  if (errors.length > 0 || typeof end === 'string' || levelPercent === null) return errors;
  return { fields, levelPercent, endsAt: formatInstant(end) };
};
