import { root } from '#contract/topics.ts';

export const unit = root;
