import { type OverridesDocument, type ProgramsDocument, sealDocument } from '#contract/messages/documents.ts';
import type { CivilTime } from '#domain/civil-time.ts';
import { formatInstant, instant } from '#domain/civil-time.ts';
import { createRandom, seedOf } from '#simulators/devices/seeded-random.ts';

export const HOUR_MS = 3_600_000;
export const LAMPS = Array.from({ length: 24 }, (_, index) => `luminaire-${String(index + 1).padStart(2, '0')}`);

/** What the street is asked to do, in hours of its day, which has 24 of them. */
const SWITCHES = [
  { hour: 6, levelPercent: 60 },
  { hour: 8.5, levelPercent: 0 },
  { hour: 17, levelPercent: 100 },
  { hour: 20, levelPercent: 70 },
  { hour: 22.5, levelPercent: 30 },
] as const;
const OVERRIDE = { lamps: LAMPS.slice(0, 12), fromHour: 13, toHour: 15, levelPercent: 80 } as const;

export interface Change {
  readonly hour: number;
  readonly levelPercent: number;
}

/** Every change of the level of a lamp, from the beginning of the day on. */
export const changesOf = (lamp: string): readonly Change[] => {
  const { lamps, fromHour, toHour, levelPercent } = OVERRIDE;
  const own = lamps.includes(lamp)
    ? [
        { hour: fromHour, levelPercent },
        { hour: toHour, levelPercent: 0 },
      ]
    : [];
  return [{ hour: 0, levelPercent: SWITCHES[4].levelPercent }, ...SWITCHES, ...own].sort((a, b) => a.hour - b.hour);
};

const civilTime = (hour: number): CivilTime =>
  `${String(Math.floor(hour)).padStart(2, '0')}:${hour % 1 === 0 ? '00' : '30'}` as CivilTime;

export const programsOfDay = (): ProgramsDocument =>
  sealDocument({
    revision: 1,
    timeZone: 'Europe/Paris',
    position: { latitude: 49.564, longitude: 3.62 },
    defaultLevelPercent: 100,
    lightPoints: LAMPS.map((device) => ({
      device: device as never,
      ratedPowerW: 40,
      powerTable: [0, 50, 100].map((levelPercent) => ({ levelPercent, powerW: 0.4 + levelPercent * 0.4 })),
    })),
    groups: [{ id: 'group-republique-nord' as never, members: OVERRIDE.lamps as never }],
    programs: [
      {
        id: 'program-day',
        version: 1,
        name: 'A day',
        by: 'account-technician',
        activePeriods: [],
        fixedTimeControls: SWITCHES.map(({ hour, levelPercent }) => ({ startTime: civilTime(hour), levelPercent })),
      },
    ],
    assignments: [{ target: { kind: 'all' as const }, program: 'program-day' }],
  });

export const overridesOfDay = (civilAt: number): OverridesDocument =>
  sealDocument({
    revision: 1,
    overrides: [
      {
        id: 'override-day',
        target: { kind: 'group' as const, group: 'group-republique-nord' as never },
        levelPercent: OVERRIDE.levelPercent,
        startsAt: formatInstant(instant(civilAt + OVERRIDE.fromHour * HOUR_MS)),
        endsAt: formatInstant(instant(civilAt + OVERRIDE.toHour * HOUR_MS)),
        by: 'account-technician',
        reason: 'works',
      },
    ],
  });

export interface Absence {
  readonly fromHour: number;
  readonly toHour: number;
}

export interface Reboot extends Absence {
  /** The clock is not known after it for so long, elapsed. */
  readonly unknownMs: number;
}

export interface DayPlan {
  readonly reboots: readonly Reboot[];
  readonly cuts: readonly Absence[];
  /** The cabinet's meter does not answer. */
  readonly silence: Absence;
}

/** How long the clock of the box that wakes in 1970 is wrong. Elapsed milliseconds. */
const UNKNOWN_MS = 8000;

/**
 * Six reboots, one in each four hours: two of them over a switch point and over the end of the override, one of them with a clock that
 * starts in 1970. Three cuts of the network, one of them over the night's end.
 */
export const planDay = (seed: number): DayPlan => {
  const random = createRandom(seedOf(seed, 'day'));
  const within = (least: number, most: number): number => least + random() * (most - least);
  const absence = (fromHour: number, hours: number): Absence => ({ fromHour, toHour: fromHour + hours });
  const reboot = (fromHour: number, unknownMs = 0): Reboot => ({ ...absence(fromHour, within(0.1, 0.4)), unknownMs });
  const over = (hour: number): Reboot => ({ fromHour: hour - within(0.05, 0.3), toHour: hour + within(0.05, 0.3), unknownMs: 0 });
  return {
    reboots: [
      reboot(within(1, 3.5)),
      reboot(within(4, 5.5)),
      reboot(within(9, 11.5), UNKNOWN_MS),
      over(OVERRIDE.toHour),
      over(17),
      reboot(within(20.5, 22)),
    ],
    cuts: [
      absence(within(5.6, 5.9), within(1, 2.2)),
      absence(within(11.7, 12.5), within(0.2, 1)),
      absence(within(18, 19), within(0.3, 1.2)),
    ],
    silence: absence(18.5, 0.5),
  };
};
