export const later = setTimeout(() => 1, 1000);
