import { test } from 'vitest';

test.skip('a lamp lights', () => undefined);
