import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCommissioning } from '#contract/routes/commissioning.ts';
import { pointId } from '#domain/identifiers.ts';
import { axeViolations, bareFigures, sidewaysScroll } from '#test/browser/audit-page.ts';
import { startBrowser } from '#test/browser/start-browser.ts';
import { until } from '#test/services/until.ts';
import { type ApiReader, createApiReader, STREET } from './api-reader.ts';
import { type StartedPlatform, startPlatform } from './platform.ts';

const STREET_PATH = '/eclairage/armoires/site-republique';
const PATH = `${STREET_PATH}/mise-en-service`;
const DEVICE = `${PATH}/gateway-republique`;
const FESTIVE = pointId('point-republique-festive');
const PHONE = { width: 390, height: 844 } as const;
const PICTURES = join(import.meta.dirname, '../../docs/screenshots');
const TALLEST_PICTURE = 1800;

let platform: StartedPlatform;
let browser: Browser;
let technician: ApiReader;
let context: BrowserContext;
let page: Page;
let token: string;

const contextOf = async (viewport: { width: number; height: number }, javaScriptEnabled = true): Promise<BrowserContext> => {
  const opened = await browser.newContext({ viewport, javaScriptEnabled });
  const domain = new URL(platform.portal).hostname;
  await opened.addCookies([{ name: 'axone_session', value: token, domain, path: '/' }]);
  return opened;
};

beforeAll(async () => {
  [platform, browser] = await Promise.all([startPlatform(['--at', '2026-12-15T19:10']), startBrowser()]);
  token = await platform.signIn('technician');
  technician = createApiReader(platform, token);
  context = await contextOf(PHONE);
  page = await context.newPage();
});
afterAll(async () => {
  await browser.close();
  expect(await platform.process.stop()).toBe(0);
  expect(platform.process.output()).not.toContain('"event":"request-failed"');
});

const press = (name: string) => page.getByRole('button', { name }).click();
const said = () => page.locator('main').innerText();
const bindings = async () =>
  (await technician.read(readCommissioning, { params: { site: STREET } })).points.find(({ id }) => id === FESTIVE)?.meters ?? [];

/** What a technician sees on the phone, and on a desk; pictures of it when they are asked for. */
const expectFine = async (name: string): Promise<void> => {
  expect(await axeViolations(page)).toEqual([]);
  expect(await bareFigures(page)).toEqual([]);
  expect(await sidewaysScroll(page)).toBe(0);
  for (const width of [320, 360, 1280]) {
    await page.setViewportSize({ width, height: width === 1280 ? 800 : 640 });
    expect(await sidewaysScroll(page)).toBe(0);
    if (process.env['UPDATE_SCREENSHOTS'] !== '1' || width === 320) continue;
    await mkdir(PICTURES, { recursive: true });
    const height = Math.min(TALLEST_PICTURE, await page.evaluate(() => document.documentElement.scrollHeight));
    await page.screenshot({ path: join(PICTURES, `${name}-${width}.png`), fullPage: true, clip: { x: 0, y: 0, width, height } });
  }
  await page.setViewportSize(PHONE);
};

describe('a technician at the foot of a column, with a phone', () => {
  test('finds the addresses of the street that wait for their column', async () => {
    await page.goto(platform.portal + STREET_PATH);
    await page.getByRole('link', { name: 'Mise en service' }).click();
    await page.waitForURL(`**${PATH}`);
    expect(await said()).toContain('4 adresses à rattacher');
    await until('the lamps answer', async () => (await page.locator('.health-normal').count()) === 4, 30_000);
    expect(await said()).toMatch(/28 appareils, décrits dans le fichier de la passerelle/);
    await expectFine('commissioning');
  });

  test('makes a lamp blink: the lamp itself goes bright and dim, and is given back to its program', async () => {
    await page.getByRole('link', { name: 'Ouvrir unité 6, voie 1' }).click();
    await page.waitForURL(`**${DEVICE}/extension-6-1`);
    await press('Faire clignoter');
    expect(await said()).toMatch(/regardez les lampes/);
    await until(
      'it blinked',
      async () => (await page.locator('#clignotement').innerText()).startsWith('La lampe a clignoté'),
      30_000,
    );
  });

  test('searches the column, binds it after having read what will be done', async () => {
    await page.getByLabel('Chercher un mât').fill('rep-2');
    await press('Chercher');
    expect(await page.locator('#mats .choice').allInnerTexts()).toEqual([
      'REP-25',
      'REP-26',
      ...['20', '21', '22', '23', '24'].map((number) => `REP-${number} (a déjà luminaire-${number})`),
    ]);
    await expectFine('commissioning-column');
    await page.getByRole('radio', { name: 'REP-25' }).check();
    await press('C’est ce mât');
    expect(await said()).toContain('Rien n’est encore fait.');
    await expectFine('commissioning-check');
    await press('Rattacher REP-25 à l’unité 6, voie 1');
    expect(await said()).toContain('C’est fait\u00A0: le mât REP-25 est rattaché.');
  });

  test('sees the lamp on the street, measured', async () => {
    await page.goto(platform.portal + STREET_PATH);
    const row = page.locator('.street-points tbody tr', { hasText: 'REP-25' });
    await until('its power is measured', async () => (await row.locator('[data-quality="measured"]').count()) > 0, 30_000);
    await until('it is proved', async () => (await technician.lamp('REP-25')).observed === 'proved', 30_000);
    expect(await page.locator('.street-picture > g').count()).toBe(25);
  });

  test('was wrong, and undoes it: the column is free, and the lamp is no longer on the street', async () => {
    await page.goto(`${platform.portal}${DEVICE}/extension-6-1`);
    await press('Détacher REP-25');
    expect(await said()).toContain('C’est fait\u00A0: cette adresse est libre.');
    await page.goto(platform.portal + STREET_PATH);
    expect(await page.locator('.street-points tbody tr', { hasText: 'REP-25' }).count()).toBe(0);
  });

  test('is told what is wrong, with the next gesture, and keeps what was chosen', async () => {
    await page.goto(`${platform.portal}${DEVICE}/extension-6-0`);
    await press('C’est ce mât');
    expect(await page.getByRole('alert').innerText()).toContain('Choisissez un mât dans la liste.');
    await page.goto(platform.portal + PATH);
    await page.locator('summary', { hasText: 'Déclarer une adresse sur bus-extension' }).click();
    await page.getByLabel('Modèle de l’appareil').selectOption('eastron-sdm120');
    await page.getByLabel('Numéro d’unité').fill('7');
    await press('Déclarer cette adresse');
    expect(await page.getByRole('alert').innerText()).toContain('Cette adresse est déjà déclarée. Ouvrez-la dans la liste.');
    expect(await page.getByLabel('Numéro d’unité').inputValue()).toBe('7');
  });

  test('pastes what a scan found on the gateway, and withdraws it', async () => {
    await page.goto(platform.portal + PATH);
    await page.locator('summary', { hasText: 'Déclarer une adresse sur bus-extension' }).click();
    const scanned = '      - { device: device-9, profile: eastron-sdm120, unitId: 9, point: point-9 }\n  # unit 12: no page fits';
    await page.getByLabel('Coller ce que le balayage a trouvé').fill(scanned);
    await press('Déclarer ces adresses');
    expect(await said()).toContain('C’est fait\u00A0: déclaré.');
    const card = page.locator('#appareil-device-9');
    await until('it is at the gateway', async () => !(await card.innerText()).includes('pas encore chez la passerelle'), 15_000);
    await card.getByRole('link').click();
    await page.locator('summary', { hasText: 'Retirer cette adresse' }).click();
    await press('Retirer cette adresse');
    expect(await said()).toContain('C’est fait\u00A0: l’adresse est retirée.');
    expect(await page.locator('#appareil-device-9').count()).toBe(0);
  });
});

describe('a meter', () => {
  const choose = async (device: string): Promise<void> => {
    await page.goto(`${platform.portal}${DEVICE}/${device}`);
    await page.getByRole('radio', { name: /point-republique-festive/ }).check();
  };

  test('is bound to what it measures, with the date of its fitting', async () => {
    await choose('meter-festive');
    await page.getByRole('radio', { name: 'date et heure' }).check();
    await page.getByLabel('Date', { exact: true }).fill('2026-12-15');
    await page.getByLabel('Heure', { exact: true }).fill('23:59');
    await press('Vérifier le rattachement');
    expect(await page.getByRole('alert').innerText()).toContain('Donnez une date et une heure passées.');
    await page.getByLabel('Heure', { exact: true }).fill('08:30');
    await press('Vérifier le rattachement');
    await press('Rattacher point-republique-festive à l’unité 7');
    expect(await said()).toContain('C’est fait\u00A0: point-republique-festive est mesuré par ce compteur.');
    await until('its index is read', async () => (await bindings())[0]?.last.value !== null, 30_000);
  });

  test('is replaced: the former one ends, with its last index, and the series of the point goes on', async () => {
    await choose('meter-festive-next');
    await press('Vérifier le rattachement');
    expect(await said()).toMatch(/Dernier index, meter-festive\s+4.815,\d.kWh/u);
    await press('Rattacher point-republique-festive à l’unité 8');
    await until('the new index is read', async () => (await bindings())[0]?.last.value !== null, 30_000);
    const [next, former] = await bindings();
    expect([next?.device, former?.device, former?.to]).toEqual(['meter-festive-next', 'meter-festive', next?.from]);
    expect(Number(next?.first.value)).toBeLessThan(Number(former?.last.value));
    const values = await technician.series(FESTIVE, 'energyImportedWh', '2026-12-15T17:00:00Z', '2026-12-15T20:00:00Z');
    const read = values.flatMap(({ value }) => value ?? []);
    expect(read.some((value) => value > 4_000_000) && read.some((value) => value < 1_000_000)).toBe(true);
    await until('the page shows both', async () => (await page.locator('.records tbody tr').count()) === 2, 20_000);
    await expectFine('commissioning-meter');
  });

  test('works without a script', async () => {
    const plain = await contextOf(PHONE, false);
    const still = await plain.newPage();
    await still.goto(`${platform.portal}${DEVICE}/extension-6-0`);
    await still.getByRole('radio', { name: 'REP-26' }).check();
    await still.getByRole('button', { name: 'C’est ce mât' }).click();
    await still.getByRole('button', { name: 'Rattacher REP-26 à l’unité 6, voie 0' }).click();
    expect(await still.locator('main').innerText()).toContain('le mât REP-26 est rattaché');
    await plain.close();
  });
});
