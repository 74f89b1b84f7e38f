import type { Tariff } from '../tariff.ts';
import { edfBase6kVA } from './edf-base-6kva.ts';

export const DEFAULT_TARIFF: Tariff = edfBase6kVA;

/** Every tariff the platform knows, by its identifier. */
export const TARIFFS: ReadonlyMap<string, Tariff> = new Map([[edfBase6kVA.id, edfBase6kVA]]);
