import { civilDate, civilTime } from '#domain/civil-time.ts';
import type { Citation, LawRule } from '#domain/lighting/law-rule.ts';

const TITLE = 'Arrêté du 27 décembre 2018 relatif à la prévention des nuisances lumineuses';
const FROM = civilDate('2020-01-01');
const FIDUCIAL = 'fiducial.fr, présentation de l’arrêté';
const ONE = civilTime('01:00');
const SEVEN = civilTime('07:00');

const rule = (
  letter: string,
  more: Omit<LawRule, 'id' | 'title' | 'from' | 'certainty'> & Partial<Pick<LawRule, 'certainty'>>,
): LawRule => ({
  id: `arrete-2018-12-27/${letter}`,
  title: `${TITLE}, article 2, catégorie ${letter.slice(0, 1)}`,
  from: FROM,
  certainty: 'sourced',
  ...more,
});

/**
 * Hours of the order of 27 December 2018, as modified on 29 May 2019, by category of installation. Facts as reported by the
 * sources cited; a reader of the law must confirm what is marked. Roads have no national hour: the commune decides.
 */
export const ARRETE_2018_12_27: readonly LawRule[] = [
  rule('a-voirie', { category: 'road', source: 'service-public.fr F33301' }),
  rule('a-activite', { category: 'activity', offAtLatest: { minutesAfterEnd: 60 }, morningFrom: SEVEN, source: FIDUCIAL }),
  rule('b-patrimoine', { category: 'heritage', offAtLatest: { time: ONE }, isOnAfterSunset: true, source: FIDUCIAL }),
  rule('b-parcs', { category: 'park', offAtLatest: { minutesAfterEnd: 60 }, isOnAfterSunset: true, source: FIDUCIAL }),
  rule('d-facades', {
    category: 'facade',
    offAtLatest: { time: ONE },
    isOnAfterSunset: true,
    source: 'faceaurisque.com, arrêté du 29 mai 2019',
  }),
  rule('d-vitrines', {
    category: 'shop-window',
    offAtLatest: { time: ONE, minutesAfterEnd: 60 },
    morningFrom: SEVEN,
    source: FIDUCIAL,
  }),
  rule('d-interieur', { category: 'interior', offAtLatest: { minutesAfterEnd: 60 }, morningFrom: SEVEN, source: FIDUCIAL }),
  rule('e-stationnement', {
    category: 'car-park',
    offAtLatest: { minutesAfterEnd: 120 },
    isOnAfterSunset: true,
    morningFrom: SEVEN,
    source: FIDUCIAL,
  }),
  rule('g-chantiers', {
    category: 'worksite',
    offAtLatest: { minutesAfterEnd: 60 },
    source: 'connaissance générale',
    certainty: 'to-verify',
  }),
];

/** Highest colour temperature, kelvins, of categories a, d and e. */
export const COLOUR_TEMPERATURE: Citation & { readonly atMostK: number; readonly categories: readonly LawRule['category'][] } = {
  id: 'arrete-2018-12-27/temperature',
  title: `${TITLE}, article 3`,
  source: 'syndicat-eclairage.com',
  certainty: 'sourced',
  atMostK: 3000,
  categories: ['road', 'activity', 'facade', 'shop-window', 'interior', 'car-park'],
};
