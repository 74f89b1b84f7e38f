import { createTask, parse, type ScheduledTask, validateDetailed } from 'node-cron';
import { reasonOf } from '#contract/errors.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { Scheduler } from '#contract/ports/scheduler.ts';
import {
  addDays,
  type CivilDate,
  civilDateOf,
  civilTime,
  formatInstant,
  type Instant,
  instantOf,
  type TimeZone,
} from '#domain/civil-time.ts';

export interface NodeCronSchedulerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

const TICK_CIVIL_MS = 60_000;
/** An accelerated clock is looked at often, but never in a busy loop. */
const SHORTEST_TICK_MS = 1000;

/** The civil times of one expression, of any zone: node-cron says whether a date and time match, our civil time when they are. */
interface CronTimes {
  readonly matches: ScheduledTask;
  /** `HH:MM`, latest first. */
  readonly timesOfDay: readonly string[];
}

interface Job {
  readonly name: string;
  readonly times: CronTimes;
  readonly zone: TimeZone;
  readonly run: (at: Instant) => Promise<void>;
  seenUntil: Instant;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

const readCron = (cron: string): CronTimes => {
  const { valid, errors } = validateDetailed(cron);
  if (!valid) throw new RangeError(`"${cron}" is not a cron expression: ${errors.map(({ message }) => message).join('; ')}`);
  if (cron.trim().split(/\s+/).length !== 5) throw new RangeError(`"${cron}" must have five fields: jobs run at whole minutes`);
  const { hour, minute } = parse(cron);
  const timesOfDay = hour
    .flatMap((h) => minute.map((m) => `${twoDigits(h)}:${twoDigits(m)}`))
    .toSorted()
    .toReversed();
  return { matches: createTask(cron, () => undefined, { timezone: 'Etc/UTC' }), timesOfDay };
};

/** The latest civil time of the expression after one instant and until another, or null. A time that comes twice in autumn counts once. */
const latestDue = ({ matches, timesOfDay }: CronTimes, zone: TimeZone, after: Instant, until: Instant): Instant | null => {
  const firstDay = civilDateOf(after, zone);
  for (let date: CivilDate = civilDateOf(until, zone); date >= firstDay; date = addDays(date, -1)) {
    for (const time of timesOfDay) {
      if (!matches.match(new Date(`${date}T${time}:00Z`))) continue;
      const at = instantOf(date, civilTime(time), zone);
      if (at > after && at <= until) return at;
    }
  }
  return null;
};

/** Jobs by civil time, on the clock port: node-cron reads the expressions, its own timers are never started. */
export const createNodeCronScheduler = ({ clock, logger }: NodeCronSchedulerOptions): Scheduler => {
  const jobs = new Map<string, Job>();
  let timer: Timer | null = null;
  let stopped = false;
  let inCourse: Promise<void> = Promise.resolve();

  const runJob = async (job: Job, now: Instant): Promise<void> => {
    // A clock set back makes its times come again.
    const after = now < job.seenUntil ? now : job.seenUntil;
    job.seenUntil = now;
    const at = latestDue(job.times, job.zone, after, now);
    if (at === null) return;
    try {
      await job.run(at);
    } catch (thrown) {
      logger.error('job-failed', { job: job.name, for: formatInstant(at), reason: reasonOf(thrown) });
    }
  };

  const runDue = (now: Instant): Promise<void> => {
    inCourse = inCourse.then(async () => {
      for (const job of jobs.values()) if (!stopped) await runJob(job, now);
    });
    return inCourse;
  };

  const tick = (): void => {
    if (stopped) return;
    timer = clock.after(Math.max(SHORTEST_TICK_MS, TICK_CIVIL_MS / clock.speed), () => {
      const turn = clock.civilState() === 'unknown' ? Promise.resolve() : runDue(clock.civilNow());
      void turn.then(tick);
    });
  };

  return {
    every: (name, cron, zone, run) => {
      if (jobs.has(name)) throw new RangeError(`There is already a job named ${name}`);
      jobs.set(name, { name, times: readCron(cron), zone, run, seenUntil: clock.civilNow() });
      if (timer === null) tick();
    },
    runDue,
    stop: async () => {
      stopped = true;
      timer?.cancel();
      await inCourse;
    },
  };
};
