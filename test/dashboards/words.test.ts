import { describe, expect, test } from 'vitest';
import { en } from '#dashboards/portal/words/en.ts';
import { fr } from '#dashboards/portal/words/fr.ts';
import { counted, fill } from '#dashboards/portal/words/words.ts';

const leaves = (value: object, path = ''): [string, string][] =>
  Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'string' ? [[`${path}${key}`, inner] as [string, string]] : leaves(inner as object, `${path}${key}.`),
  );

const braces = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name)).sort();

const FORBIDDEN = ['kwh', 'kw', 'watt', 'conso', 'donnée', 'consentement', 'puissance', 'courbe', 'index', 'pointe', 'rgpd', '%'];
const tenantTexts = (words: typeof fr | typeof en): [string, string][] =>
  leaves({ home: words.home, homeSignIn: words.homeSignIn });

describe('the words of the portal', () => {
  test('are under the same keys in French and in English', () => {
    expect(leaves(en).map(([key]) => key)).toEqual(leaves(fr).map(([key]) => key));
  });

  test('take the same fillings in both languages', () => {
    const english = new Map(leaves(en));
    for (const [key, text] of leaves(fr)) expect(braces(english.get(key) ?? ''), key).toEqual(braces(text));
  });

  test.each([...tenantTexts(fr), ...tenantTexts(en)])('for a tenant, "%s" has sentences of 12 words at most', (_key, text) => {
    for (const sentence of text.split(/[.?!](?:\s|$)/)) {
      const words = sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
      expect(words.length, sentence).toBeLessThanOrEqual(12);
    }
  });

  test.each(tenantTexts(fr))('for a tenant, "%s" names no technical thing', (_key, text) => {
    for (const word of FORBIDDEN) expect(text.toLowerCase()).not.toMatch(new RegExp(`(^|[^\\p{L}])${word}`, 'u'));
  });

  test.each([
    [fr.homeSignIn.code, 'Tapez le code de votre lettre. Il a 8 signes.'],
    [fr.homeSignIn.wrongCode, 'Ce code est faux. Regardez bien votre lettre.'],
    [fr.home.help, 'Besoin d’aide ? Appelez le {phone}.'],
    [fr.home.yesterday, 'Hier : {amount}.'],
    [fr.home.today, 'Aujourd’hui, jusqu’à {time} : {amount}.'],
    [fr.home.state['as-usual'], 'Tout va bien.'],
    [fr.home.state['a-little-more'], 'Un peu plus que d’habitude.'],
    [fr.home.state['much-more'], 'Beaucoup plus que d’habitude.'],
    [fr.home.noMeasureSince, 'Pas de mesure depuis {day}. Ce n’est pas votre faute.'],
    [fr.home.estimated, 'Ce prix est estimé. Votre facture donne le vrai prix.'],
    [fr.home.standing, 'L’abonnement est compris : {amount} par jour.'],
    [fr.home.nothingToDo, 'Rien à faire aujourd’hui.'],
    [fr.home.cannotHear, 'Vous n’entendez pas ? Appelez le {phone}.'],
    [en.home.yesterday, 'Yesterday: {amount}.'],
    [en.home.noMeasureSince, 'No measure since {day}. It is not your fault.'],
    [en.home.estimated, 'This price is a guess. Your bill gives the real price.'],
  ])('say to a tenant, sign for sign, "%s"', (text, agreed) => {
    expect(text).toBe(agreed);
  });

  test('are filled whole, or not at all', () => {
    expect(fill(fr.street.nextChange, { moment: '23:30' })).toBe('Prochain changement : 23:30.');
    expect(() => fill(fr.street.nextChange, {})).toThrow(/needs \{moment\}/);
  });

  test('agree with their count, zero being singular in French', () => {
    expect(counted(fr.street.sentenceOverrides, 0, 'fr')).toBe('0 dérogation en cours.');
    expect(counted(fr.street.sentenceOverrides, 2, 'fr')).toBe('2 dérogations en cours.');
    expect(counted(en.street.sentenceOverrides, 0, 'en')).toBe('0 overrides in force.');
  });
});
