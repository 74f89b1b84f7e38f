import { day } from './day.ts';

export const night = (): unknown => day;
