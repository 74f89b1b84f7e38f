export const root = 'axone/v1';
