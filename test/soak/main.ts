import type { Soak } from './soak.ts';

/** `npm run soak -- NAME [OPTIONS]`: a long run against the real parts, whose report is kept in test/soak/reports. */

const SOAKS: Readonly<Record<string, () => Promise<{ readonly soak: Soak }>>> = {
  'broker-outage': () => import('./broker-outage.ts'),
  lossless: () => import('./lossless.ts'),
  chain: () => import('./chain.ts'),
  bus: () => import('./bus.ts'),
  gateway: () => import('./gateway.ts'),
};

const [asked = '', ...options] = process.argv.slice(2);
const load = SOAKS[asked];

// what a soak has started ends with it, also when it is interrupted
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

if (load !== undefined) {
  const { soak } = await load();
  process.exitCode = (await soak.run(options)) ? 0 : 1;
} else {
  for (const [name, each] of Object.entries(SOAKS))
    process.stdout.write(`npm run soak -- ${name}   ${(await each()).soak.summary}\n`);
  process.exitCode = asked === '' ? 0 : 2;
}
