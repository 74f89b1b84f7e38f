import type { Insertable } from 'kysely';
import type { MeasurementBinding } from '#domain/assets/measurement-point.ts';
import type { RegistryTables } from './tables.ts';

/** `from` and `to` are words of SQL: the columns have other names. */
export const bindingRows = (
  bindings: readonly MeasurementBinding[],
): readonly Insertable<RegistryTables['measurementBinding']>[] =>
  bindings.map(({ from, to, ...binding }) => ({ ...binding, startsAt: from, endsAt: to }));
