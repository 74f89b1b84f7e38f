import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gatewayOverview, gatewayRoutes } from '#contract/routes/gateway.ts';
import { apiRoutes } from '#contract/routes/index.ts';
import { statusPage } from '#gateway/bus-health/status-page.ts';
import { axeViolations, sidewaysScroll } from '#test/browser/audit-page.ts';
import { startBrowser } from '#test/browser/start-browser.ts';
import { startWatchedGateway, type WatchedGateway } from './watched-gateway.ts';

let watched: WatchedGateway;
let browser: Browser;
beforeAll(async () => {
  watched = await startWatchedGateway({ readOnly: true });
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser.close();
  await watched.close();
});

const get = async (path: string): Promise<string> => {
  const answer = await fetch(`${watched.url}${path}`);
  expect(answer.status, path).toBe(200);
  return answer.text();
};

describe('the pages of a gateway', () => {
  test('are no part of the platform’s API', () => {
    expect(gatewayRoutes.filter((route) => apiRoutes.includes(route))).toEqual([]);
  });

  test('give the health of each unit, and the one to look at', async () => {
    const overview = gatewayOverview.parse(JSON.parse(await get('/api/v1/gateway/health')));
    expect(overview).toMatchObject({
      gateway: 'gateway-test',
      readOnly: true,
      devices: 7,
      devicesOffline: 1,
      broker: 'connected',
    });
    const [bus] = overview.buses;
    expect(bus).toMatchObject({ bus: 'bus-test', isConnected: true, worstUnit: 12 });
    expect(bus?.units.map(({ unitId }) => unitId)).toEqual([2, 3, 11, 12]);
    expect(bus?.devices.find(({ device }) => device === 'meter-flat-2')).toEqual({
      device: 'meter-flat-2',
      unitId: 12,
      state: 'offline',
      failSafe: null,
    });
    const lamp = bus?.devices.find(({ device }) => device === 'lamp-1');
    expect(lamp?.failSafe).toMatchObject({ state: 'verified', what: null });
    const dead = bus?.units.find(({ unitId }) => unitId === 12);
    expect(dead).toMatchObject({ score: 0, answers: 0 });
    expect(dead?.timeouts).toBe(dead?.requests);
  });

  test.each([320, 1280])('read well at %i px, in light and dark, without a script', async (width) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport: { width, height: 640 }, colorScheme });
      const page = await context.newPage();
      const refused: string[] = [];
      page.on('console', (message) => {
        if (/Content Security Policy|style/i.test(message.text())) refused.push(message.text());
      });
      await page.goto(`${watched.url}/gateway`);
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await axeViolations(page)).toEqual([]);
      expect(await sidewaysScroll(page)).toBe(0);
      expect(refused).toEqual([]);
      expect(await page.locator('script, [style]').count()).toBe(0);
      expect(await page.locator('.alarm').first().textContent()).toContain('unité 12 (meter-flat-2)');
      expect(await page.locator('.notice').textContent()).toContain('Lecture seule');
      expect(await page.locator('main').evaluate((main) => getComputedStyle(main).maxWidth)).toBe('1200px');
      await context.close();
    }
  });

  test('say which devices would not do on their own what is wanted', () => {
    const overview = watched.gateway.overview();
    expect(statusPage(overview)).toContain('5 / 5');
    const [bus] = overview.buses;
    if (bus === undefined) throw new Error('no bus');
    const [lamp, ...others] = bus.devices;
    if (lamp === undefined) throw new Error('no device');
    const failSafe = { state: 'differs', at: overview.at, what: 'its level is 0 %, not 100 %' } as const;
    const html = statusPage({ ...overview, buses: [{ ...bus, devices: [{ ...lamp, failSafe }, ...others] }] });
    expect(html).toContain('4 / 5');
    expect(html).toContain(`${lamp.device} : n’est pas celui voulu`);
    expect(html).toContain('its level is 0 %, not 100 %');
  });

  test('escape what a device or a name says', () => {
    const overview = watched.gateway.overview();
    const [bus] = overview.buses;
    if (bus === undefined) throw new Error('no bus');
    const units = bus.units.map((unit) => ({
      ...unit,
      score: 50,
      leftAloneForMs: 0,
      lastFailure: { at: overview.at, code: 'X', what: '<img src=x onerror=alert(1)>' },
    }));
    const html = statusPage({ ...overview, buses: [{ ...bus, address: '"><script>', units }] });
    expect(html).not.toMatch(/<img|<script/);
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });

  test('give the frames of the buses while one listens, and 404 for a bus that is not there', async () => {
    const asked = fetch(`${watched.url}/api/v1/gateway/trace?seconds=5&bus=bus-test`);
    let answer: Response | null = null;
    void asked.then((came) => {
      answer = came;
    });
    while (answer === null) await watched.bench.advance(1000);
    const { frames } = (await (await asked).json()) as { frames: { direction: string; unitId: number | null; hex: string }[] };
    expect(frames.length).toBeGreaterThan(3);
    expect(frames.map(({ direction }) => direction)).toContain('received');
    for (const { hex } of frames) expect(hex).toMatch(/^([0-9a-f]{2})*$/);
    expect((await fetch(`${watched.url}/api/v1/gateway/trace?bus=bus-none`)).status).toBe(404);
    expect((await fetch(`${watched.url}/api/v1/gateway/trace?seconds=301`)).status).toBe(400);
  });
});

/** https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4). */
const SAMPLE =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|\+Inf)$/;

describe('the metrics of a gateway', () => {
  test('are text that Prometheus reads, line by line', async () => {
    const answer = await fetch(`${watched.url}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    expect(text.endsWith('\n')).toBe(true);
    const seen = new Set<string>();
    const families: string[] = [];
    for (const line of text.trimEnd().split('\n')) {
      const [, kind, name] = /^# (HELP|TYPE) (\S+) \S/.exec(line) ?? [];
      if (kind === 'HELP' && name !== undefined) families.push(name);
      if (kind !== undefined) continue;
      const sample = SAMPLE.exec(line);
      expect(sample, line).not.toBeNull();
      expect(sample?.[1]?.startsWith(families.at(-1) ?? 'none'), line).toBe(true);
      const series = `${sample?.[1]}{${sample?.[2] ?? ''}}`;
      expect(seen.has(series), line).toBe(false);
      seen.add(series);
    }
    expect(new Set(families).size).toBe(families.length);
    expect(text).toMatch(/^axone_unit_timeouts_total\{gateway="gateway-test",bus="bus-test",unit="12"\} [1-9]\d*$/m);
    expect(text).toMatch(/^axone_bus_utilisation_ratio\{gateway="gateway-test",bus="bus-test",window="1m"\} 0(\.\d+)?$/m);
    expect(text).toMatch(/^axone_gateway_read_only\{gateway="gateway-test"\} 1$/m);
  });

  test('count a histogram’s buckets upwards, the last one being all', async () => {
    const text = await get('/metrics');
    const of = (suffix: string) =>
      [...text.matchAll(new RegExp(`^axone_unit_response_seconds_${suffix}\\{[^}]*unit="3"[^}]*\\} (\\S+)$`, 'gm'))].map(
        ([, value]) => Number(value),
      );
    const buckets = of('bucket');
    expect(buckets).toHaveLength(11);
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
    expect(of('count')).toEqual([buckets.at(-1)]);
  });
});
