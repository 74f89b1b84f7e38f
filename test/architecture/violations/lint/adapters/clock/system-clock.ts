export const now = Date.now();
export const later = setTimeout(() => 1, 1000);
