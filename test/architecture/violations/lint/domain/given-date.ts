export const at = (instant: number): Date => new Date(instant);
