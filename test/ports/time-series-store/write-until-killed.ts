/** Writes batches of twenty readings and says each one once it is acknowledged, until it is killed. */
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import { instant, parseInstant } from '#domain/civil-time.ts';
import { pointId } from '#domain/identifiers.ts';

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const store = await createSqliteStore({ file: process.env['AXONE_TEST_FILE'] ?? '', logger });
const evening = parseInstant('2026-11-24T21:00:00Z');
const point = pointId('point-killed');

for (let batch = 1; ; batch += 1) {
  const readings = Array.from({ length: 20 }, (_, index) => ({
    point,
    privacy: 'operational' as const,
    at: instant(evening + (batch * 20 + index) * 10_000),
    values: [
      { quantity: 'activePowerW' as const, value: batch, quality: 'measured' as const },
      { quantity: 'voltageV' as const, value: 230, quality: 'measured' as const },
    ],
  }));
  await store.write(readings, { redelivered: false });
  process.stdout.write(`${JSON.stringify({ event: 'batch-acknowledged', batch })}\n`);
}
