export const soon = setImmediate(() => 1);
