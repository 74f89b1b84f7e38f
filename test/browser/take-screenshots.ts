import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finerDetails } from '#test/dashboards/portal-answers.ts';
import { type PortalOnAnswers, SESSIONS, startPortalOnAnswers } from './portal-on-answers.ts';
import { startBrowser } from './start-browser.ts';

/**
 * Pictures of pages whose values are examples: `node test/browser/take-screenshots.ts`. Street, building and home are taken
 * of a real platform, by test/scenarios/living-pages.test.ts with UPDATE_SCREENSHOTS=1.
 */
const FOLDER = new URL('../../docs/screenshots/', import.meta.url).pathname;
const WIDTHS = [1280, 360] as const;
/** A long table goes on below: its first rows are enough. */
const TALLEST = 1800;

const PAGES = [
  { name: 'doors', path: '/', cookie: null },
  { name: 'override', path: '/eclairage/armoires/site-republique/derogations/override-7f3a', cookie: 'technician' },
  { name: 'home-details', path: '/chez-moi/details', cookie: 'tenant' },
] as const;

const cookiesOf = (portal: PortalOnAnswers, role: keyof typeof SESSIONS | null) => {
  if (role === null) return [];
  const home = role === 'tenant';
  return [
    {
      name: home ? 'axone_home' : 'axone_session',
      value: SESSIONS[role],
      domain: new URL(portal.url).hostname,
      path: home ? '/chez-moi' : '/',
    },
  ];
};

await mkdir(FOLDER, { recursive: true });
const portal = await startPortalOnAnswers();
portal.answers.homeDetails = finerDetails();
const browser = await startBrowser();
for (const width of WIDTHS) {
  for (const { name, path, cookie } of PAGES) {
    const context = await browser.newContext({ viewport: { width, height: width === 1280 ? 800 : 640 } });
    await context.addCookies(cookiesOf(portal, cookie));
    const page = await context.newPage();
    await page.goto(`${portal.url}${path}`);
    const height = Math.min(TALLEST, await page.evaluate(() => document.documentElement.scrollHeight));
    await page.screenshot({ path: join(FOLDER, `${name}-${width}.png`), fullPage: true, clip: { x: 0, y: 0, width, height } });
    await context.close();
  }
}
await browser.close();
await portal.stop();
