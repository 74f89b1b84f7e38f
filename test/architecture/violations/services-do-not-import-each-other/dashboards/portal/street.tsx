import { plan } from '#gateway/read-plan.ts';

export const street = plan;
