export const poll = 1;
