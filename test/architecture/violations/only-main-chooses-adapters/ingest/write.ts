import { store } from '#adapters/store.ts';

export const write = store;
