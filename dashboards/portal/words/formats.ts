import { addDays, type CivilDate, civilDateOf, type Instant, type TimeZone } from '#domain/civil-time.ts';

/** Numbers, units, dates and durations, as every page prints them. Formats are cached: building one costs more than using it. */
export const LANGUAGES = ['fr', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const LOCALES: Readonly<Record<Language, string>> = { fr: 'fr-FR', en: 'en-GB' };
const NO_BREAK = '\u00A0';
const MINUS = '\u2212';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const cached = <K extends string, T>(build: (key: K) => T): ((key: K) => T) => {
  const known = new Map<K, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const built = build(key);
    known.set(key, built);
    return built;
  };
};

const numberFormats = new Map<string, Intl.NumberFormat>();
const numberFormat = (language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat => {
  const key = language + JSON.stringify(options);
  const found = numberFormats.get(key) ?? new Intl.NumberFormat(LOCALES[language], options);
  numberFormats.set(key, found);
  return found;
};

const dateFormats = new Map<string, Intl.DateTimeFormat>();
const dateParts = (language: Language, at: Instant, zone: TimeZone, options: Intl.DateTimeFormatOptions) => {
  const key = language + zone + JSON.stringify(options);
  const format = dateFormats.get(key) ?? new Intl.DateTimeFormat(LOCALES[language], { ...options, timeZone: zone });
  dateFormats.set(key, format);
  return new Map(format.formatToParts(at).map((part) => [part.type, part.value]));
};

const pluralRules = cached((language: Language) => new Intl.PluralRules(LOCALES[language]));
export const isPlural = (count: number, language: Language): boolean => pluralRules(language).select(count) !== 'one';

const signed = (text: string): string => text.replace(/^-/, MINUS);

/** Three significant digits, as on duty screens: `12 300`, `21,8`. */
export const formatNumber = (value: number, language: Language): string =>
  signed(numberFormat(language, { maximumSignificantDigits: 3 }).format(value));

/** Every digit of the value, one decimal at most: `12 345,6`. */
export const formatFullNumber = (value: number, language: Language): string =>
  signed(numberFormat(language, { maximumFractionDigits: 1 }).format(value));

const formatDecimals = (value: number, decimals: number, language: Language): string =>
  signed(numberFormat(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value));

const PREFIXES = [
  { from: 1e6, divisor: 1e6, prefix: 'M' },
  { from: 1e3, divisor: 1e3, prefix: 'k' },
] as const;

const withPrefix = (value: number, unit: 'W' | 'Wh', language: Language): string => {
  const { divisor, prefix } = PREFIXES.find(({ from }) => Math.abs(value) >= from) ?? { divisor: 1, prefix: '' };
  return `${formatNumber(value / divisor, language)}${NO_BREAK}${prefix}${unit}`;
};

/** `31 W`, `4,2 kW`. */
export const formatPower = (powerW: number, language: Language): string => withPrefix(powerW, 'W', language);
/** `412 kWh`. */
export const formatEnergy = (energyWh: number, language: Language): string => withPrefix(energyWh, 'Wh', language);
/** One prefix in a whole column: always kWh, two decimals. */
export const formatKilowattHours = (energyWh: number, language: Language): string =>
  `${formatDecimals(energyWh / 1000, 2, language)}${NO_BREAK}kWh`;
/** One prefix in a whole column: always kW, two decimals. */
export const formatKilowatts = (powerW: number, language: Language): string =>
  `${formatDecimals(powerW / 1000, 2, language)}${NO_BREAK}kW`;
/** `21,8 °C`, `12 lx`. */
export const formatWithUnit = (value: number, unit: string, language: Language): string =>
  `${formatNumber(value, language)}${NO_BREAK}${unit}`;

/** `70 %`, `70%`. Never for tenants. */
export const formatPercent = (value: number, language: Language): string =>
  language === 'fr' ? `${formatNumber(value, language)}${NO_BREAK}%` : `${formatNumber(value, language)}%`;

const euros = (text: string, language: Language): string => (language === 'fr' ? `${text}${NO_BREAK}€` : `€${text}`);

/** To the cent: `1,40 €`. */
export const formatEuros = (amount: number, language: Language): string => euros(formatDecimals(amount, 2, language), language);

/** Tenants: cents under 10 €, whole euros above. */
export const formatTenantEuros = (amount: number, language: Language): string =>
  Math.abs(amount) < 10 ? formatEuros(amount, language) : euros(formatDecimals(amount, 0, language), language);

/** `19,40 c€/kWh`. */
export const formatCentsPerKilowattHour = (cents: number, language: Language): string =>
  `${formatDecimals(cents, 2, language)}${NO_BREAK}${language === 'fr' ? 'c€' : 'c'}/kWh`;

/** Tables and inputs: `23:30`. */
export const formatTime = (at: Instant, zone: TimeZone): string => {
  const parts = dateParts('en', at, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return `${parts.get('hour')}:${parts.get('minute')}`;
};

/** Proof of a command only: `22:00:41`. */
export const formatTimeWithSeconds = (at: Instant, zone: TimeZone): string => {
  const parts = dateParts('en', at, zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  return `${parts.get('hour')}:${parts.get('minute')}:${parts.get('second')}`;
};

/** In a tenant's sentence: `23 h 30`, `14 h`; `11.30 pm`, `2 pm`. */
export const formatSpokenTime = (at: Instant, zone: TimeZone, language: Language): string => {
  const [hour = '', minute = ''] = formatTime(at, zone).split(':');
  if (language === 'fr') return `${Number(hour)}${NO_BREAK}h${minute === '00' ? '' : `${NO_BREAK}${minute}`}`;
  const half = Number(hour) < 12 ? 'am' : 'pm';
  return `${Number(hour) % 12 || 12}${minute === '00' ? '' : `.${minute}`}${NO_BREAK}${half}`;
};

const firstOfMonth = (day: string | undefined, language: Language): string =>
  language === 'fr' && day === '1' ? '1er' : String(day);

/** `mar. 24 nov. 2026`, `Tue 24 Nov 2026`. */
export const formatShortDate = (at: Instant, zone: TimeZone, language: Language): string => {
  const parts = dateParts(language, at, zone, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  return `${parts.get('weekday')} ${firstOfMonth(parts.get('day'), language)} ${parts.get('month')} ${parts.get('year')}`;
};

/** `mardi 24 novembre`, `dimanche 1er mars`. */
export const formatLongDate = (at: Instant, zone: TimeZone, language: Language): string => {
  const parts = dateParts(language, at, zone, { weekday: 'long', day: 'numeric', month: 'long' });
  return `${parts.get('weekday')} ${firstOfMonth(parts.get('day'), language)} ${parts.get('month')}`;
};

/** `mardi`, `Tuesday`. */
export const formatWeekday = (at: Instant, zone: TimeZone, language: Language): string =>
  String(dateParts(language, at, zone, { weekday: 'long' }).get('weekday'));

const noonOf = (date: string): Instant => Date.parse(`${date}T12:00:00Z`) as Instant;
const UTC = 'UTC' as TimeZone;
/** A civil day that comes without its instant: `mardi 24 novembre`. */
export const formatCivilDay = (date: string, language: Language): string => formatLongDate(noonOf(date), UTC, language);
/** A day long ago or far ahead, in a sentence: `1er août 2026`. */
export const formatCivilDayWithYear = (date: string, language: Language): string => {
  const parts = dateParts(language, noonOf(date), UTC, { day: 'numeric', month: 'long', year: 'numeric' });
  return `${firstOfMonth(parts.get('day'), language)} ${parts.get('month')} ${parts.get('year')}`;
};
/** The same, for a table: `mar. 24 nov. 2026`. */
export const formatShortCivilDay = (date: string, language: Language): string => formatShortDate(noonOf(date), UTC, language);

const DAY_WORDS = {
  fr: { tomorrow: 'demain', days: (count: number) => `${count}${NO_BREAK}jours` },
  en: { tomorrow: 'tomorrow', days: (count: number) => `${count}${NO_BREAK}days` },
} as const;

/** When, seen from now: `23:30` today, `demain 08:06`, else with its date. */
export const formatMoment = (at: Instant, now: Instant, zone: TimeZone, language: Language): string => {
  const date = civilDateOf(at, zone);
  const today = civilDateOf(now, zone);
  if (date === today) return formatTime(at, zone);
  if (date === addDays(today, 1)) return `${DAY_WORDS[language].tomorrow} ${formatTime(at, zone)}`;
  return `${formatShortDate(at, zone, language)} ${formatTime(at, zone)}`;
};

/** Since when, in the past: `14:05` today, `mardi 14:05` within a week, else with its date. */
export const formatSince = (at: Instant, now: Instant, zone: TimeZone, language: Language): string => {
  const time = formatTime(at, zone);
  if (civilDateOf(at, zone) === civilDateOf(now, zone)) return time;
  return now - at < 6 * DAY_MS
    ? `${formatWeekday(at, zone, language)} ${time}`
    : `${formatShortDate(at, zone, language)} ${time}`;
};

/** `40 s`, `3 min`, `2 h 05`, `3 jours`. */
export const formatDuration = (durationMs: number, language: Language): string => {
  if (durationMs < MINUTE_MS) return `${Math.max(0, Math.round(durationMs / 1000))}${NO_BREAK}s`;
  if (durationMs < HOUR_MS) return `${Math.floor(durationMs / MINUTE_MS)}${NO_BREAK}min`;
  if (durationMs >= 2 * DAY_MS) return DAY_WORDS[language].days(Math.floor(durationMs / DAY_MS));
  const hours = Math.floor(durationMs / HOUR_MS);
  const minutes = Math.floor((durationMs % HOUR_MS) / MINUTE_MS);
  return `${hours}${NO_BREAK}h${minutes === 0 ? '' : `${NO_BREAK}${String(minutes).padStart(2, '0')}`}`;
};

/** `il y a 3 min`, `3 min ago`; beyond 24 h it is a date. */
export const formatAge = (at: Instant, now: Instant, zone: TimeZone, language: Language): string => {
  if (now - at > DAY_MS) return formatShortDate(at, zone, language);
  const duration = formatDuration(now - at, language);
  return language === 'fr' ? `il y a ${duration}` : `${duration} ago`;
};

/** A night is named by the day of its noon: `nuit du 24 au 25 novembre`, `night of 24–25 November`. */
export const formatNight = (date: CivilDate, language: Language): string => {
  const of = (day: CivilDate) => {
    const parts = dateParts(language, noonOf(day), UTC, { day: 'numeric', month: 'long' });
    return { day: firstOfMonth(parts.get('day'), language), month: String(parts.get('month')) };
  };
  const evening = of(date);
  const morning = of(addDays(date, 1));
  const sameMonth = evening.month === morning.month;
  if (language === 'fr')
    return `nuit du ${evening.day}${sameMonth ? '' : ` ${evening.month}`} au ${morning.day} ${morning.month}`;
  return sameMonth
    ? `night of ${evening.day}–${morning.day} ${morning.month}`
    : `night of ${evening.day} ${evening.month} – ${morning.day} ${morning.month}`;
};
