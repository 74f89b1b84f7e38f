import { nothing } from '#domain/absent.ts';

export const accept = nothing;
