import type { MeasurementBinding } from '#domain/assets/measurement-point.ts';
import type { Instant } from '#domain/civil-time.ts';
import type { PointId } from '#domain/identifiers.ts';

/** Instants at which another meter took a point over: the starts of its bindings after the first, where the meter differs. */
export const replacementsOf = (point: PointId, bindings: readonly MeasurementBinding[]): readonly Instant[] => {
  const own = bindings.filter((binding) => binding.point === point).toSorted((a, b) => a.from - b.from);
  return own.flatMap((binding, index) => {
    const before = own[index - 1];
    return before === undefined || before.meter === binding.meter ? [] : [binding.from];
  });
};
