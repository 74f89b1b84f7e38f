import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startWatchedGateway } from '#test/gateway/bus-health/watched-gateway.ts';
import { startBrowser } from './start-browser.ts';

/** Pictures of a gateway's own page, one of whose meters is dead: `node test/browser/take-gateway-screenshots.ts`. */
const FOLDER = new URL('../../docs/screenshots/', import.meta.url).pathname;
const WIDTHS = [1280, 360] as const;

await mkdir(FOLDER, { recursive: true });
const watched = await startWatchedGateway();
const browser = await startBrowser();
for (const width of WIDTHS) {
  const context = await browser.newContext({ viewport: { width, height: width === 1280 ? 800 : 640 } });
  const page = await context.newPage();
  await page.goto(`${watched.url}/gateway`);
  await page.screenshot({ path: join(FOLDER, `gateway-status-${width}.png`), fullPage: true });
  await context.close();
}
await browser.close();
await watched.close();
