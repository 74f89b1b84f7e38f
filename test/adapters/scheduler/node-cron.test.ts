import { describe, expect, it } from 'vitest';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createNodeCronScheduler } from '#adapters/scheduler/node-cron.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { formatInstant, parseInstant, timeZone } from '#domain/civil-time.ts';

const PARIS = timeZone('Europe/Paris');
const HOUR = 3_600_000;

const start = (civil: string, options: { readonly speed?: number } = {}) => {
  const clock = createSimulatedClock({ civil: parseInstant(civil), ...options });
  const lines: string[] = [];
  const write = (event: string): void => void lines.push(event);
  const logger: Logger = { info: write, warn: write, error: write };
  const scheduler = createNodeCronScheduler({ clock, logger });
  const runs: string[] = [];
  const note = async (at: Parameters<Parameters<typeof scheduler.every>[3]>[0]): Promise<void> =>
    void runs.push(formatInstant(at));
  return { clock, scheduler, runs, note, lines };
};

describe('a job of every night at 02:30 in Paris', () => {
  it('runs once each night', async () => {
    const { clock, scheduler, runs, note } = start('2026-11-24T12:00:00Z');
    scheduler.every('cells', '30 2 * * *', PARIS, note);
    await clock.advance(48 * HOUR);
    await scheduler.stop();
    expect(runs).toEqual(['2026-11-25T01:30:00Z', '2026-11-26T01:30:00Z']);
  });

  it('runs once in the night that has no 02:30', async () => {
    const { clock, scheduler, runs, note } = start('2026-03-28T20:00:00Z');
    scheduler.every('cells', '30 2 * * *', PARIS, note);
    await clock.advance(24 * HOUR);
    expect(runs).toEqual(['2026-03-29T01:30:00Z']);
  });

  it('runs once in the night that has two', async () => {
    const { clock, scheduler, runs, note } = start('2026-10-24T20:00:00Z');
    scheduler.every('cells', '30 2 * * *', PARIS, note);
    await clock.advance(24 * HOUR);
    expect(runs).toEqual(['2026-10-25T00:30:00Z']);
  });

  it('catches up once when the clock was moved over a week', async () => {
    const { clock, scheduler, runs, note } = start('2026-11-24T12:00:00Z');
    scheduler.every('cells', '30 2 * * *', PARIS, note);
    clock.stepCivil(parseInstant('2026-12-01T12:00:00Z'));
    await scheduler.runDue(clock.civilNow());
    await scheduler.runDue(clock.civilNow());
    expect(runs).toEqual(['2026-12-01T01:30:00Z']);
  });

  it('goes on after the clock was set back', async () => {
    const { clock, scheduler, runs, note } = start('2026-11-24T12:00:00Z');
    scheduler.every('cells', '30 2 * * *', PARIS, note);
    clock.stepCivil(parseInstant('2026-11-20T12:00:00Z'));
    await clock.advance(24 * HOUR);
    expect(runs).toEqual(['2026-11-21T01:30:00Z']);
  });
});

it('a day of a clock sixty times faster has its job within the civil hour', async () => {
  const { clock, scheduler, runs, note } = start('2026-11-24T12:00:00Z', { speed: 60 });
  scheduler.every('cells', '30 2 * * *', PARIS, note);
  await clock.advance((14 * HOUR) / 60);
  expect(runs).toEqual(['2026-11-25T01:30:00Z']);
});

it('a job that fails is said once and does not stop the others', async () => {
  const { clock, scheduler, runs, note, lines } = start('2026-11-24T12:00:00Z');
  scheduler.every('broken', '0 * * * *', PARIS, async () => {
    throw new Error('no store');
  });
  scheduler.every('cells', '0 * * * *', PARIS, note);
  await clock.advance(HOUR);
  expect([runs, lines]).toEqual([['2026-11-24T13:00:00Z'], ['job-failed']]);
});

it('a job of Mondays and of the first of the month follow the civil calendar', async () => {
  const { clock, scheduler, runs, note } = start('2026-11-24T12:00:00Z');
  scheduler.every('weekly', '5 0 * * 1', PARIS, note);
  clock.stepCivil(parseInstant('2026-11-30T00:00:00Z'));
  await scheduler.runDue(clock.civilNow());
  scheduler.every('monthly', '0 0 1 * *', PARIS, note);
  clock.stepCivil(parseInstant('2026-11-30T23:30:00Z'));
  await scheduler.runDue(clock.civilNow());
  expect(runs).toEqual(['2026-11-29T23:05:00Z', '2026-11-30T23:00:00Z']);
});

it('an expression that is wrong, or of seconds, is refused when it is given', async () => {
  const { scheduler, note } = start('2026-11-24T12:00:00Z');
  expect(() => scheduler.every('wrong', '61 2 * * *', PARIS, note)).toThrow('not a cron expression');
  expect(() => scheduler.every('seconds', '*/5 * * * * *', PARIS, note)).toThrow('whole minutes');
  await scheduler.stop();
});
