import { civilDate, formatInstant, instantOf, isCivilTime, parseInstant, timeZone } from '#domain/civil-time.ts';
import { type DeviceId, deviceId, isIdentifier } from '#domain/identifiers.ts';
import type { BindingFields, CommissioningError, DeclarationFields } from '../commissioning-content.ts';
import { isDate } from './read-acting-form.ts';

export interface DeclaredAddress {
  readonly device?: DeviceId;
  readonly profile: string;
  readonly unitId: number;
  readonly channel: number | null;
}

const LINE = /\{([^}]*)\}/;
const ENTRY = /(\w+)\s*:\s*([\w-]+)/g;

const wholeNumber = (text: string | undefined): number | null => (/^\d{1,3}$/.test(text ?? '') ? Number(text) : null);

/** A line that a scan printed for a gateway's file; null for any other line. */
const scannedLine = (line: string): DeclaredAddress | null => {
  const inside = line.trimStart().startsWith('-') ? LINE.exec(line)?.[1] : undefined;
  if (inside === undefined) return null;
  const entries = new Map([...inside.matchAll(ENTRY)].map(([, key = '', value = '']) => [key, value]));
  const [profile, unitId] = [entries.get('profile'), wholeNumber(entries.get('unitId'))];
  if (profile === undefined || unitId === null) return null;
  const device = entries.get('device') ?? '';
  return {
    ...(isIdentifier(device) ? { device: deviceId(device) } : {}),
    profile,
    unitId,
    channel: wholeNumber(entries.get('channel')),
  };
};

/** What is to be declared, or what is wrong with what was typed. */
export const readDeclaration = (
  fields: DeclarationFields,
): readonly DeclaredAddress[] | { readonly errors: CommissioningError[] } => {
  if (fields.lines !== '') {
    const found = fields.lines.split('\n').flatMap((line) => scannedLine(line) ?? []);
    return found.length === 0 ? { errors: ['lines'] } : found;
  }
  const [unitId, channel] = [wholeNumber(fields.unit), wholeNumber(fields.channel)];
  const errors: CommissioningError[] = [];
  if (fields.profile === '') errors.push('profile');
  if (unitId === null || unitId < 1 || unitId > 247) errors.push('unit');
  if (fields.channel !== '' && (channel === null || channel > 255)) errors.push('channel');
  return errors.length > 0 || unitId === null ? { errors } : [{ profile: fields.profile, unitId, channel }];
};

/** When a meter was fitted, as an instant; null when it is no time of the past. */
export const readFittedAt = (
  { when, date, time }: Pick<BindingFields, 'when' | 'date' | 'time'>,
  site: { readonly timeZone: string; readonly now: string },
): string | null => {
  if (when === 'now') return site.now;
  if (!isDate(date) || !isCivilTime(time)) return null;
  const at = instantOf(civilDate(date), time, timeZone(site.timeZone));
  return at > parseInstant(site.now) ? null : formatInstant(at);
};
