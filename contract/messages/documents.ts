import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import type { CivilTime } from '#domain/civil-time.ts';
import { calendarField } from './calendar.ts';
import { controlProgramField } from './control-program.ts';
import { busField, DEVICES_LIMIT, fieldDevice, fieldGroup, GROUPS_LIMIT, profileField } from './field-devices.ts';
import {
  byField,
  deviceField,
  groupField,
  instantField,
  levelField,
  orderField,
  pointField,
  reasonField,
  revisionField,
  timeZoneField,
} from './fields.ts';

/** Retained documents of desired state, control → gateway, at most 128 kB each. */
export const DOCUMENT_LIMIT_BYTES = 128 * 1024;

/** Overrides that one gateway may have in force or to come. */
export const OVERRIDES_LIMIT = 500;

const stamped = { revision: revisionField, hash: z.string().regex(/^[0-9a-f]{64}$/) };

/** Object keys in order, so that the same content always has the same text. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** SHA-256, hexadecimal, of a document without its `hash`. */
export const documentHash = (document: object): string => {
  const { hash: _hash, ...content } = document as { hash?: string };
  return bytesToHex(sha256(utf8ToBytes(canonical(content))));
};

export const sealDocument = <T extends object>(content: T): T & { hash: string } => ({ ...content, hash: documentHash(content) });

const targetField = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('group'), group: groupField }),
  z.strictObject({ kind: z.literal('device'), device: deviceField }),
]);

export const programsDocument = z.strictObject({
  ...stamped,
  timeZone: timeZoneField,
  position: z.strictObject({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) }),
  /** Level of a light point that no program governs (TALQ defaultLightState). */
  defaultLevelPercent: levelField,
  lightPoints: z
    .array(
      z.strictObject({
        device: deviceField,
        ratedPowerW: z.number().positive(),
        /** Power drawn at levels 0 to 100 %, ascending in level; between two rows the power is interpolated. */
        powerTable: z
          .array(z.strictObject({ levelPercent: levelField, powerW: z.number().min(0) }))
          .min(2)
          .max(101),
      }),
    )
    .max(2000),
  groups: z.array(z.strictObject({ id: groupField, members: z.array(deviceField).min(1).max(2000) })).max(200),
  programs: z.array(controlProgramField).max(100),
  /** Hour at which the day of a program begins; absent: 12, noon to noon. */
  dayOffset: z.literal([0, 12]).optional(),
  calendars: z.array(calendarField).max(50).optional(),
  /** The last assignment that covers a device is its own: a program every day, or what a calendar chooses. */
  assignments: z
    .array(
      z
        .strictObject({ target: targetField, program: orderField.optional(), calendar: orderField.optional() })
        .refine(({ program, calendar }) => (program === undefined) !== (calendar === undefined), {
          path: ['program'],
          error: 'an assignment is of a program or of a calendar',
        }),
    )
    .max(2000),
  /** Light that is lit is never dimmed below these, whatever else asks. */
  safetyFloors: z
    .array(
      z.strictObject({
        id: orderField,
        target: targetField,
        minimumPercent: z.int().min(1).max(100),
        by: byField,
        reason: reasonField,
      }),
    )
    .max(200)
    .optional(),
});
export type ProgramsDocument = z.infer<typeof programsDocument>;

export const overridesDocument = z.strictObject({
  ...stamped,
  overrides: z
    .array(
      z.strictObject({
        id: orderField,
        target: targetField,
        levelPercent: levelField,
        startsAt: instantField,
        endsAt: instantField,
        by: byField,
        reason: reasonField,
      }),
    )
    .max(OVERRIDES_LIMIT),
});
export type OverridesDocument = z.infer<typeof overridesDocument>;

/** The most a gateway's loads may draw, by step. Obeyed by the guard; a gateway without flexible loads only stores it. */
export const envelopeDocument = z.strictObject({
  ...stamped,
  stepSeconds: z.int().min(60).max(3600),
  startsAt: instantField,
  capW: z.array(z.number().min(0)).min(1).max(800),
});
export type EnvelopeDocument = z.infer<typeof envelopeDocument>;

/** What each dwelling point may publish. A dwelling point that is absent publishes one value a day and is never controlled. */
export const consentsDocument = z.strictObject({
  ...stamped,
  timeZone: timeZoneField,
  points: z
    .array(
      z.strictObject({
        point: pointField,
        displayGrain: z.enum(['day', '30min']),
        control: z.boolean(),
        inactivityWatch: z.boolean(),
      }),
    )
    .max(2000),
});
export type ConsentsDocument = z.infer<typeof consentsDocument>;

/** Longest profile page that a document may carry, in characters. */
export const PROFILE_PAGE_LIMIT = 32 * 1024;

/**
 * The devices of the buses that a gateway's file leaves to the centre (`devicesFrom: centre`), and the groups on them. Whole: a
 * device that is not in it is no longer read. A bus that the file keeps for itself is refused.
 */
export const devicesDocument = z.strictObject({
  ...stamped,
  buses: z.array(z.strictObject({ bus: busField, devices: z.array(fieldDevice).max(DEVICES_LIMIT) })).max(32),
  groups: z.array(fieldGroup).max(GROUPS_LIMIT),
  /** Profile pages in YAML, by name, checked as those of the gateway are. On the buses of this document they go before them. */
  profiles: z
    .record(profileField, z.string().min(1).max(PROFILE_PAGE_LIMIT))
    .refine((pages) => Object.keys(pages).length <= 20, '20 profile pages at most'),
});
export type DevicesDocument = z.infer<typeof devicesDocument>;

export const documentSchemas = {
  programs: programsDocument,
  overrides: overridesDocument,
  envelope: envelopeDocument,
  consents: consentsDocument,
  devices: devicesDocument,
} as const;

export const programsExample: ProgramsDocument = sealDocument({
  revision: 7,
  timeZone: 'Europe/Paris',
  position: { latitude: 49.564, longitude: 3.62 },
  defaultLevelPercent: 100,
  lightPoints: [
    {
      device: 'luminaire-l01' as never,
      ratedPowerW: 40,
      powerTable: [
        { levelPercent: 0, powerW: 0.4 },
        { levelPercent: 50, powerW: 21.5 },
        { levelPercent: 100, powerW: 40 },
      ],
    },
  ],
  groups: [{ id: 'group-republique-nord' as never, members: ['luminaire-l01' as never] }],
  programs: [
    {
      id: 'program-rue',
      version: 7,
      name: 'Rue, abaissement 23:00',
      by: 'account-technician',
      activePeriods: [{ name: 'AstroClockActivePeriod' as const, sunsetOffset: 15, sunriseOffset: -15 }],
      fixedTimeControls: [
        { startTime: '05:00' as CivilTime, levelPercent: 100 },
        { startTime: '23:00' as CivilTime, levelPercent: 50 },
      ],
    },
  ],
  assignments: [{ target: { kind: 'all' as const }, program: 'program-rue' }],
});

export const overridesExample: OverridesDocument = sealDocument({
  revision: 31,
  overrides: [
    {
      id: 'override-7f3a',
      target: { kind: 'device' as const, device: 'luminaire-l01' as never },
      levelPercent: 70,
      startsAt: '2026-11-24T21:00:00Z',
      endsAt: '2026-11-25T05:00:00Z',
      by: 'account-technician',
      reason: 'works',
    },
  ],
});

export const envelopeExample: EnvelopeDocument = sealDocument({
  revision: 1,
  stepSeconds: 900,
  startsAt: '2026-11-24T17:00:00Z',
  capW: [36_000, 30_000],
});

export const consentsExample: ConsentsDocument = sealDocument({
  revision: 2,
  timeZone: 'Europe/Paris',
  points: [{ point: 'point-tilleuls-d07' as never, displayGrain: '30min' as const, control: false, inactivityWatch: false }],
});

export const devicesExample: DevicesDocument = sealDocument({
  revision: 4,
  buses: [
    {
      bus: 'bus-cabinet',
      devices: [
        {
          device: 'luminaire-l01' as never,
          profile: 'intesis-in703-d4i',
          unitId: 3,
          channel: 0,
          point: 'point-laon-republique-l01' as never,
          privacy: 'operational' as const,
          readOnly: false,
        },
      ],
    },
  ],
  groups: [],
  profiles: {},
});
