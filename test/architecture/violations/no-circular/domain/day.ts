import { night } from './night.ts';

export const day = (): unknown => night;
