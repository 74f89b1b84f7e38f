import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE_SOURCE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe-core finds against WCAG 2.2 AA, one line a violation; empty on an accessible page. */
export const axeViolations = async (page: Page): Promise<string[]> => {
  await page.evaluate(await readFile(AXE_SOURCE, 'utf8'));
  const results = await page.evaluate(
    (tags) => (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({ runOnly: tags }),
    TAGS,
  );
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
};

/** Figures with a unit that no `value` holds: a figure without its quality. Controls and pictures name what a value beside them shows. */
export const bareFigures = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const figure = /\d[\s\u00A0\u202F]?(?:W|kW|Wh|kWh|MWh|%|€|lx|°C|c€)(?![\p{L}])/u;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found: string[] = [];
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const { parentElement: parent } = node;
      if (parent?.closest('.value, option, button, svg, script, [lang="en"]:not(html)') != null) continue;
      if (figure.test(node.textContent ?? '')) found.push(node.textContent ?? '');
    }
    return found;
  });

/** How many pixels wider than the window the page is. */
export const sidewaysScroll = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));
