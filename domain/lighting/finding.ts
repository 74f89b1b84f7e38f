import type { CivilDate } from '#domain/civil-time.ts';
import type { Citation } from '#domain/lighting/law-rule.ts';

interface FindingText {
  /** A refusal keeps a program from being published, unless what it rests on is to be verified. */
  readonly severity: 'refusal' | 'warning';
  readonly fr: string;
  readonly en: string;
}

/** What can be wrong with a program: braces are filled from the fields of a finding. */
export const FINDINGS = {
  'group-empty': {
    severity: 'refusal',
    fr: 'Le groupe {group} n’a aucun point lumineux : ce programme n’allumerait rien.',
    en: 'Group {group} has no light point: this program would light nothing.',
  },
  'program-unknown': {
    severity: 'refusal',
    fr: 'Le programme {program} n’existe pas.',
    en: 'There is no program {program}.',
  },
  'calendar-unknown': {
    severity: 'refusal',
    fr: 'Le calendrier {calendar} n’existe pas.',
    en: 'There is no calendar {calendar}.',
  },
  'periods-overlap': {
    severity: 'refusal',
    fr: 'Les périodes {first} et {second} se recouvrent {nights} nuits de l’année, la première fois le {date}.',
    en: 'Periods {first} and {second} overlap on {nights} nights of the year, first on {date}.',
  },
  'period-void': {
    severity: 'warning',
    fr: 'La période {first} n’éclaire rien {nights} nuits de l’année : elle finit avant de commencer, la première fois le {date}.',
    en: 'Period {first} lights nothing on {nights} nights of the year: it ends before it begins, first on {date}.',
  },
  'rule-without-end': {
    severity: 'warning',
    fr: 'Cette règle commence le {date} et ne finit jamais : donnez-lui une date de fin, ou faites-en le programme par défaut.',
    en: 'This rule starts on {date} and never ends: give it an end date, or make it the default program.',
  },
  'rule-without-effect': {
    severity: 'warning',
    fr: 'Cette règle ne s’applique aucune nuit de l’année {year}.',
    en: 'This rule applies on no night of {year}.',
  },
  'rule-hidden': {
    severity: 'warning',
    fr: 'Une règle placée avant celle-ci la remplace {nights} nuits, la première fois le {date}.',
    en: 'A rule placed before this one takes its place on {nights} nights, first on {date}.',
  },
  'never-lit': {
    severity: 'warning',
    fr: 'Rien ne s’allume de toute l’année {year}.',
    en: 'Nothing is lit in the whole of {year}.',
  },
  'lit-by-day': {
    severity: 'warning',
    fr: 'Allumé en plein jour {nights} nuits de l’année, la première fois le {date}.',
    en: 'Lit in daylight on {nights} nights of the year, first on {date}.',
  },
  'lit-briefly': {
    severity: 'warning',
    fr: 'Allumé pendant {minutes} min seulement, {nights} nuits de l’année, la première fois le {date} : moins de {least} min.',
    en: 'Lit for only {minutes} min, on {nights} nights of the year, first on {date}: less than {least} min.',
  },
  'crossing-dimmed': {
    severity: 'refusal',
    fr: 'Un carrefour ne s’abaisse pas : {level} % est demandé.',
    en: 'A crossing is not dimmed: {level} % is asked.',
  },
  'below-minimum': {
    severity: 'warning',
    fr: '{level} % est sous le minimum du luminaire, {minimum} %.',
    en: '{level} % is below the minimum of the luminaire, {minimum} %.',
  },
  'class-below-floor': {
    severity: 'refusal',
    fr: 'À {level} %, la rue n’a que {average} {unit} : {reached} au lieu de {asked}.',
    en: 'At {level} %, the street has only {average} {unit}: {reached} instead of {asked}.',
  },
  'class-not-reached': {
    severity: 'refusal',
    fr: 'Même à 100 %, la rue n’a que {average} {unit} : {asked} ne peut pas être atteinte.',
    en: 'Even at 100 %, the street has only {average} {unit}: {asked} cannot be reached.',
  },
  'lit-after-limit': {
    severity: 'refusal',
    fr: 'Allumé après l’heure limite ({limit}) {nights} nuits de l’année, la première fois le {date}.',
    en: 'Lit after the latest hour ({limit}) on {nights} nights of the year, first on {date}.',
  },
  'lit-before-sunset': {
    severity: 'refusal',
    fr: 'Allumé avant le coucher du soleil {nights} nuits de l’année, la première fois le {date}.',
    en: 'Lit before sunset on {nights} nights of the year, first on {date}.',
  },
  'closing-unknown': {
    severity: 'warning',
    fr: 'L’heure de fin d’activité ou de fermeture manque : l’heure limite ne peut pas être vérifiée.',
    en: 'The hour at which the activity or the opening ends is missing: the latest hour cannot be checked.',
  },
  'derogation-undated': {
    severity: 'refusal',
    fr: 'La dérogation « {decision} » n’a pas de date de fin.',
    en: 'The derogation “{decision}” has no end date.',
  },
  'colour-temperature': {
    severity: 'warning',
    fr: '{kelvins} K : au plus {most} K pour cette installation.',
    en: '{kelvins} K: at most {most} K for this installation.',
  },
} as const satisfies Readonly<Record<string, FindingText>>;

export type FindingCode = keyof typeof FINDINGS;

export interface Finding {
  readonly code: FindingCode;
  /** Where in what was checked, such as `programs.0.fixedTimeControls.1`. */
  readonly path: string;
  readonly fields: Readonly<Record<string, string | number>>;
  /** Null: a rule of good sense, which needs no source. */
  readonly rule: Citation | null;
  /** First night concerned. */
  readonly firstOn: CivilDate | null;
}

/** Refuses only what rests on nothing to be verified. */
export const isRefusal = ({ code, rule }: Finding): boolean =>
  FINDINGS[code].severity === 'refusal' && rule?.certainty !== 'to-verify';

const TO_VERIFY = { fr: ' (à vérifier)', en: ' (to be verified)' } as const;

/** A finding as a person reads it, with the rule that it cites. */
export const findingSentence = ({ code, fields, rule }: Finding, language: 'fr' | 'en'): string => {
  const said = FINDINGS[code][language].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(fields[name] ?? name));
  if (rule === null) return said;
  return `${said} ${rule.title}${rule.certainty === 'to-verify' ? TO_VERIFY[language] : ''}.`;
};
