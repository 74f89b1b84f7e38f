export const level = 100;
