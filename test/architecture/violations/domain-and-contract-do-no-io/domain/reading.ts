import { readFileSync } from 'node:fs';

export const readings = readFileSync('readings.csv', 'utf8');
