import { started } from '#control/main.ts';

export const user = started;
