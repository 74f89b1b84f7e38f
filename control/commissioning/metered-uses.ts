import type { MeasurementPoint, PointUse } from '#domain/assets/measurement-point.ts';

const METERED: readonly PointUse[] = ['cabinet-meter', 'common-parts', 'dwelling'];

/** Whether a meter gives this point its readings; a lamp, a sensor or a controller has a point of its own. */
export const isMetered = ({ use }: Pick<MeasurementPoint, 'use'>): boolean => METERED.includes(use);
