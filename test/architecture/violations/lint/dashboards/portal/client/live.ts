export const later = window.setTimeout(() => 1, 1000);
