import { vi } from 'vitest';

vi.mock('mqtt');
