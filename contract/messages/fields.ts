import { z } from 'zod';
import { isCivilTime } from '#domain/civil-time.ts';
import type { DeviceId, GatewayId, GroupId, PointId } from '#domain/identifiers.ts';
import { IDENTIFIER_PATTERN } from '#domain/identifiers.ts';

/** Fields that several messages share. */
const identifier = <T extends string>(what: string) =>
  z
    .string()
    .regex(
      IDENTIFIER_PATTERN,
      `a ${what} identifier has lower-case letters, digits and single hyphens, 64 at most`,
    ) as unknown as z.ZodType<T, T>;

export const gatewayField = identifier<GatewayId>('gateway');
export const deviceField = identifier<DeviceId>('device');
export const groupField = identifier<GroupId>('group');
export const pointField = identifier<PointId>('measurement point');
/** Identifier of an override, a telecommand or a program. */
export const orderField = z
  .string()
  .regex(IDENTIFIER_PATTERN, 'an identifier has lower-case letters, digits and single hyphens, 64 at most');

/** ISO 8601 in UTC, such as `2026-11-24T16:15:00.250Z`. */
export const instantField = z.iso.datetime({ error: 'an instant is ISO 8601 in UTC, such as 2026-11-24T16:15:00Z' });
export const civilTimeField = z.string().refine(isCivilTime, 'a time of day is HH:MM or HH:MM:SS');
export const timeZoneField = z.string().min(1).max(64);
export const levelField = z.int().min(0).max(100);
export const revisionField = z.int().min(0);
export const sequenceField = z.int().min(0);
/** Who asked: an account, or the name of a service. Never an e-mail address. */
export const byField = z.string().min(1).max(64);
export const reasonField = z.string().min(1).max(200);
