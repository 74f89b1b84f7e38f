import { parse } from 'yaml';

export const message = parse('a: 1');
