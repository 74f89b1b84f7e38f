export const often = globalThis.setInterval(() => 1, 1000);
