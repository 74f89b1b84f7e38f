import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  DIGITS,
  LETTER_CODE,
  type PortalOnAnswers,
  SESSIONS,
  STAFF_PASSWORD,
  startPortalOnAnswers,
} from '#test/browser/portal-on-answers.ts';
import { startBrowser } from '#test/browser/start-browser.ts';
import { ago, homeAnswer, lightPoint, overrideOfNorth, quietStreet, STREET, streetAnswer } from './portal-answers.ts';

const STREET_PATH = '/eclairage/armoires/site-republique';
const OVERRIDE_PATH = `${STREET_PATH}/derogations/override-7f3a`;

describe('people on the pages', () => {
  let portal: PortalOnAnswers;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    portal = await startPortalOnAnswers();
    portal.answers.street = quietStreet();
  });
  afterEach(async () => {
    await context.close();
    await portal.stop();
  });

  const visit = async (path: string, options: { scripts?: boolean; role?: 'technician' | 'tenant' } = {}): Promise<Page> => {
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, javaScriptEnabled: options.scripts ?? true });
    if (options.role !== undefined)
      await context.addCookies([
        options.role === 'tenant'
          ? { name: 'axone_home', value: SESSIONS.tenant, domain: '127.0.0.1', path: '/chez-moi' }
          : { name: 'axone_session', value: SESSIONS.technician, domain: '127.0.0.1', path: '/' },
      ]);
    const page = await context.newPage();
    await page.goto(portal.url + path);
    return page;
  };

  test('a technician signs in and dims one lamp with the keyboard alone, the button naming what it does', async () => {
    const page = await visit('/connexion');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Aller au contenu');
    await page.locator('#email').focus();
    await page.keyboard.type('technicien@exemple.fr');
    await page.keyboard.press('Tab');
    await page.keyboard.type(STAFF_PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/eclairage');
    await page.getByRole('link', { name: /^Voir Rue de la République/ }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${STREET_PATH}`);
    await page.getByRole('link', { name: 'Régler REP-07' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('niveau');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('30');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('1h');
    await page.locator('#pourquoi').focus();
    await page.keyboard.type('essai');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Mettre REP-07 à 30\u00A0% jusqu’à 23:4\d$/);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${OVERRIDE_PATH}`);
    expect(portal.begun).toMatchObject([
      { target: { kind: 'light-point', lightPoint: lightPoint(7).id }, levelPercent: 30, reason: 'essai' },
    ]);
    expect(portal.begun[0]?.endsAt).toMatch(/^2026-11-24T22:4\d:/);
  });

  test('without scripts the order is shown before it leaves, and an end at sunrise is the sunrise of the site', async () => {
    const page = await visit(STREET_PATH, { role: 'technician', scripts: false });
    await page.selectOption('#cible', 'groupe:group-republique-nord');
    await page.fill('#niveau', '50');
    await page.check('#fin-lever');
    await page.fill('#pourquoi', 'travaux');
    await page.click('#agir-envoyer');
    expect(portal.begun).toEqual([]);
    expect(await page.locator('h1').innerText()).toBe('Vérifier l’ordre');
    await page.getByRole('button', { name: 'Mettre Côté nord (12 points) à 50\u00A0% jusqu’à demain 08:06' }).click();
    await page.waitForURL(`**${OVERRIDE_PATH}`);
    expect(portal.begun).toEqual([
      {
        target: { kind: 'group', group: 'group-republique-nord' },
        levelPercent: 50,
        endsAt: '2026-11-25T07:06:00Z',
        reason: 'travaux',
      },
    ]);
  });

  test('a date and hour that an override must end at are read in the zone of the site', async () => {
    const page = await visit(STREET_PATH, { role: 'technician', scripts: false });
    await page.check('#fin-date');
    await page.fill('#date', '2026-11-26');
    await page.fill('#heure', '06:15');
    await page.fill('#pourquoi', 'marché');
    await page.click('#agir-envoyer');
    await page.getByRole('button', { name: /^Mettre toute la rue à 50/ }).click();
    await page.waitForURL(`**${OVERRIDE_PATH}`);
    expect(portal.begun[0]).toMatchObject({ target: { kind: 'all' }, endsAt: '2026-11-26T05:15:00Z' });
  });

  test('a form that is wrong says why, beside the field, and keeps what was typed', async () => {
    const page = await visit(STREET_PATH, { role: 'technician', scripts: false });
    await page.fill('#niveau', '130');
    await page.check('#fin-date');
    await page.fill('#date', '2026-11-20');
    await page.click('#agir-envoyer');
    expect(portal.begun).toEqual([]);
    expect(await page.locator('#erreurs li').allInnerTexts()).toEqual([
      'Donnez un niveau entier, de 0 à 100.',
      'Donnez une date et une heure à venir.',
      'Dites pourquoi, en 200 signes au plus.',
    ]);
    expect(await page.locator('#niveau').inputValue()).toBe('130');
    expect(await page.locator('#fin-date').isChecked()).toBe(true);
    expect(await page.locator('#niveau').getAttribute('aria-invalid')).toBe('true');
  });

  test('an order that the API refuses is not lost: its reason, its code and what was typed are shown', async () => {
    portal.answers.refusal = 'OVERRIDE_END_INVALID';
    const page = await visit(STREET_PATH, { role: 'technician' });
    await page.fill('#pourquoi', 'essai');
    await page.click('#agir-envoyer');
    await page.waitForSelector('[role=alert]');
    expect(await page.locator('[role=alert]').innerText()).toContain('OVERRIDE_END_INVALID');
    expect(await page.locator('#pourquoi').inputValue()).toBe('essai');
  });

  test('one click ends an override and comes back to its follow-up', async () => {
    const page = await visit(OVERRIDE_PATH, { role: 'technician' });
    await page.getByRole('button', { name: /^Revenir au programme/ }).click();
    await expect.poll(() => portal.ended).toEqual(['override-7f3a']);
    await page.waitForURL(`**${OVERRIDE_PATH}`);
  });

  test('a follow-up shows the proof by itself, without moving focus or closing what is open', async () => {
    portal.answers.override = overrideOfNorth({ lines: overrideOfNorth().lines.map((line) => ({ ...line, phase: 'sent' })) });
    portal.answers.override = { ...portal.answers.override, phases: { ...portal.answers.override.phases, proved: 0, sent: 12 } };
    const page = await visit(OVERRIDE_PATH, { role: 'technician' });
    const button = page.getByRole('button', { name: /^Revenir au programme/ });
    await button.focus();
    expect(await page.locator('[role=status]', { hasText: 'prouvées' }).innerText()).toBe('0 sur 12 prouvées.');
    portal.answers.override = overrideOfNorth();
    portal.changes.tell({ changed: 'street', id: STREET });
    await page.getByText('9 sur 12 prouvées.').waitFor();
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test('the living street keeps what is being typed and opened while its lamps change', async () => {
    const page = await visit(STREET_PATH, { role: 'technician' });
    await page.locator('summary').click();
    await page.fill('#pourquoi', 'à moitié tapé');
    portal.answers.street = streetAnswer();
    portal.changes.tell({ changed: 'street', id: STREET });
    await page.locator('.health-fault').waitFor();
    expect(await page.locator('#pourquoi').inputValue()).toBe('à moitié tapé');
    expect(await page.locator('details').evaluate((element) => (element as HTMLDetailsElement).open)).toBe(true);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('pourquoi');
    expect(await page.locator('.street-points tbody tr').count()).toBe(24);
  });

  test('a page that lost its link says so, and shuts its commands until it was read again', async () => {
    const page = await visit(STREET_PATH, { role: 'technician' });
    await page.getByRole('button', { name: /^Mettre toute la rue/ }).waitFor();
    await context.setOffline(true);
    portal.changes.tell({ changed: 'street', id: STREET });
    await expect.poll(() => page.locator('#offline').isVisible(), { timeout: 10_000 }).toBe(true);
    expect(await page.locator('#offline').innerText()).toMatch(
      /^Hors ligne depuis 22:4\d\. Vous voyez la dernière page reçue\.$/,
    );
    expect(await page.locator('#agir-envoyer').isDisabled()).toBe(true);
    expect(await page.locator('.command-reason').first().isVisible()).toBe(true);
    await context.setOffline(false);
    await expect.poll(() => page.locator('#offline').isVisible(), { timeout: 20_000 }).toBe(false);
    expect(await page.locator('#agir-envoyer').isDisabled()).toBe(false);
  });

  test('a session that was revoked leaves the open page at once', async () => {
    const page = await visit(STREET_PATH, { role: 'technician' });
    await page.waitForSelector('#agir-envoyer');
    portal.sessions.delete(SESSIONS.technician);
    portal.changes.tell({ changed: 'session', id: 'session-c-martin' });
    await page.waitForURL('**/connexion', { timeout: 15_000 });
  });

  test('a tenant enters with the code of the letter, then four digits, without scripts', async () => {
    const page = await visit('/chez-moi', { scripts: false });
    await page.waitForURL('**/chez-moi/entrer');
    await page.fill('#code', 'ZZ');
    await page.click('button[type=submit]');
    expect(await page.locator('#probleme').innerText()).toBe('Ce code est faux. Regardez bien votre lettre.');
    await page.fill('#code', `${LETTER_CODE.slice(0, 4)} ${LETTER_CODE.slice(4).toLowerCase()}`);
    await page.click('main button[type=submit]');
    await page.fill('#chiffres', DIGITS);
    await page.click('main button[type=submit]');
    await page.waitForURL('**/chez-moi');
    expect(await page.locator('main').innerText()).toContain('Hier\u00A0: 1,40\u00A0€.');
    const cookies = await context.cookies(`${portal.url}/chez-moi`);
    expect(cookies.find(({ name }) => name === 'axone_home')).toMatchObject({ path: '/chez-moi', httpOnly: true });
    expect((await context.cookies(portal.url)).map(({ name }) => name)).not.toContain('axone_home');
    await page.getByRole('button', { name: 'Sortir' }).click();
    await page.waitForURL(`${portal.url}/`);
    await page.goto(`${portal.url}/chez-moi`);
    await page.waitForURL('**/chez-moi/entrer');
  });

  test('wrong digits say so in a tenant’s words', async () => {
    const page = await visit('/chez-moi/entrer', { scripts: false });
    await page.fill('#code', LETTER_CODE);
    await page.click('main button[type=submit]');
    await page.fill('#chiffres', '0000');
    await page.click('main button[type=submit]');
    expect(await page.locator('#probleme').innerText()).toBe('Le code ou les chiffres sont faux. Essayez encore.');
  });

  test('a tenant’s page follows its home', async () => {
    const page = await visit('/chez-moi', { role: 'tenant' });
    portal.answers.home = homeAnswer({ state: 'much-more', lastReadingAt: ago(0) });
    portal.changes.tell({ changed: 'home', id: 'dwelling-tilleuls-07' });
    await page.getByText('Beaucoup plus que d’habitude.').waitFor();
  });

  test('« Écouter » is offered only with a voice of the device itself, and reads exactly what is seen', async () => {
    context = await browser.newContext();
    await context.addCookies([{ name: 'axone_home', value: SESSIONS.tenant, domain: '127.0.0.1', path: '/chez-moi' }]);
    await context.addInitScript(() => {
      const spoken: string[] = [];
      const voice = { localService: true, lang: 'fr-FR', name: 'voix de l’appareil' };
      Object.defineProperty(window, 'spoken', { value: spoken });
      Object.defineProperty(window, 'speechSynthesis', {
        value: {
          getVoices: () => [{ ...voice, localService: false }, voice],
          addEventListener: () => undefined,
          speak: (utterance: { text: string }) => spoken.push(utterance.text),
          cancel: () => undefined,
          speaking: false,
        },
      });
      Object.defineProperty(window, 'SpeechSynthesisUtterance', {
        value: class {
          readonly text: string;
          constructor(text: string) {
            this.text = text;
          }
        },
      });
    });
    const page = await context.newPage();
    await page.goto(`${portal.url}/chez-moi`);
    await page.getByRole('button', { name: 'Écouter' }).click();
    const [text] = await page.evaluate(() => (window as unknown as { spoken: string[] }).spoken);
    const seen = await page.locator('.spoken p').allInnerTexts();
    expect(text).toBe(seen.join(' '));
    expect(text).toMatch(/^Hier\u00A0: 1,40\u00A0€\. Tout va bien\. Rien à faire aujourd’hui\./);
  });

  test('a language chosen stays, at the same address', async () => {
    const page = await visit(STREET_PATH, { role: 'technician' });
    await page.getByRole('link', { name: 'EN, English' }).click();
    await page.waitForURL(`**${STREET_PATH}`);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.locator('#agir').innerText()).toBe('Act');
    await page.goto(`${portal.url}/langue/fr?retour=//ailleurs.example`);
    expect(page.url()).toBe(`${portal.url}/`);
  });
});
