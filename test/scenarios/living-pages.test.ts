import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { closeSession } from '#contract/routes/session.ts';
import { axeViolations, bareFigures, sidewaysScroll } from '#test/browser/audit-page.ts';
import { startBrowser } from '#test/browser/start-browser.ts';
import { type StartedPlatform, startPlatform } from './platform.ts';

const STREET_PATH = '/eclairage/armoires/site-republique';
const BUILDING_PATH = '/patrimoine/site-tilleuls';
const WIDTHS = [1280, 360] as const;
const PICTURES = join(import.meta.dirname, '../../docs/screenshots');
/** A long table goes on below: its first rows are enough. */
const TALLEST_PICTURE = 1800;

let platform: StartedPlatform;
let browser: Browser;
const opened: BrowserContext[] = [];

beforeAll(async () => {
  // Dark enough for lamps to be lit by program, and late enough for a building's day to have a shape.
  [platform, browser] = await Promise.all([startPlatform(['--at', '2026-12-15T19:10']), startBrowser()]);
});
afterAll(async () => {
  await browser.close();
  expect(await platform.process.stop()).toBe(0);
  // Refusals, and readers that leave in the middle of a stream, are no failures.
  expect(platform.process.output()).not.toContain('"event":"request-failed"');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((context) => context.close()));
});

const openContext = async (width: number = 1280): Promise<BrowserContext> => {
  const context = await browser.newContext({ viewport: { width, height: width === 1280 ? 800 : 640 } });
  opened.push(context);
  return context;
};

/** A page of someone already signed in. */
const visit = async (
  path: string,
  who: Parameters<StartedPlatform['signIn']>,
  width?: number,
): Promise<{ page: Page; token: string }> => {
  const token = await platform.signIn(...who);
  const context = await openContext(width);
  const isHome = who[0] === 'tenant';
  const domain = new URL(platform.portal).hostname;
  await context.addCookies([
    { name: isHome ? 'axone_home' : 'axone_session', value: token, domain, path: isHome ? '/chez-moi' : '/' },
  ]);
  const page = await context.newPage();
  await page.goto(platform.portal + path);
  return { page, token };
};

const focusedText = (page: Page): Promise<string | null | undefined> => page.evaluate(() => document.activeElement?.textContent);

/** Presses Tab until what has the focus is described so; a keyboard has no other way. */
const tabTo = async (page: Page, selector: string): Promise<void> => {
  for (let presses = 0; presses < 200; presses += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard does not reach ${selector}; it stands on ${String(await focusedText(page))}`);
};

describe('the living pages of a real platform', () => {
  test('a technician signs in and dims REP-03 with the keyboard alone, follows the order to its proof, and the street lives', async () => {
    const account = platform.accounts.find(({ role }) => role === 'technician');
    const page = await (await openContext()).newPage();
    await page.goto(`${platform.portal}/connexion`);
    await tabTo(page, '#email');
    await page.keyboard.type(account?.email ?? '');
    await page.keyboard.press('Tab');
    await page.keyboard.type(account?.password ?? '');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/eclairage');
    await tabTo(page, `a[href="${STREET_PATH}"]`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${STREET_PATH}`);
    await tabTo(page, 'a[aria-label="Régler REP-03"]');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('niveau');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('50');
    await tabTo(page, '#fin-1h');
    await tabTo(page, '#pourquoi');
    await page.keyboard.type('essai');
    await tabTo(page, '#agir-envoyer');
    expect(await focusedText(page)).toMatch(/^Mettre REP-03 à 50\u00A0% jusqu’à 20:1\d$/);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/derogations/override-*');
    await page.evaluate(() => {
      document.body.dataset['loadedOnce'] = 'yes';
    });
    await page.locator('[role=status]', { hasText: '1 sur 1 prouvée' }).waitFor({ timeout: 20_000 });
    const line = await page.locator('tbody tr').innerText();
    expect(line).toMatch(/REP-03[\s\S]*prouvé[\s\S]*1[345]\sW/);
    expect(await page.evaluate(() => document.body.dataset['loadedOnce'])).toBe('yes');
  }, 60_000);

  test('an open street shows what another technician does, without being loaded again', async () => {
    const { page: watching } = await visit(STREET_PATH, ['technician']);
    await watching.evaluate(() => {
      document.body.dataset['loadedOnce'] = 'yes';
    });
    const row = watching.locator('#point-light-point-republique-10');
    await expect.poll(() => row.locator('.cell-effective').innerText()).toMatch(/100\s%/);
    const { page: acting } = await visit(`${STREET_PATH}?cible=point:light-point-republique-10`, ['technician']);
    await acting.fill('#niveau', '20');
    await acting.fill('#pourquoi', 'essai');
    await acting.click('#agir-envoyer');
    await acting.waitForURL('**/derogations/override-*');
    await expect.poll(() => row.locator('.cell-effective').innerText(), { timeout: 20_000 }).toMatch(/20\s%/);
    await expect.poll(() => row.locator('.cell-observed').innerText(), { timeout: 20_000 }).toMatch(/\b9\sW[\s\S]*prouvé/);
    await expect.poll(() => row.locator('.cell-why').innerText()).toContain('essai');
    expect(await watching.evaluate(() => document.body.dataset['loadedOnce'])).toBe('yes');
    await acting.getByRole('button', { name: /^Revenir au programme/ }).click();
    await expect.poll(() => row.locator('.cell-effective').innerText(), { timeout: 20_000 }).toMatch(/100\s%/);
  }, 60_000);

  test('a landlord sees the common parts now and today, yesterday of the flats as one cell, and no flat', async () => {
    const { page } = await visit(BUILDING_PATH, ['landlord']);
    const text = await page.locator('main').innerText();
    expect(text).toMatch(/Les parties communes utilisent\s+[\d,]+\sk?W\s+en ce moment\./);
    expect(text).toMatch(/Total du lundi 14 décembre\s+\d+\skWh/);
    expect(text).toContain('16 logements, ensemble.');
    expect(text).not.toMatch(/Appartement|Lefèvre|Caron/);
    // The common parts are read each 10 s: the page then reads itself again.
    const again = await page.waitForResponse(platform.portal + BUILDING_PATH, { timeout: 20_000 });
    expect(again.status()).toBe(200);
  });

  test('a tenant by default sees yesterday in euros and nothing of today; the one who chose half-hours sees today', async () => {
    const { page: of03 } = await visit('/chez-moi', ['tenant', 'dwelling-tilleuls-03']);
    const byDefault = await of03.locator('main').innerText();
    expect(byDefault).toMatch(/Hier\s: \d+,\d\d\s€/);
    expect(byDefault).not.toMatch(/Aujourd’hui, jusqu’à|kWh/);
    const { page: of07 } = await visit('/chez-moi', ['tenant', 'dwelling-tilleuls-07']);
    const finer = await of07.locator('main').innerText();
    expect(finer).toMatch(/Hier\s: \d+,\d\d\s€/);
    expect(finer).toMatch(/Aujourd’hui, jusqu’à 19\sh\s?: \d+,\d\d\s€/);
  });

  test('a session that is revoked elsewhere closes the living page at once', async () => {
    const { page, token } = await visit(STREET_PATH, ['technician']);
    await page.locator('#agir-envoyer').waitFor();
    const streamed = page.waitForResponse('**/changements');
    await page.reload();
    await streamed;
    const answer = await platform.api.call(closeSession, token, {});
    expect(answer.status).toBe(204);
    await page.waitForURL('**/connexion', { timeout: 10_000 });
  });

  test('signing out in another tab closes the living page of the first', async () => {
    const { page } = await visit('/chez-moi', ['tenant', 'dwelling-tilleuls-03']);
    await page.locator('main h1').waitFor();
    const other = await page.context().newPage();
    await other.goto(`${platform.portal}/chez-moi`);
    await other.getByRole('button', { name: 'Sortir' }).click();
    await page.waitForURL('**/chez-moi/entrer', { timeout: 10_000 });
  });
});

const PAGES = [
  { name: 'street', path: STREET_PATH, who: ['technician'] },
  { name: 'building', path: BUILDING_PATH, who: ['landlord'] },
  { name: 'home', path: '/chez-moi', who: ['tenant', 'dwelling-tilleuls-07'] },
  { name: 'home-by-default', path: '/chez-moi', who: ['tenant', 'dwelling-tilleuls-03'] },
  { name: 'home-details', path: '/chez-moi/details', who: ['tenant', 'dwelling-tilleuls-07'] },
] as const satisfies readonly { name: string; path: string; who: Parameters<StartedPlatform['signIn']> }[];
const PICTURED: ReadonlySet<string> = new Set(['street', 'building', 'home']);

const keepPicture = async (page: Page, name: string, width: number): Promise<void> => {
  if (process.env['UPDATE_SCREENSHOTS'] !== '1' || !PICTURED.has(name)) return;
  await mkdir(PICTURES, { recursive: true });
  const height = Math.min(TALLEST_PICTURE, await page.evaluate(() => document.documentElement.scrollHeight));
  await page.screenshot({ path: join(PICTURES, `${name}-${width}.png`), fullPage: true, clip: { x: 0, y: 0, width, height } });
};

describe('with what a real platform measured', () => {
  test.each(WIDTHS.flatMap((width) => PAGES.map((page) => ({ ...page, width }))))(
    '$name is accessible, fits and qualifies its figures at $width px',
    async ({ name, path, who, width }) => {
      const { page } = await visit(path, who, width);
      expect(await axeViolations(page)).toEqual([]);
      expect(await bareFigures(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
      await keepPicture(page, name, width);
    },
  );
});
