export const now = new Date();
export const text = Date();
