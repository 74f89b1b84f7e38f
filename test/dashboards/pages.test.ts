import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { axeViolations, bareFigures, sidewaysScroll } from '#test/browser/audit-page.ts';
import { type PortalAnswers, type PortalOnAnswers, SESSIONS, startPortalOnAnswers } from '#test/browser/portal-on-answers.ts';
import { startBrowser } from '#test/browser/start-browser.ts';
import {
  buildingAnswer,
  finerDetails,
  finerHome,
  homeAnswer,
  homeDetailsAnswer,
  maskedBuilding,
  overrideOfNorth,
  quietStreet,
  silentBuilding,
  silentStreet,
  streetAnswer,
} from './portal-answers.ts';

const STREET_PATH = '/eclairage/armoires/site-republique';
const COMMISSIONING_PATH = `${STREET_PATH}/mise-en-service`;
const OVERRIDE_PATH = `${STREET_PATH}/derogations/override-7f3a`;

interface State {
  readonly name: string;
  readonly path: string;
  readonly role: keyof typeof SESSIONS | null;
  readonly answers?: Partial<PortalAnswers>;
}

const street = (name: string, answer: PortalAnswers['street']): State => ({
  name,
  path: STREET_PATH,
  role: 'technician',
  answers: { street: answer },
});
const building = (name: string, answer: PortalAnswers['building']): State => ({
  name,
  path: '/patrimoine/site-tilleuls',
  role: 'landlord',
  answers: { building: answer },
});
const home = (name: string, answer: PortalAnswers['home']): State => ({
  name,
  path: '/chez-moi',
  role: 'tenant',
  answers: { home: answer },
});
const offline = { id: 'gateway-republique', state: 'offline', since: '2026-11-24T20:41:00Z', outboxDepth: 40 } as const;

const STATES: readonly State[] = [
  { name: 'the two doors', path: '/', role: null },
  { name: 'the doors, signed in', path: '/', role: 'admin' },
  { name: 'the sign-in', path: '/connexion', role: null },
  { name: 'a page that does not exist', path: '/nulle-part', role: null },
  { name: 'the streets', path: '/eclairage', role: 'technician' },
  street('a street under an override, with a failed and an unknown lamp', streetAnswer()),
  street('a quiet street', quietStreet()),
  street('a street never read', silentStreet()),
  street(
    'a street whose gateway is offline',
    streetAnswer({ gateway: { ...offline, programsApplied: 'waiting', overridesApplied: 'refused' } }),
  ),
  { name: 'an override being proved', path: OVERRIDE_PATH, role: 'technician' },
  {
    name: 'an override that was ended',
    path: OVERRIDE_PATH,
    role: 'technician',
    answers: { override: overrideOfNorth({ endedAt: '2026-11-24T21:40:00Z' }) },
  },
  { name: 'the addresses of a street', path: COMMISSIONING_PATH, role: 'technician' },
  ...['extension-6-0', 'extension-6-2', 'meter-festive', 'meter-next'].map(
    (device): State => ({
      name: `the address ${device}`,
      path: `${COMMISSIONING_PATH}/gateway-republique/${device}`,
      role: 'technician',
    }),
  ),
  { name: 'the residences', path: '/patrimoine', role: 'landlord' },
  building('a building', buildingAnswer()),
  building('a building whose dwellings are masked', maskedBuilding('fewer-than-11')),
  building('a building never read', silentBuilding()),
  { name: 'the tenants’ door', path: '/chez-moi/entrer', role: null },
  home('a home', homeAnswer()),
  home('a home with the finer measure', finerHome()),
  home(
    'a home without measure',
    homeAnswer({ state: 'no-measure', yesterday: { euros: null, quality: 'missing', date: '2026-11-23' } }),
  ),
  home('a home that uses much more', homeAnswer({ state: 'much-more', standingEurosPerDay: null })),
  { name: 'the details of a home', path: '/chez-moi/details', role: 'tenant', answers: { homeDetails: homeDetailsAnswer() } },
  { name: 'the details of a finer home', path: '/chez-moi/details', role: 'tenant', answers: { homeDetails: finerDetails() } },
];

describe('every page in every state', () => {
  let portal: PortalOnAnswers;
  let browser: Browser;
  let untouched: PortalAnswers;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    portal = await startPortalOnAnswers({ clockSpeed: 60 });
    untouched = { ...portal.answers };
    browser = await startBrowser();
  });
  beforeEach(async () => {
    Object.assign(portal.answers, untouched);
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser.close();
    await portal.stop();
  });

  const open = async (state: State, language: 'fr' | 'en', options: { width: number; dark?: boolean }): Promise<Page> => {
    Object.assign(portal.answers, state.answers);
    const context = await browser.newContext({
      viewport: { width: options.width, height: 640 },
      colorScheme: options.dark === true ? 'dark' : 'light',
      timezoneId: 'America/New_York',
    });
    contexts.push(context);
    const cookie = (name: string, value: string, path: string) => ({ name, value, path, domain: '127.0.0.1' });
    await context.addCookies([cookie('axone_language', language, '/')]);
    if (state.role !== null)
      await context.addCookies([
        state.role === 'tenant'
          ? cookie('axone_home', SESSIONS.tenant, '/chez-moi')
          : cookie('axone_session', SESSIONS[state.role], '/'),
      ]);
    const page = await context.newPage();
    await page.goto(portal.url + state.path);
    return page;
  };

  test.each(STATES)('$name: accessible in both languages and both themes, nothing cut at 320 px', async (state) => {
    for (const { language, dark, width } of [
      { language: 'fr', dark: false, width: 320 },
      { language: 'en', dark: true, width: 1280 },
    ] as const) {
      const page = await open(state, language, { width, dark });
      for (const details of await page.locator('details').all())
        await details.evaluate((element) => element.setAttribute('open', ''));
      expect(await axeViolations(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
      expect(await page.locator('h1').count()).toBe(1);
      expect(await page.title()).toMatch(/^.+ — Axone$/);
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      expect(await page.locator('[style]').count()).toBe(0);
    }
  });

  test.each(STATES)('$name: each figure has its quality, and the simulated field is said', async (state) => {
    const page = await open(state, 'fr', { width: 1280 });
    expect(await bareFigures(page)).toEqual([]);
    expect(await page.locator('.field-notice').innerText()).toMatch(/simulé|essai/);
    if (state.role !== 'tenant' && !state.path.startsWith('/chez-moi'))
      expect(await page.locator('.field-notice').innerText()).toContain('Temps simulé × 60');
  });

  test('what was never read is a dash, never 0', async () => {
    const unread = [street('unread', silentStreet()), building('unread', silentBuilding())];
    for (const state of unread) {
      const page = await open(state, 'fr', { width: 1280 });
      const figures = await page.locator('.value[data-quality="unknown"] .value-figure').allTextContents();
      expect(figures.length).toBeGreaterThan(2);
      expect(new Set(figures)).toEqual(new Set(['—']));
      expect(await page.locator('.value:not([data-quality="decided"])', { hasText: /^0/ }).count()).toBe(0);
    }
  });

  test('a tenant with one measure a day reads no price of today, and no figure but euros', async () => {
    const page = await open(home('a home', homeAnswer()), 'fr', { width: 360 });
    const text = await page.locator('main').innerText();
    expect(text).toContain('Hier\u00A0: 1,40\u00A0€.');
    expect(text).not.toContain('jusqu’à');
    expect(text).not.toMatch(/kWh|%|\bW\b/);
    const finer = await open(home('finer', finerHome()), 'fr', { width: 360 });
    expect(await finer.locator('main').innerText()).toContain('Aujourd’hui, jusqu’à 22\u00A0h\u00A030\u00A0: 0,80\u00A0€.');
  });

  test('a landlord reads the dwellings as one cell, or why it is masked, and never one dwelling', async () => {
    const page = await open(building('a building', buildingAnswer()), 'fr', { width: 1280 });
    expect(await page.locator('main').innerText()).toContain('142\u00A0kWh');
    expect(await page.content()).not.toContain('dwelling-tilleuls');
    const masked = await open(building('masked', maskedBuilding('fewer-than-11')), 'fr', { width: 1280 });
    expect(await masked.locator('main').innerText()).toContain('Moins de 11 logements mesurés');
  });

  test('each picture has a table with as many rows as it has values', async () => {
    const page = await open(street('a street', streetAnswer()), 'fr', { width: 1280 });
    expect(await page.locator('.street-picture > g').count()).toBe(24);
    expect(await page.locator('.street-points tbody tr').count()).toBe(24);
    const curve = await open(building('a building', buildingAnswer()), 'fr', { width: 1280 });
    expect(await curve.locator('details tbody tr').count()).toBe(136);
    expect(await curve.locator('details tbody tr', { hasText: 'pas de mesure' }).count()).toBe(7);
  });

  test('a browser in New York shows the hours of Laon', async () => {
    const page = await open(street('a street', streetAnswer()), 'fr', { width: 1280 });
    expect(await page.locator('h1 + .lead').innerText()).toMatch(/^22:41, nuit\./);
    expect(await page.locator('#agir-envoyer').innerText()).toContain('jusqu’à 23:4');
  });

  test('is light: a home in HTML and style weighs at most 14 kB, everything at most 60 kB', async () => {
    const headers = { cookie: `axone_home=${SESSIONS.tenant}` };
    const html = await (await fetch(`${portal.url}/chez-moi`, { headers })).text();
    const weigh = async (pattern: RegExp): Promise<number> => {
      const response = await fetch(portal.url + (pattern.exec(html)?.[1] ?? ''));
      expect(response.headers.get('cache-control')).toContain('immutable');
      return gzipSync(Buffer.from(await response.arrayBuffer())).length;
    };
    const style = await weigh(/href="(\/portail\/[\w.-]+\.css)"/);
    const script = await weigh(/src="(\/portail\/[\w.-]+\.js)"/);
    const page = gzipSync(html).length;
    expect(page + style).toBeLessThanOrEqual(14_000);
    expect(script).toBeLessThanOrEqual(15_000);
    expect(page + style + script).toBeLessThanOrEqual(60_000);
  });

  test('says nothing of a site that is not in the hat: the page of what does not exist', async () => {
    const page = await open({ name: 'forged', path: '/patrimoine/site-tilleuls', role: 'technician' }, 'fr', { width: 1280 });
    expect(await page.locator('h1').innerText()).toBe('Page introuvable');
    expect(await page.content()).not.toContain('Tilleuls');
  });
});
